"""The catalog itself: what it holds, and how single snapshots enter it. Readers of it believe the bucket first."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from muniment.catalog.filing import Filing, file_snapshot
from muniment.catalog.schema import OF_SNAPSHOTS, SCHEMA, TABLES, VERSION, create_bookkeeping, create_tables
from muniment.catalog.session import PATIENT, Session, describe, missing, open_session
from muniment.errors import CatalogMissingError, CatalogVersionError
from muniment.evidence.layout import VolumeAddress
from muniment.evidence.manifest import Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyStatus:
    """What the catalog holds of one agency, and when it was last built from the bucket."""

    agency: str
    built_at: datetime
    snapshots: int
    last_sealed_at: datetime | None
    rows: dict[str, int]  # of every table, by its name


class Shelf:
    """The rows of one agency in one schema: those that everybody sees, or those that a rebuild stages."""

    def __init__(self, session: Session, schema: str, agency: str) -> None:
        self._session, self._schema, self._agency = session, schema, agency

    def list_snapshots(self, volume: VolumeAddress) -> frozenset[str]:
        """Return the snapshots of *volume* that are filed, also those whose manifest cannot be read."""
        filed = self._session.ask(
            f"SELECT snapshot FROM {self._schema}.snapshots"  # noqa: S608
            " WHERE agency = %s AND series = %s AND account = %s AND volume = %s",
            (self._agency, volume.series, volume.account, volume.volume),
        )
        faulty = self._session.ask(
            f"SELECT split_part(substr(key, %s), '/', 1) FROM {self._schema}.unreadable"  # noqa: S608
            " WHERE agency = %s AND starts_with(key, %s)",
            (len(f"{volume.prefix}snapshot=") + 1, self._agency, volume.prefix),
        )
        self._session.commit()
        return frozenset(str(name) for (name,) in (*filed, *faulty))

    def list_entries(self) -> frozenset[str]:
        """Return the keys of the entries of registers and log that are filed."""
        found = self._session.ask(
            f"SELECT key FROM {self._schema}.entries WHERE agency = %s",  # noqa: S608
            (self._agency,),
        )
        self._session.commit()
        return frozenset(str(key) for (key,) in found)

    def forget(self, volume: VolumeAddress, snapshots: Collection[str]) -> None:
        """Take out the *snapshots* of *volume*, whose manifests were destroyed; once or many times is the same."""
        self._session.lock()
        place = (self._agency, volume.series, volume.account, volume.volume, list(snapshots))
        for table in OF_SNAPSHOTS:
            self._session.run(
                f"DELETE FROM {self._schema}.{table.name}"  # noqa: S608
                " WHERE agency = %s AND series = %s AND account = %s AND volume = %s AND snapshot = ANY(%s)",
                place,
            )
        self._session.commit()

    def add(self, filings: Sequence[Filing]) -> None:
        """File *filings*, in place of what is there of the same objects."""
        self._session.lock()
        check_version(self._session)
        check_built(self._session, self._agency)
        for filing in filings:
            self._session.remove(self._schema, filing)
        self._session.insert(self._schema, filings)
        self._session.commit()


@dataclass(frozen=True, slots=True)
class Catalog:
    """The catalog at *address*, a connection string of PostgreSQL."""

    address: str

    @property
    def place(self) -> str:
        """Return where it is, without who signs in and with what."""
        return describe(self.address)

    def prepare(self) -> None:
        """Make the empty tables unless there are some.

        Raises:
            CatalogVersionError: there are some, of another version.
        """
        with open_session(self.address) as session:
            session.lock()
            if _has_tables(session):
                check_version(session)
            else:
                make_tables(session)

    def record(self, manifest: Manifest, manifest_sha256: str) -> None:
        """File one sealed snapshot; once or many times is the same.

        Raises:
            CatalogMissingError: the catalog was not built for the agency.
            CatalogVersionError: its tables are of another version.
            CatalogUnavailableError: the server did not answer in time.
        """
        filing = file_snapshot(manifest, manifest_sha256, len(manifest.to_bytes()))
        with self.open_shelf(manifest.agency) as shelf:
            shelf.add([filing])

    @contextmanager
    def open_shelf(self, agency: str) -> Iterator[Shelf]:
        """Open what everybody sees of *agency*; as for `record`."""
        with open_session(self.address) as session:
            check_version(session)
            check_built(session, agency)
            session.commit()
            yield Shelf(session, SCHEMA, agency)

    def read_status(self) -> list[AgencyStatus]:
        """Return what the catalog holds of each agency for which it was built.

        Raises:
            CatalogError: as for `record`.
        """
        with open_session(self.address, patience=PATIENT) as session:
            check_version(session)
            built = session.ask(f"SELECT agency, built_at FROM {SCHEMA}.agencies ORDER BY agency")  # noqa: S608
            return [_read_agency(session, str(agency), built_at) for agency, built_at in built]


def check_version(session: Session) -> None:
    """Return when the tables are of the version that this program writes.

    Raises:
        CatalogVersionError: they are of another.
        CatalogMissingError: there are none.
    """
    if not _has_tables(session):
        raise missing()
    found = [version for (version,) in session.ask(f"SELECT version FROM {SCHEMA}.catalog")]  # noqa: S608
    if found != [VERSION]:
        raise CatalogVersionError(
            f"catalog: expected tables of version {VERSION}, found {found}; `muniment catalog rebuild` makes them anew"
        )


def check_built(session: Session, agency: str) -> None:
    """Return when the catalog was built for *agency*.

    Raises:
        CatalogMissingError: it was not.
    """
    if not session.ask(f"SELECT 1 FROM {SCHEMA}.agencies WHERE agency = %s", (agency,)):  # noqa: S608
        raise CatalogMissingError(
            f"catalog of {agency}: expected one, found none; `muniment catalog rebuild --agency {agency}` builds it"
        )


def make_tables(session: Session) -> None:
    """Make the tables, in place of those that are there."""
    # Who may make tables in the schema need not have the right to make the schema.
    if not session.ask("SELECT 1 FROM pg_namespace WHERE nspname = %s", (SCHEMA,)):
        session.run(f"CREATE SCHEMA {SCHEMA}")
    for (name,) in session.ask("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = %s", (SCHEMA,)):
        session.run(f"DROP TABLE {SCHEMA}.{name} CASCADE")
    for statement in (*create_tables(SCHEMA), *create_bookkeeping()):
        session.run(statement)


def _has_tables(session: Session) -> bool:
    return bool(session.ask("SELECT 1 WHERE to_regclass(%s) IS NOT NULL", (f"{SCHEMA}.catalog",)))


def _read_agency(session: Session, agency: str, built_at: datetime) -> AgencyStatus:
    rows = {
        table.name: int(
            session.ask(f"SELECT count(*) FROM {SCHEMA}.{table.name} WHERE agency = %s", (agency,))[0][0]  # noqa: S608
        )
        for table in TABLES
    }
    ((last,),) = session.ask(f"SELECT max(sealed_at) FROM {SCHEMA}.snapshots WHERE agency = %s", (agency,))  # noqa: S608
    return AgencyStatus(agency=agency, built_at=built_at, snapshots=rows["snapshots"], last_sealed_at=last, rows=rows)
