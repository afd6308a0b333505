"""Stamp: have the agency's time authorities say when a checkpoint of the log was there, and seal what they say.

Only the newest checkpoint is ever stamped: the log only grows, so a stamp over a later one
proves the earlier ones too, and a stamp made now over an old one would prove no earlier time.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from muniment.custody.log_tip import find_last_batch
from muniment.custody.vault import Vault
from muniment.errors import AlreadySealedError, ConfigurationError, TimeAuthorityError, TimestampError
from muniment.evidence.findings import Finding
from muniment.evidence.layout import TimestampAddress, log_checkpoint_key
from muniment.evidence.timestamp import CLOCK_TOLERANCE, Stamp, make_request, verify_kept, verify_response
from muniment.records.agency import Agency
from muniment.records.names import format_instant, parse_instant
from muniment.records.series import LOG_SERIES
from muniment.retention.locks import compute_volume_lock, volume_of
from muniment.workflows.findings_register import open_findings
from muniment.workflows.stamp_doors import Door, Timekeeping, open_doors
from muniment.workflows.wiring import Workplace, open_workplace

Json = dict[str, Any]

CHECK = "stamp_checkpoints"
TRIES = 2
RESPONSE_TYPE, CHAIN_TYPE = "application/timestamp-reply", "application/pem-certificate-chain"
LOCAL_NOTE = "made on this machine for demonstration: proves nothing to an outsider"


@dataclass(slots=True)
class Stamped:
    """What came of stamping one checkpoint: stamps by the names of authorities, failures, findings."""

    seq: int
    stamps: dict[str, Stamp] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def to_json(self) -> Json:
        """Return ids, times and counts."""
        return {
            "checkpoint": self.seq,
            "stamps": [describe(name, stamp) for name, stamp in self.stamps.items()],
            "failed": self.failed,
            "findings": [[item.code, item.subject, item.detail] for item in self.findings],
        }


def describe(name: str, stamp: Stamp) -> Json:
    """Describe *stamp* of the authority *name* for a report, which never leaves out that one is local."""
    local = {"note": LOCAL_NOTE} if stamp.is_local else {}
    return {
        "authority": name,
        "time": format_instant(stamp.time),
        "signed_by": stamp.authority,
        "lasts_until": format_instant(stamp.ages_out_at),
        "local": stamp.is_local,
        **local,
    }


def stamp_checkpoint(place: Workplace, seq: int) -> Json:
    """Have every authority of the agency stamp checkpoint *seq*; what is stamped already is left as it is.

    An authority that fails is told in ``failed``, and in ``findings`` where it is required;
    it raises nothing, so that no log waits for a clock.

    Raises:
        ConfigurationError: the schedule has no row for the log.
        CustodyError: the store did not answer, or did not keep what it was given.
    """
    with open_doors(place) as keeping:
        return stamp_with(keeping, seq).to_json()


def stamp_newest(agency_id: str) -> Json:
    """Stamp the newest checkpoint of the agency's log as `stamp_checkpoint` does, and enter what is found.

    Raises:
        ConfigurationError: the schedule has no row for the log.
        CustodyError: the store did not answer, or did not keep what it was given.
    """
    place = open_workplace(agency_id)
    seq = find_newest(place.vault)
    if seq is None:
        return {"checkpoint": None, "stamps": [], "failed": {}, "findings": [], "opened": []}
    with open_doors(place) as keeping:
        stamped = stamp_with(keeping, seq)
    return {**stamped.to_json(), "opened": open_findings(place, stamped.findings, check=CHECK)}


def find_newest(vault: Vault) -> int | None:
    """Return the number of the newest checkpoint; None where there is none.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    for seq in range(find_last_batch(vault), -1, -1):
        if vault.find(log_checkpoint_key(seq)) is not None:
            return seq
    return None


