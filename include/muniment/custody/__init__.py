"""The vault, and the doctor that proves its store. The only folder that imports boto3."""
