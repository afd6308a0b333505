"""A session with PostgreSQL: the one place that knows the driver, its errors and the catalog's lock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg2
import psycopg2.errors
from psycopg2.extensions import parse_dsn
from psycopg2.extras import execute_values

from muniment.catalog.filing import Filing
from muniment.catalog.schema import SCHEMA, TABLES, quote
from muniment.errors import CatalogError, CatalogMissingError, CatalogUnavailableError, ConfigurationError

_CONNECT_WITHIN_S = 3  # a capture waits for it
_LOCK = 0x6D756E69  # "muni"; every writer takes this one, so that writers come one after the other
_PAGE = 500
PATIENT = "-c lock_timeout=0 -c statement_timeout=0"
BRIEF = "-c lock_timeout=5s -c statement_timeout=30s"


class Session:
    """One connection. What is done between two commits is done whole or not at all."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def run(self, statement: str, values: Sequence[object] = ()) -> None:
        """Run *statement*, its ``%s`` filled with *values*."""
        with self._connection.cursor() as cursor:
            cursor.execute(statement, tuple(values) or None)

    def ask(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run *statement* as `run` does and return the rows that it finds."""
        with self._connection.cursor() as cursor:
            cursor.execute(statement, tuple(values) or None)
            return list(cursor.fetchall())

    def insert(self, schema: str, filings: Iterable[Filing]) -> None:
        """Put the rows of *filings* into the tables of *schema*."""
        rows = [row for filing in filings for row in filing.rows]
        with self._connection.cursor() as cursor:
            for table in TABLES:
                values = [[row[name] for name in table.columns] for mine, row in rows if mine is table]
                statement = f"INSERT INTO {schema}.{table.name} ({quote(tuple(table.columns))}) VALUES %s"  # noqa: S608
                if values:
                    execute_values(cursor, statement, values, page_size=_PAGE)

    def remove(self, schema: str, filing: Filing) -> None:
        """Take out what *filing* replaces."""
        matches = " AND ".join(f'"{name}" = %s' for name in filing.identity)
        for table in filing.replaces:
            self.run(f"DELETE FROM {schema}.{table.name} WHERE {matches}", tuple(filing.identity.values()))  # noqa: S608

    def lock(self) -> None:
        """Let no other writer in until the next commit."""
        self.run("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))

    def lock_until_end(self) -> None:
        """Let no other writer in until the session ends."""
        self.run("SELECT pg_advisory_lock(%s)", (_LOCK,))

    def commit(self) -> None:
        """Make what was done since the last commit stay."""
        self._connection.commit()


@contextmanager
def open_session(address: str, *, patience: str = BRIEF) -> Iterator[Session]:
    """Open a session with the server at *address*; it commits when it ends well.

    Raises:
        ConfigurationError: *address* is no connection string.
        CatalogMissingError: the tables are not there.
        CatalogUnavailableError: the server did not answer, or somebody else holds the lock.
        CatalogError: the server refused for another reason.
    """
    place = describe(address)
    try:
        connection = psycopg2.connect(
            address,
            connect_timeout=_CONNECT_WITHIN_S,
            application_name="muniment catalog",
            options=f"-c timezone=UTC {patience}",
        )
    except psycopg2.Error as error:
        # What libpq says may quote the connection string.
        raise CatalogUnavailableError(
            f"catalog: expected PostgreSQL to answer at {place}, found {type(error).__name__}"
        ) from None
    try:
        yield Session(connection)
        connection.commit()
    except psycopg2.Error as error:
        raise _translate(error, place) from None
    finally:
        connection.close()


def describe(address: str) -> str:
    """Return server, port and database of *address*, without who signs in and with what.

    Raises:
        ConfigurationError: *address* is no connection string.
    """
    try:
        parts = parse_dsn(address)
    except psycopg2.Error:
        raise ConfigurationError(
            "catalog: expected a connection string as postgresql://..., found another text"
        ) from None
    return f"{parts.get('host', 'this machine')}:{parts.get('port', '5432')}/{parts.get('dbname', '')}"


def _translate(error: psycopg2.Error, place: str) -> CatalogError:
    # The server's own words may quote a row.
    found = f"{type(error).__name__} ({error.pgcode or 'no code'})"
    if isinstance(error, psycopg2.errors.UndefinedTable | psycopg2.errors.InvalidSchemaName):
        return missing()
    busy = (psycopg2.errors.LockNotAvailable, psycopg2.errors.QueryCanceled)
    if isinstance(error, (*busy, psycopg2.OperationalError, psycopg2.InterfaceError)):
        return CatalogUnavailableError(f"catalog at {place}: expected an answer in time, found {found}")
    return CatalogError(f"catalog at {place}: expected the statement done, found {found}")


def missing() -> CatalogMissingError:
    """Return the error that says that the catalog was never built."""
    return CatalogMissingError(
        f"catalog: expected its tables in schema {SCHEMA}, found none; `muniment catalog rebuild` makes them"
    )
