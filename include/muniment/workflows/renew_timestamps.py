"""Renew: lay a new time stamp over those that will age out, long before they do (RFC 4998 section 5.2).

What a renewal covers and when it counts: `muniment.evidence.timestamp_renewals`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from muniment.errors import AlreadySealedError, ObjectMissingError, TimeAuthorityError, TimestampError
from muniment.evidence.digest import sha256_hex
from muniment.evidence.findings import Finding
from muniment.evidence.layout import TIMESTAMPS, TimestampAddress, parse_timestamp_key, timestamps_prefix
from muniment.evidence.timestamp import Stamp, read_stamp, verify_kept
from muniment.evidence.timestamp_ages import Ageing, find_ageing
from muniment.evidence.timestamp_chain import read_certificates
from muniment.evidence.timestamp_renewals import (
    MAX_STAMPS,
    covered_by,
    message_key,
    needed_keys,
    read_list,
    write_list,
)
from muniment.records.agency import RENEW_DAYS
from muniment.records.names import format_instant
from muniment.workflows.findings_register import open_findings
from muniment.workflows.stamp_checkpoints import (
    check_clock,
    describe,
    find_newest,
    obtain,
    seal_part,
    seal_stamp,
    stamp_with,
    subject_of,
)
from muniment.workflows.stamp_doors import Door, Timekeeping, open_doors
from muniment.workflows.wiring import Workplace, open_workplace

Json = dict[str, Any]

CHECK = "renew_timestamps"
LIST_TYPE = "text/plain; charset=us-ascii"
_READERS = 8


@dataclass(slots=True)
class Renewed:
    """What a run renewed, and what it found."""

    renewals: list[tuple[TimestampAddress, Stamp, int]] = field(default_factory=list)
    waiting: int = 0  # stamps that are to be renewed and were not
    findings: list[Finding] = field(default_factory=list)

    def to_json(self) -> Json:
        """Return ids, times and counts."""
        return {
            "renewed": sum(count for *_, count in self.renewals),
            "waiting": self.waiting,
            "renewals": [
                {"key": address.key("tsr"), "covers": count, **describe(address.authority, stamp)}
                for address, stamp, count in self.renewals
            ],
            "findings": [[item.code, item.subject, item.detail] for item in self.findings],
        }


def renew_timestamps(agency_id: str) -> Json:
    """Stamp the newest checkpoint where that is left to do, renew what ages out, enter what is found.

    Raises:
        ConfigurationError: the schedule has no row for the log.
        CustodyError: the store did not answer, or did not keep what it was given.
    """
    place = open_workplace(agency_id)
    with open_doors(place) as keeping:
        seq = find_newest(place.vault)
        stamped = None if seq is None else stamp_with(keeping, seq)
        renewed = renew_with(keeping)
    findings = [*(stamped.findings if stamped else ()), *renewed.findings]
    opened = open_findings(place, findings, check=CHECK)
    return {"stamped": stamped.to_json() if stamped else None, **renewed.to_json(), "opened": opened}


def renew_with(keeping: Timekeeping) -> Renewed:
    """Renew by the doors of *keeping* whatever ages out within the days that each authority has."""
    done, moment = Renewed(), keeping.clock()
    due: dict[str, list[TimestampAddress]] = defaultdict(list)
    for address, ageing in _list_ages(keeping.place, done.findings):
        if ageing.at <= moment:
            detail = f"expected a renewal before {format_instant(ageing.at)}, found none: {ageing.because}"
            done.findings.append(Finding("T008", address.key("tsr"), detail))
        elif ageing.at <= moment + _margin(keeping, address.authority):
            due[address.authority].append(address)
    for name, addresses in due.items():
        for begin in range(0, len(addresses), MAX_STAMPS):
            _renew(keeping, name, addresses[begin : begin + MAX_STAMPS], done)
    return done


def _list_ages(place: Workplace, findings: list[Finding]) -> Iterator[tuple[TimestampAddress, Ageing]]:
    """Yield every stamp that no renewal covers, with when it ages out; oldest checkpoint first."""
    there = _list_parts(place)
    covered = {address for renewal, parts in there.items() if "sums" in parts for address in _covered(place, renewal)}
    open_ones = sorted(address for address, parts in there.items() if "tsr" in parts and address not in covered)

    def read(address: TimestampAddress) -> Ageing | Finding:
        try:
            return find_ageing(read_certificates(place.vault.read(address.key("chain.pem"))))
        except TimestampError as error:
            return Finding(error.code, address.key("chain.pem"), str(error))
        except ObjectMissingError as error:
            return Finding("T004", address.key("chain.pem"), str(error))

    with ThreadPoolExecutor(_READERS) as readers:
        for address, found in zip(open_ones, readers.map(read, open_ones), strict=True):
            if isinstance(found, Finding):
                findings.append(found)
            else:
                yield address, found


def _list_parts(place: Workplace) -> dict[TimestampAddress, set[str]]:
    found: dict[TimestampAddress, set[str]] = defaultdict(set)
    for key in place.vault.list_keys(TIMESTAMPS):
        address, part = parse_timestamp_key(key)
        found[address].add(part)
    return found


def _covered(place: Workplace, renewal: TimestampAddress) -> list[TimestampAddress]:
    """Return what a renewal covers; nothing where it was begun and never stamped."""
    if place.vault.find(renewal.key("tsr")) is None:
        return []
    return list(covered_by(read_list(place.vault.read(renewal.key("sums"))), renewal))


def _margin(keeping: Timekeeping, name: str) -> timedelta:
    named = [item for item in keeping.place.agency.time_authorities if item.name == name]
    return timedelta(days=named[0].renew_days_before if named else RENEW_DAYS)


def _renew(keeping: Timekeeping, name: str, addresses: Sequence[TimestampAddress], done: Renewed) -> None:
    """Renew the stamps of the authority *name* at *addresses*, by itself if it can, else by another."""
    digests = _take_digests(keeping, addresses, done.findings)
    if not digests:
        return
    body, reasons = write_list(digests), [reason for _, reason in keeping.closed]
    stamps = sum(key.endswith(".tsr") for key in digests)
    for door in sorted(keeping.doors, key=lambda item: (item.authority.name != name, not item.authority.required)):
        try:
            response, stamp = _obtain_lasting(keeping, door, body, _margin(keeping, name))
        except (TimeAuthorityError, TimestampError) as error:
            reasons.append(str(error))
            continue
        done.findings += check_clock(door.authority.name, stamp, keeping.clock())
        address = _next_address(keeping.place, max(item.seq for item in addresses), door.authority.name)
        if _seal(keeping, address, body, response, stamp):
            done.renewals.append((address, stamp, stamps))
        else:
            done.waiting += stamps  # another run renews at this moment
        return
    done.waiting += stamps
    detail = "; ".join(reasons) or "no authority is named"
    done.findings.append(Finding("T012", subject_of(name), f"expected {stamps} stamps renewed, found none: {detail}"))


def _obtain_lasting(keeping: Timekeeping, door: Door, body: bytes, margin: timedelta) -> tuple[bytes, Stamp]:
    response, stamp = obtain(keeping, door, body)
    # A renewal that must itself be renewed at once would be asked for again every day.
    if stamp.ages_out_at <= keeping.clock() + margin:
        raise TimeAuthorityError(
            f"authority {door.authority.name}: expected a stamp that lasts {margin.days} days, "
            f"found one until {format_instant(stamp.ages_out_at)}: {stamp.ages_out_because}"
        )
    return response, stamp


def _take_digests(
    keeping: Timekeeping, addresses: Sequence[TimestampAddress], findings: list[Finding]
) -> dict[str, str]:
    """Hash every object of the stamps at *addresses*; a stamp that is not to be believed is not renewed."""
    trusts = {door.authority.name: door.trust for door in keeping.doors}
    vault, digests = keeping.place.vault, dict[str, str]()
    for address in addresses:
        bodies = {key: vault.read(key) for key in needed_keys(address)}
        response, chain = bodies[address.key("tsr")], bodies[address.key("chain.pem")]
        message = bodies[message_key(address)]
        try:
            if address.authority in trusts:
                verify_kept(response, message, trusts[address.authority], chain)
            else:
                read_stamp(response, message, chain)
        except TimestampError as error:
            findings.append(Finding(error.code, address.key("tsr"), str(error)))
            continue
        digests |= {key: sha256_hex(body) for key, body in bodies.items()}
    return digests


def _next_address(place: Workplace, seq: int, name: str) -> TimestampAddress:
    found = (parse_timestamp_key(key)[0] for key in place.vault.list_keys(timestamps_prefix(seq)))
    numbers = [address.number for address in found if address.authority == name]
    return TimestampAddress(seq, name, max(numbers, default=0) + 1)


def _seal(keeping: Timekeeping, address: TimestampAddress, body: bytes, response: bytes, stamp: Stamp) -> bool:
    try:
        seal_part(keeping, address.key("sums"), body, LIST_TYPE)
        seal_stamp(keeping, address, response, stamp)
    except AlreadySealedError:
        return False
    return True
