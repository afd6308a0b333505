"""The keys of a log: made, replaced, listed."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from muniment.custody.log_key_files import LogKeyFiles
from muniment.custody.log_tip import Tip, read_key_records, read_tip
from muniment.errors import AgencyFilesError, AlreadySealedError, LogError
from muniment.evidence.log_records import KEY_KIND, KeyRecord, entry_of, parse_entry
from muniment.evidence.notes import VerifierKey, parse_vkey
from muniment.settings import Settings, read_settings
from muniment.workflows.log_place import LogPlace, open_log, origin_of, seen_of
from muniment.workflows.planning import agency_ids, open_agency
from muniment.workflows.wiring import now, open_vault

Json = dict[str, Any]
_RIVALS = 100


@dataclass(frozen=True, slots=True)
class ListedKey:
    """A key of a log by its record, and whether it signs what comes next."""

    record: KeyRecord
    signs: bool

    def to_json(self) -> Json:
        """Return the key in words."""
        previous = self.record.previous
        return {
            "id": self.record.verifier.id.hex(),
            "vkey": self.record.vkey,
            "signs": self.signs,
            "replaced": parse_vkey(previous).id.hex() if previous else None,
        }


def make_key(agency_id: str, settings: Settings | None = None) -> VerifierKey:
    """Make the first key of the agency's log, in the file that the settings name; return its public half.

    Raises:
        ConfigurationError: there is one, or the file cannot be written.
    """
    settings = settings or read_settings()
    agency = open_agency(agency_id, settings)
    return LogKeyFiles(settings.log_keys, agency.id).make(origin_of(agency)).verifier


def make_missing_keys(settings: Settings) -> list[str]:
    """Make the log's key of each agency that has none, as the embedded default does; return those agencies.

    Raises:
        ConfigurationError: a file cannot be written.
    """
    made = []
    for agency_id in agency_ids(settings):
        if not LogKeyFiles(settings.log_keys, agency_id).current.exists():
            with suppress(AgencyFilesError):  # whatever captures it names its faults
                make_key(agency_id, settings)
                made.append(agency_id)
    return made


def list_keys(agency_id: str, settings: Settings | None = None) -> list[ListedKey]:
    """Return the keys of the agency's log in the order in which they entered it.

    Raises:
        LogError: the log is not what its batches make it.
        StoreUnavailableError: the store did not answer.
    """
    settings = settings or read_settings()
    vault = open_vault(open_agency(agency_id, settings).id, settings)
    records = {record.key: record for record in read_key_records(vault)}
    if not records:
        return []
    tip, _ = read_tip(vault, next(iter(records.values())).verifier.name)
    logged = (parse_entry(entry) for entry in seen_of(settings, vault).entries(vault, tip.checkpoint.size))
    chain = [records[entry.key] for entry in logged if entry.kind == KEY_KIND]
    return [ListedKey(record, record.verifier.id.hex() == tip.signer) for record in chain]


def rotate_key(agency_id: str, settings: Settings | None = None) -> VerifierKey:
    """Replace the key that signs the agency's log, or finish what was begun of it; return the new one's public half.

    The new key's record, signed by the old one, enters the log in a batch of its own; the
    checkpoint after it is signed by both. Then the old key is gone from its file.

    Raises:
        ConfigurationError: a file cannot be written, or the log has no key yet.
        LogError: the log has no entry yet, or is not what its batches make it.
        CustodyError: the store did not keep what it was given.
    """
    log = open_log(agency_id, settings)
    new = log.files.make_next(log.origin).verifier
    log = open_log(agency_id, settings)
    tip = log.settle()
    if tip.signer is None:
        raise LogError(f"log of {log.origin}: expected entries before its key is replaced, found none")
    for _ in range(_RIVALS):
        if tip.signer == new.id.hex():
            log.files.promote()
            return new
        _hand_over(log, tip, new)
        tip = log.settle()
    raise LogError(f"log: expected to append after {_RIVALS} others, found another again")


def _hand_over(log: LogPlace, tip: Tip, new: VerifierKey) -> None:
    old = str(tip.signer)
    record = KeyRecord(vkey=new.vkey, previous=log.keys[old].verifier.vkey if old in log.keys else None)
    signers, retention = (old, new.id.hex()), log.retention()
    body = log.writer.seal_key_record(record, signers, retention)
    try:
        log.writer.append(tip, [entry_of(KEY_KIND, record.key, body)], signers, at=now(), retention=retention)
    except AlreadySealedError:
        return  # somebody appended first: the next number is tried
