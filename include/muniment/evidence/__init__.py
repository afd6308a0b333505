"""What an auditor must trust: hashes, keys, manifests, findings, verification.

Pure. Standard library and cryptography only; nothing here knows a cloud, a database or Airflow.
"""
