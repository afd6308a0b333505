"""Examine: make the agency's bucket, prove that its lock is real, and enter the result in its register."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from muniment.custody.attempts import Attempt, attempt_deletion
from muniment.custody.bucket_policy import restrict_bucket
from muniment.custody.buckets import create_bucket
from muniment.custody.client import connect
from muniment.custody.doctor import DoctorReport, examine
from muniment.custody.store_checks import check_store_passed, record_check
from muniment.custody.vault import Vault
from muniment.errors import AgencyFilesError, ConfigurationError, StoreUnfitError
from muniment.records.agency import Agency
from muniment.records.names import parse_instant
from muniment.retention.locks import compute_volume_lock, volume_of
from muniment.settings import Settings, StoreSettings, read_settings
from muniment.workflows.planning import agency_ids, open_agency
from muniment.workflows.wiring import open_vault


def examine_store(agency_id: str, settings: Settings | None = None) -> DoctorReport:
    """Examine the store that keeps the agency's bucket; the bucket is made when there is none.

    Raises:
        AgencyFilesError: the agency's files have faults.
        StoreUnfitError: there is a bucket, and it lacks Object Lock or versioning.
        StoreUnavailableError: the store did not answer.
    """
    settings = settings or read_settings()
    agency, store = open_agency(agency_id, settings), settings.store
    make_bucket(agency.id, store)
    return examine_bucket(agency, store, settings)


def examine_bucket(agency: Agency, store: StoreSettings, settings: Settings) -> DoctorReport:
    """Examine the agency's bucket on *store*, the first or the second, and enter the result in the vault.

    Raises:
        ObjectMissingError: the bucket is not there.
        StoreUnavailableError: a store did not answer.
    """
    key, vault = store.administrator_or_none(), settings.store
    administrator = connect(store.endpoint, store.region, *key) if key else None
    operator = connect(store.endpoint, store.region, *store.credentials())
    report = examine(operator, store.bucket(agency.id), administrator=administrator)
    keeper = connect(vault.endpoint, vault.region, *vault.credentials())
    until = longest_lock(agency, report.examined_at)
    record_check(keeper, report, lock_until=until, into=vault.bucket(agency.id))
    return report


def make_bucket(agency_id: str, store: StoreSettings) -> None:
    """Make the agency's bucket on *store* unless it is there; with the administrator's key, say who may delete.

    Raises:
        StoreUnfitError: it is there without Object Lock or versioning.
        StoreUnavailableError: the store did not answer.
    """
    key, bucket = store.administrator_or_none(), store.bucket(agency_id)
    client = connect(store.endpoint, store.region, *(key or store.credentials()))
    create_bucket(client, bucket)
    if key is not None:
        restrict_bucket(client, bucket)


def examine_stores(settings: Settings) -> dict[str, bool]:
    """Examine the store of every agency whose files load; return whether each passed.

    An agency with faulty files is left out: whatever captures it names its faults.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    passed: dict[str, bool] = {}
    for agency_id in agency_ids(settings):
        with suppress(AgencyFilesError):
            passed[agency_id] = examine_store(agency_id, settings).passed
    return passed


def has_passed(agency_id: str, settings: Settings) -> bool:
    """Tell whether captures of the agency may run on its store."""
    try:
        check_store_passed(open_vault(agency_id, settings))
    except StoreUnfitError:
        return False
    return True


def attempt_deletion_of(agency_id: str, key: str, settings: Settings | None = None) -> tuple[Attempt, ...]:
    """Try with the administrator's key to delete the sealed object *key*, to show that it cannot be done.

    Raises:
        ConfigurationError: this machine does not have the administrator's key.
        LockNotKeptError: the object has no lock that has yet to run out; nothing was tried.
    """
    store = (settings or read_settings()).store
    secret = store.administrator_or_none()
    if secret is None:
        raise ConfigurationError(f"{store.administrator_file}: expected the administrator's key, found no file")
    administrator = connect(store.endpoint, store.region, *secret)
    return attempt_deletion(administrator, Vault(administrator, store.bucket(agency_id)), key)


def longest_lock(agency: Agency, moment: datetime) -> datetime:
    """Return until when (aware UTC) the longest-kept series taken at *moment* is locked.

    What attests a store is kept as long as what it attests.
    """
    rows = agency.schedule.rows
    if not rows:
        raise StoreUnfitError(f"agency {agency.id}: expected a schedule with rows, found none")
    locks = [compute_volume_lock(volume_of(moment, row.cutoff, agency.zone), row.series, agency) for row in rows]
    return max(parse_instant(lock.locked_until) for lock in locks)
