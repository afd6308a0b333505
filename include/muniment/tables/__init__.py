"""Arrow schemas, and Parquet in and out. The only folder that imports pyarrow."""
