"""A log with everything that works on it, opened for one agency."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from muniment.custody.client import connect
from muniment.custody.log_head import publish_head
from muniment.custody.log_key_files import LogKeyFiles
from muniment.custody.log_seen import LogSeen
from muniment.custody.log_tip import Tip
from muniment.custody.log_writer import LogWriter
from muniment.custody.store_checks import check_store_passed
from muniment.custody.vault import Vault
from muniment.errors import ConfigurationError, LogError
from muniment.evidence.manifest import Retention
from muniment.evidence.notes import SigningKey
from muniment.records.agency import Agency
from muniment.records.series import LOG_SERIES
from muniment.retention.locks import compute_volume_lock, volume_of
from muniment.settings import Settings, read_settings
from muniment.workflows.planning import open_agency
from muniment.workflows.wiring import now

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class LogPlace:
    """One agency's log: where it is, who may sign it, what was seen of it."""

    settings: Settings
    agency: Agency
    client: S3Client
    vault: Vault
    files: LogKeyFiles
    keys: dict[str, SigningKey]

    @property
    def writer(self) -> LogWriter:
        """Return what writes the log."""
        return LogWriter(self.vault, self.origin, self.keys)

    @property
    def origin(self) -> str:
        """Return the log's origin line: the name of the key that signs."""
        return next(iter(self.keys.values())).name

    @property
    def seen(self) -> LogSeen:
        """Return what this machine has seen of the log."""
        return seen_of(self.settings, self.vault)

    def retention(self) -> Retention:
        """Compute until when what is logged now is locked.

        Raises:
            ConfigurationError: the schedule has no row for the log.
        """
        row = self.agency.schedule.row_for(LOG_SERIES)
        if row is None:
            raise ConfigurationError(f"series {LOG_SERIES}: expected a row in the agency's schedule, found none")
        return compute_volume_lock(volume_of(now(), row.cutoff, self.agency.zone), LOG_SERIES, self.agency)

    def settle(self) -> Tip:
        """Finish what the batches call for, check that the log continues what was seen of it, and publish its end.

        Raises:
            LogError: it is not what its batches make it, or does not continue what was seen.
            CustodyError: the store did not keep what it was given.
        """
        seq, note = self.seen.last()  # before the tip: what is read after cannot be older
        tip = self.writer.settle(hint=seq)
        self.seen.check(self.vault, tip, note)
        if tip.seq > seq:
            publish_head(self.client, self.vault.bucket, tip.note)
            self.seen.remember(tip)
        return tip


def open_log(agency_id: str, settings: Settings | None = None) -> LogPlace:
    """Open the agency's log.

    Raises:
        ConfigurationError: the agency or its log's key cannot be read.
        StoreUnfitError: the store has not passed the doctor.
    """
    settings = settings or read_settings()
    agency = open_agency(agency_id, settings)
    files = LogKeyFiles(settings.log_keys, agency.id)
    keys = files.read()
    if len({key.name for key in keys.values()}) > 1:
        raise LogError(f"{files.next}: expected a key of the same name as {files.current}, found another")
    store = settings.store
    client = connect(store.endpoint, store.region, *store.credentials())
    vault = Vault(client, store.bucket(agency.id))
    check_store_passed(vault)
    return LogPlace(settings, agency, client, vault, files, keys)


def seen_of(settings: Settings, vault: Vault) -> LogSeen:
    """Return what this machine has seen of the log in *vault*."""
    return LogSeen(settings.home / "log-seen" / vault.bucket)


def origin_of(agency: Agency) -> str:
    """Return the origin line that a new log of *agency* is given: under a domain that is its own."""
    return f"{agency.email_domains[0]}/muniment/{agency.id}"
