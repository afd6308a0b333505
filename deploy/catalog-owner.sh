#!/bin/sh
# PostgreSQL's image runs this once, when it makes its data folder: the catalog gets an owner and a schema of its own.
set -eu
secret=$(cat "$SECRETS_FOLDER/catalog_password")
case $secret in
    '' | *[!A-Za-z0-9_-]*) echo "catalog_password: expected letters, digits, _ and -, found something else" >&2; exit 78 ;;
esac
# A failing statement would be written to the log, password and all.
psql --no-psqlrc --quiet -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" <<SQL
SET log_min_error_statement = panic;
CREATE ROLE muniment LOGIN PASSWORD '$secret';
CREATE SCHEMA muniment AUTHORIZATION muniment;
SQL
