"""What joins Muniment to Airflow: sign-in, roles, notices, retries, the tasks of a snapshot."""
