"""A package, so that its Airflow is stopped when its tests are done and not when all are."""
