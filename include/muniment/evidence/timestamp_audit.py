"""All time stamps of a log at once, from the bytes alone: each verified, their renewals, their order.

Does not stop at the first fault. A stamp that is not to be believed is a finding and counts
for nothing else.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import itemgetter

from muniment.errors import ObjectKeyError, ObjectMissingError, TimestampError
from muniment.evidence.digest import sha256_hex
from muniment.evidence.findings import Finding
from muniment.evidence.layout import TimestampAddress, log_checkpoint_key, parse_timestamp_key
from muniment.evidence.timestamp import CLOCK_TOLERANCE, Stamp, Trust, read_stamp, verify_kept
from muniment.evidence.timestamp_chain import check_chain
from muniment.evidence.timestamp_renewals import covered_by, find_ends, message_key, needed_keys, read_list

Read = Callable[[str], bytes]  # an object's bytes by its key; raises ObjectMissingError where there is none


@dataclass(frozen=True, slots=True)
class StampReport:
    """What the stamps of a log prove. `unanchored` are believed only as far as the root kept beside them."""

    stamps: Mapping[TimestampAddress, Stamp]
    ends: Mapping[TimestampAddress, datetime]  # until when each holds, with its renewals
    unanchored: frozenset[TimestampAddress]
    findings: tuple[Finding, ...]
    proved: tuple[tuple[int, datetime], ...]  # checkpoints with a stamp, each with the time by which it is proved

    def stamped_by(self, seq: int) -> datetime | None:
        """Return the earliest time by which checkpoint *seq* is proved to have been there; None when none is.

        A stamp over a later checkpoint proves it too, as the log only grows.
        """
        at = bisect_left(self.proved, seq, key=itemgetter(0))
        return self.proved[at][1] if at < len(self.proved) else None

    def unstamped(self, seq: int, required: Iterable[str]) -> Iterator[Finding]:
        """Find those of the authorities *required* without a stamp over checkpoint *seq*, the newest."""
        for authority in required:
            if TimestampAddress(seq, authority, 0) not in self.stamps:
                detail = f"expected a sound time stamp by {authority}, found none"
                yield Finding("T006", log_checkpoint_key(seq), detail)


@dataclass(slots=True)
class _Audit:
    read: Read
    there: frozenset[str]
    trusts: Mapping[str, Trust]
    digests: dict[str, str] = field(default_factory=dict)
    stamps: dict[TimestampAddress, Stamp] = field(default_factory=dict)
    lists: dict[TimestampAddress, dict[str, str]] = field(default_factory=dict)
    unanchored: set[TimestampAddress] = field(default_factory=set)
    strange: set[str] = field(default_factory=set)

    def fetch(self, key: str) -> bytes:
        body = self.read(key)
        self.digests[key] = sha256_hex(body)
        return body

    def digest(self, key: str) -> str | None:
        if key not in self.digests:
            try:
                self.fetch(key)
            except ObjectMissingError:
                return None
        return self.digests[key]


def audit_stamps(keys: Iterable[str], read: Read, trusts: Mapping[str, Trust], now: datetime) -> StampReport:
    """Verify every stamp among *keys* (those under ``log/timestamps/``), as things are *now* (aware).

    *trusts* says by the name of an authority which roots its certificates must lead to; a
    stamp of an authority without an entry is verified against the root kept beside it, and
    stands among `StampReport.unanchored`.
    """
    audit = _Audit(read, frozenset(keys), trusts)
    findings = [*_verify_each(audit), *_check_lists(audit)]
    covers = {renewal: tuple(covered_by(covered, renewal)) for renewal, covered in _sound_lists(audit)}
    ends = find_ends(audit.stamps, covers)
    findings += [*_check_ends(audit.stamps, ends, now), *_check_order(audit.stamps)]
    return StampReport(audit.stamps, ends, frozenset(audit.unanchored), tuple(findings), _find_proved(audit.stamps))


def _find_proved(stamps: Mapping[TimestampAddress, Stamp]) -> tuple[tuple[int, datetime], ...]:
    """Return each stamped checkpoint with the earliest time of a stamp over it or a later one, in order."""
    earliest: dict[int, datetime] = {}
    before: datetime | None = None
    for address in sorted((item for item in stamps if item.number == 0), reverse=True):
        moment = stamps[address].time + (stamps[address].accuracy or timedelta())
        before = moment if before is None else min(before, moment)
        earliest[address.seq] = before
    return tuple(sorted(earliest.items()))


def _verify_each(audit: _Audit) -> Iterator[Finding]:
    for key in sorted(audit.there):
        try:
            address, part = parse_timestamp_key(key)
        except ObjectKeyError as error:
            audit.strange.add(key)
            yield Finding("V005", key, str(error))
            continue
        try:
            if part == "tsr":
                audit.stamps[address] = _verify_one(audit, address)
        except TimestampError as error:
            yield Finding(error.code, key, str(error))
        except ObjectMissingError as error:
            yield Finding("T002", key, f"expected what belongs to it, found none: {error}")


def _verify_one(audit: _Audit, address: TimestampAddress) -> Stamp:
    response, message = audit.fetch(address.key("tsr")), audit.fetch(message_key(address))
    if address.number > 0:
        audit.lists[address] = read_list(message)
    chain = audit.fetch(address.key("chain.pem"))
    if address.authority in audit.trusts:
        stamp = verify_kept(response, message, audit.trusts[address.authority], chain)
        check_chain(chain, stamp.path[0])
        return stamp
    stamp = read_stamp(response, message, chain)
    check_chain(chain, stamp.path[0])
    audit.unanchored.add(address)
    return stamp


def _check_lists(audit: _Audit) -> Iterator[Finding]:
    blamed = _blamed(audit)
    for address, covered in audit.lists.items():
        if address not in audit.stamps:
            continue  # nothing vouches for the list
        for key, digest in covered.items():
            found = audit.digest(key)
            if found != digest and key not in blamed:
                state = "none" if found is None else "other bytes"
                yield Finding("T009", address.key("sums"), f"expected {key} as it was, found {state}")


def _blamed(audit: _Audit) -> set[str]:
    """Return the keys of stamps that are not to be believed: what is wrong with those is told already."""
    stamps = (parse_timestamp_key(key)[0] for key in audit.there - audit.strange if key.endswith(".tsr"))
    return {key for address in stamps if address not in audit.stamps for key in needed_keys(address)}


def _sound_lists(audit: _Audit) -> Iterator[tuple[TimestampAddress, dict[str, str]]]:
    for address, covered in audit.lists.items():
        if address in audit.stamps:
            yield address, {key: digest for key, digest in covered.items() if audit.digest(key) == digest}


def _check_ends(
    stamps: Mapping[TimestampAddress, Stamp], ends: Mapping[TimestampAddress, datetime], now: datetime
) -> Iterator[Finding]:
    for address, end in sorted(ends.items()):
        if end <= now:
            why = stamps[address].ages_out_because
            yield Finding("T008", address.key("tsr"), f"expected a renewal before {end.isoformat()}, found none: {why}")


def _check_order(stamps: Mapping[TimestampAddress, Stamp]) -> Iterator[Finding]:
    """Find checkpoints stamped well before an earlier one was. Stamps are asked for as checkpoints come."""
    latest: tuple[datetime, int] | None = None
    for address, stamp in sorted(stamps.items()):
        if address.number > 0:
            continue
        if latest is not None and stamp.time < latest[0] - CLOCK_TOLERANCE:
            floor = f"checkpoint {latest[1]}, {latest[0].isoformat()}"
            detail = f"expected no earlier than {floor}, found {stamp.time.isoformat()}"
            yield Finding("T010", address.key("tsr"), detail)
            latest = None  # one finding for each time that a clock was set back
        if latest is None or stamp.time > latest[0]:
            latest = stamp.time, address.seq
