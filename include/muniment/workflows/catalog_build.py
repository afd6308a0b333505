"""Build the catalog from the bucket alone, compare the two, and say what the catalog holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from muniment.catalog.index import AgencyStatus
from muniment.catalog.staging import Comparison, Staging, open_staging
from muniment.custody.vault import Vault
from muniment.errors import CatalogError, CatalogMissingError, ConfigurationError, CustodyError
from muniment.settings import Settings, read_settings
from muniment.workflows.catalog_walk import walk_vault
from muniment.workflows.history import list_pairs
from muniment.workflows.planning import agency_ids, check_agency
from muniment.workflows.wiring import open_catalog, open_vault

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What a rebuild put into the catalog: rows by table, and each manifest that is none, with its fault."""

    agency: str
    rows: dict[str, int]
    unreadable: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """How the catalog of an agency differs from its bucket, and how many snapshots the bucket has."""

    agency: str
    snapshots: int
    comparison: Comparison


def choose_agencies(agency_id: str | None, settings: Settings | None = None) -> list[str]:
    """Return *agency_id*, or every agency when it is None.

    Raises:
        ConfigurationError: there is no such agency.
    """
    settings = settings or read_settings()
    if agency_id is None:
        return agency_ids(settings)
    check_agency(agency_id, settings)
    return [agency_id]


def rebuild(agency_id: str, settings: Settings | None = None, *, progress: Progress = lambda _: None) -> Rebuilt:
    """Read the agency's bucket and put what it says in the place of what the catalog holds, at once.

    *progress* is told how many manifests and entries have been read.

    Raises:
        CatalogError: the database did not do what it should; the catalog is as it was.
        CustodyError: the store did not answer; the catalog is as it was.
    """
    settings = settings or read_settings()
    vault = open_vault(agency_id, settings)
    with open_staging(open_catalog(settings), agency_id) as staging:
        faults = _stage(vault, agency_id, staging, progress)
        staging.swap()
        return Rebuilt(agency=agency_id, rows=staging.count(), unreadable=tuple(faults))


def compare(agency_id: str, settings: Settings | None = None, *, progress: Progress = lambda _: None) -> Compared:
    """Read the agency's bucket and compare what it says with the catalog, row by row.

    Raises:
        CatalogMissingError: the catalog was not built for the agency.
        CatalogError: the database did not do what it should.
        CustodyError: the store did not answer.
    """
    settings = settings or read_settings()
    vault = open_vault(agency_id, settings)
    catalog = open_catalog(settings)
    with catalog.open_shelf(agency_id):
        pass  # what is not there is said before a whole bucket is read
    with open_staging(catalog, agency_id) as staging:
        _stage(vault, agency_id, staging, progress)
        return Compared(agency=agency_id, snapshots=staging.count()["snapshots"], comparison=staging.compare())


def read_status(settings: Settings | None = None) -> list[AgencyStatus]:
    """Return what the catalog holds of each agency for which it was built.

    Raises:
        CatalogError: the catalog cannot be read.
    """
    return open_catalog(settings or read_settings()).read_status()


def prepare_catalog(settings: Settings) -> list[str]:
    """Make the catalog, for each agency that has no snapshot yet; return one sentence for each that is to be built.

    Nothing is raised: what records are made of does not wait for an index.
    """
    try:
        catalog = open_catalog(settings)
        catalog.prepare()
    except (CatalogError, ConfigurationError) as error:
        return [str(error)]
    notes: list[str] = []
    for agency_id in agency_ids(settings):
        try:
            with catalog.open_shelf(agency_id):
                pass
        except CatalogMissingError as error:
            notes += _build_if_empty(agency_id, settings, error)
    return notes


def _build_if_empty(agency_id: str, settings: Settings, error: CatalogMissingError) -> list[str]:
    try:
        if list_pairs(open_vault(agency_id, settings)):
            return [str(error)]  # to read a whole bucket would hold up what waits for us
        rebuild(agency_id, settings)
    except (CatalogError, CustodyError) as fault:
        return [str(fault)]
    return []


def _stage(vault: Vault, agency_id: str, staging: Staging, progress: Progress) -> list[tuple[str, str]]:
    faults: list[tuple[str, str]] = []
    read = 0
    for last in (False, True):
        if last:
            # What was sealed meanwhile is read while nobody can file: nothing falls between old rows and new ones.
            staging.shut_out_writers()
        shelf = staging.shelf
        for batch in walk_vault(vault, agency_id, filed=shelf.list_snapshots, entries=shelf.list_entries):
            staging.add(batch)
            faults += [fault for filing in batch for fault in filing.faults]
            read += len(batch)
            progress(read)
    return faults