def stamp_with(keeping: Timekeeping, seq: int) -> Stamped:
    """Stamp checkpoint *seq* by the doors of *keeping*."""
    vault, done = keeping.place.vault, Stamped(seq)
    note = vault.read(log_checkpoint_key(seq))
    for door in keeping.doors:
        address = TimestampAddress(seq, door.authority.name, 0)
        try:
            done.stamps[door.authority.name] = _stamp(keeping, door, address, note, done.findings)
        except (TimeAuthorityError, TimestampError) as error:
            done.failed[door.authority.name] = str(error)
    done.failed |= {authority.name: reason for authority, reason in keeping.closed}
    for authority in keeping.place.agency.time_authorities:
        if authority.required and authority.name in done.failed:
            done.findings.append(Finding("T006", subject_of(authority.name), done.failed[authority.name]))
    return done


def _stamp(keeping: Timekeeping, door: Door, address: TimestampAddress, note: bytes, findings: list[Finding]) -> Stamp:
    vault = keeping.place.vault
    if vault.find(address.key("tsr")) is None:
        response, stamp = obtain(keeping, door, note)
        findings += check_clock(door.authority.name, stamp, keeping.clock())
        try:
            seal_stamp(keeping, address, response, stamp)
        except AlreadySealedError:
            pass  # somebody else was first: theirs counts, and is read below
        else:
            return stamp
    stamp = verify_kept(vault.read(address.key("tsr")), note, door.trust)
    if vault.find(address.key("chain.pem")) is None:
        seal_part(keeping, address.key("chain.pem"), stamp.chain, CHAIN_TYPE)
    return stamp


def obtain(keeping: Timekeeping, door: Door, message: bytes) -> tuple[bytes, Stamp]:
    """Have the authority behind *door* stamp *message*; return its response with what that proves.

    Raises:
        TimeAuthorityError: it did not answer, at the last try either.
        TimestampError: its answer is not to be believed.
    """
    for attempt in range(TRIES):
        request = make_request(message)
        try:
            response = door.ask(request.encoded)
            return response, verify_response(response, request, door.trust)
        except (TimeAuthorityError, TimestampError):
            if attempt + 1 == TRIES:
                raise
            time.sleep(keeping.pause_s)
    raise TimeAuthorityError(f"authority {door.authority.name}: expected to be asked, found no try")


def subject_of(name: str) -> str:
    """Return what a finding about the authority *name* concerns: the same at every checkpoint, so told once."""
    return f"time authority {name}"


def check_clock(name: str, stamp: Stamp, moment: datetime) -> list[Finding]:
    """Compare the authority's time with ours, *moment* (aware). Which of the two is wrong, nobody here can know."""
    apart = abs(stamp.time - moment)
    if apart <= CLOCK_TOLERANCE:
        return []
    detail = f"expected about {format_instant(moment)}, found {format_instant(stamp.time)}"
    return [Finding("T007", subject_of(name), detail)]


def seal_stamp(keeping: Timekeeping, address: TimestampAddress, response: bytes, stamp: Stamp) -> None:
    """Seal *response* and its chain; the chain last, as it can be made again from the response.

    Raises:
        AlreadySealedError: another response was sealed there first.
        CustodyError: the store did not keep what it was given.
    """
    seal_part(keeping, address.key("tsr"), response, RESPONSE_TYPE)
    seal_part(keeping, address.key("chain.pem"), stamp.chain, CHAIN_TYPE)


def seal_part(keeping: Timekeeping, key: str, body: bytes, content_type: str) -> None:
    """Seal one object of a stamp, under the lock of what is added to the log now.

    Raises:
        AlreadySealedError: the key holds other bytes.
        CustodyError: the store did not keep what it was given.
    """
    until = lock_until(keeping.place.agency, keeping.clock())
    keeping.place.vault.seal_bytes(key, body, lock_until=until, content_type=content_type)


def lock_until(agency: Agency, moment: datetime) -> datetime:
    """Return until when what is added to the log at *moment* (aware) is locked.

    Raises:
        ConfigurationError: the schedule has no row for the log.
    """
    row = agency.schedule.row_for(LOG_SERIES)
    if row is None:
        raise ConfigurationError(f"series {LOG_SERIES}: expected a row in the agency's schedule, found none")
    volume = volume_of(moment, row.cutoff, agency.zone)
    return parse_instant(compute_volume_lock(volume, LOG_SERIES, agency).locked_until)
