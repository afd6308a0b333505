"""Time from outside: the stamps over the log's checkpoints, and the records' own times against them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from muniment.errors import EvidenceError, ObjectKeyError, ObjectMissingError, TimestampError
from muniment.evidence.checks.chain import Links
from muniment.evidence.checks.contents import read_whole
from muniment.evidence.findings import Finding
from muniment.evidence.layout import MANIFEST, TIMESTAMPS, TimestampAddress, parse_timestamp_key
from muniment.evidence.readers import ObjectReader
from muniment.evidence.timestamp import CLOCK_TOLERANCE, Stamp, Trust, read_stamp, verify_kept
from muniment.records.names import parse_instant

RESPONSE, CHAIN = "tsr", "chain.pem"


@dataclass(frozen=True, slots=True)
class Stamps:
    """The time stamps that verify, by address, and everything found wrong with the others."""

    verified: Mapping[TimestampAddress, Stamp]
    findings: tuple[Finding, ...]

    def first_over(self, seq: int) -> datetime | None:
        """Return the earliest time by which checkpoint *seq* is shown to have been there: its own or a later one's."""
        return min(
            (stamp.time for at, stamp in self.verified.items() if at.seq >= seq and at.number == 0), default=None
        )


def check_stamps(reader: ObjectReader, keys: Sequence[str], notes: Mapping[int, bytes], trust: Trust | None) -> Stamps:
    """Verify the stamps among *keys* over the checkpoints *notes*, by roots of *trust* or those kept beside them.

    A stamp over a checkpoint that is itself in doubt is not judged: the checkpoint has that finding.
    """
    verified: dict[TimestampAddress, Stamp] = {}
    findings: list[Finding] = []
    for address in _addresses(keys, findings):
        if address.number or address.seq not in notes:
            continue
        try:
            verified[address] = _verify(reader, address, notes[address.seq], trust)
        except TimestampError as error:
            findings.append(Finding(error.code, address.key(RESPONSE), str(error)))
        except (EvidenceError, ObjectMissingError) as error:
            findings.append(Finding("T001", address.key(RESPONSE), str(error)))
    return Stamps(verified, tuple(findings))


def check_sealed(links: Links, covered: Mapping[str, int], stamps: Stamps) -> Iterator[Finding]:
    """Find the records that claim to have been sealed after a time stamp over a checkpoint that has them."""
    for address, link in links.items():
        key = address.key(MANIFEST)
        stamped = stamps.first_over(covered[key]) if key in covered else None
        if stamped is not None and parse_instant(link.sealed_at) > stamped + CLOCK_TOLERANCE:
            yield Finding("T011", key, f"expected a time up to {stamped.isoformat()}, found {link.sealed_at}")


def state_stamps(stamps: Stamps, newest: int | None) -> Iterator[str]:
    """Say who vouches for the time, and what nobody vouches for."""
    by: dict[str, list[Stamp]] = defaultdict(list)
    for stamp in stamps.verified.values():
        by[stamp.authority].append(stamp)
    for authority, own in sorted(by.items()):
        times = sorted(stamp.time for stamp in own)
        span = f"{len(own)} time stamp(s) from {times[0].isoformat()} to {times[-1].isoformat()}"
        yield f"{span} by {authority}{_local(own)}"
    if newest is not None and all(address.seq != newest for address in stamps.verified):
        yield "The log's newest checkpoint has no time stamp: nobody outside vouches for when it was made."


def state_roots(stamps: Stamps) -> Iterator[str]:
    """Say which roots to compare with those that the authorities publish."""
    roots = {stamp.path[-1] for stamp in stamps.verified.values()}
    for name, digest in sorted((root.subject.rfc4514_string(), _digest(root)) for root in roots):
        yield f"the time authority's root, with the one that it publishes: {name}, SHA-256 {digest}"


def _addresses(keys: Sequence[str], findings: list[Finding]) -> Iterator[TimestampAddress]:
    for key in keys:
        if not key.startswith(TIMESTAMPS):
            continue
        try:
            address, part = parse_timestamp_key(key)
        except ObjectKeyError as error:
            findings.append(Finding("V005", key, str(error)))
            continue
        if part == RESPONSE:
            yield address


def _verify(reader: ObjectReader, address: TimestampAddress, message: bytes, trust: Trust | None) -> Stamp:
    response, chain = read_whole(reader, address.key(RESPONSE)), read_whole(reader, address.key(CHAIN))
    if trust is None:
        return read_stamp(response, message, chain)
    return verify_kept(response, message, trust, chain)


def _local(stamps: Sequence[Stamp]) -> str:
    local = any(stamp.is_local for stamp in stamps)
    return ", a LOCAL authority on the agency's own machine: no outsider vouches for these times" if local else ""


def _digest(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(SHA256()).hex()
