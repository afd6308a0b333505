"""The catalog: an index over the vault, in PostgreSQL. All of it can be made anew from the bucket alone."""
