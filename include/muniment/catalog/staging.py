"""A rebuild: new rows of one agency beside the old ones, compared with them or put in their place at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from muniment.catalog.filing import Filing
from muniment.catalog.index import Catalog, Shelf, check_built, check_version, make_tables
from muniment.catalog.schema import ENTRIES, SCHEMA, STAGED, TABLES, Table, create_tables, quote
from muniment.catalog.session import PATIENT, Session, open_session
from muniment.errors import CatalogMissingError, CatalogVersionError

SHOWN = 1000  # differences of one table that are fetched; all are counted


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that catalog and bucket do not agree on: `what` is ``missing``, ``extra`` or ``differs``."""

    table: str
    what: str
    row: tuple[str, ...]  # its key without the agency


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the catalog differs from the bucket: how often, and the first `SHOWN` of each table."""

    count: int
    differences: tuple[Difference, ...]


class Staging:
    """The new rows of one agency, in tables of this session alone: a rebuild that dies leaves nothing."""

    def __init__(self, session: Session, agency: str) -> None:
        self._session, self._agency = session, agency
        self.shelf = Shelf(session, STAGED, agency)

    def add(self, filings: Sequence[Filing]) -> None:
        """Stage *filings*, of objects of which nothing is staged yet."""
        self._session.insert(STAGED, filings)
        self._session.commit()  # reading a bucket takes long, and an open transaction holds up the server's cleaning

    def shut_out_writers(self) -> None:
        """Let nobody else write to the catalog until this session ends."""
        self._session.lock_until_end()

    def count(self) -> dict[str, int]:
        """Return how many rows of each table are staged."""
        return {
            table.name: int(self._session.ask(f"SELECT count(*) FROM {STAGED}.{table.name}")[0][0])  # noqa: S608
            for table in TABLES
        }

    def swap(self) -> None:
        """Put the staged rows in the place of the agency's old ones, in one transaction.

        Tables of another version are made anew, which leaves other agencies to be built again.
        """
        try:
            check_version(self._session)
        except (CatalogMissingError, CatalogVersionError):
            make_tables(self._session)
        for table in TABLES:
            columns = quote(tuple(table.columns))
            self._session.run(f"DELETE FROM {SCHEMA}.{table.name} WHERE agency = %s", (self._agency,))  # noqa: S608
            self._session.run(
                f"INSERT INTO {SCHEMA}.{table.name} ({columns}) SELECT {columns} FROM {STAGED}.{table.name}"  # noqa: S608
            )
        self._session.run(
            f"INSERT INTO {SCHEMA}.agencies VALUES (%s, now())"  # noqa: S608
            " ON CONFLICT (agency) DO UPDATE SET built_at = excluded.built_at",
            (self._agency,),
        )
        self._session.commit()

    def compare(self) -> Comparison:
        """Compare the staged rows with those that everybody sees.

        Entries of registers and log that nobody has filed yet are filed first: runs file their
        snapshots, and an entry waits for the next run.

        Raises:
            CatalogMissingError: the catalog was not built for the agency.
            CatalogVersionError: its tables are of another version.
        """
        check_version(self._session)
        check_built(self._session, self._agency)
        self._session.run(
            f"INSERT INTO {SCHEMA}.{ENTRIES.name} SELECT * FROM {STAGED}.{ENTRIES.name} ON CONFLICT DO NOTHING"  # noqa: S608
        )
        self._session.commit()
        counts, differences = 0, list[Difference]()
        for table in TABLES:
            count, found = _compare_table(self._session, table, self._agency)
            counts += count
            differences += found
        return Comparison(counts, tuple(differences))


@contextmanager
def open_staging(catalog: Catalog, agency: str) -> Iterator[Staging]:
    """Open a session with empty staging tables for *agency*.

    Raises:
        CatalogUnavailableError: the server did not answer.
    """
    with open_session(catalog.address, patience=PATIENT) as session:
        for statement in create_tables(STAGED):
            session.run(statement)
        session.commit()
        yield Staging(session, agency)


def _compare_table(session: Session, table: Table, agency: str) -> tuple[int, list[Difference]]:
    key = quote(table.key_columns)
    names = ", ".join(f'"{name}"::text' for name in table.key_columns[1:])
    found = session.ask(
        f"SELECT count(*) OVER (), new IS NULL, old IS NULL, {names}"  # noqa: S608
        f" FROM (SELECT {key}, staged AS new FROM {STAGED}.{table.name} AS staged) AS bucket"
        f" FULL JOIN (SELECT {key}, kept AS old FROM {SCHEMA}.{table.name} AS kept WHERE agency = %s) AS catalog"
        f" USING ({key}) WHERE new::text IS DISTINCT FROM old::text ORDER BY {key} LIMIT {SHOWN}",
        (agency,),
    )
    differences = [
        Difference(table.name, "extra" if no_new else "missing" if no_old else "differs", tuple(row))
        for _, no_new, no_old, *row in found
    ]
    return (int(found[0][0]) if found else 0), differences
