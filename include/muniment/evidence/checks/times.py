"""Time from outside: the stamps over the log's checkpoints, and the records' own times against them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from muniment.errors import EvidenceError, ObjectKeyError, ObjectMissingError
from muniment.evidence.checks.chain import Links
from muniment.evidence.checks.contents import read_whole
from muniment.evidence.findings import Finding
from muniment.evidence.layout import MANIFEST, TIMESTAMPS, parse_timestamp_key
from muniment.evidence.readers import ObjectReader
from muniment.evidence.timestamp import CLOCK_TOLERANCE, Stamp, Trust
from muniment.evidence.timestamp_audit import StampReport, audit_stamps
from muniment.records.names import parse_instant

_OTHER_BYTES = "T002"


def check_stamps(reader: ObjectReader, keys: Sequence[str], trust: Trust | None, now: datetime) -> StampReport:
    """Verify the stamps among *keys*, all under ``log/``, by the roots of *trust* or else those kept beside them."""
    own = [key for key in keys if key.startswith(TIMESTAMPS)]

    def read(key: str) -> bytes:
        try:
            return read_whole(reader, key)
        except EvidenceError as error:  # too large, or leading out of the place
            raise ObjectMissingError(str(error)) from None

    return audit_stamps(own, read, {} if trust is None else dict.fromkeys(_authorities(own), trust), now)


def select_findings(stamps: StampReport, believed: Collection[int]) -> Iterator[Finding]:
    """Yield what was found, without the stamps over checkpoints that have a finding of their own.

    *believed* are the numbers of the checkpoints that a key of the log signed.
    """
    for finding in stamps.findings:
        if finding.code == _OTHER_BYTES and finding.subject.startswith(TIMESTAMPS):
            address, _ = parse_timestamp_key(finding.subject)
            if address.number == 0 and address.seq not in believed:
                continue
        yield finding


def check_sealed(links: Links, covered: Mapping[str, int], stamps: StampReport) -> Iterator[Finding]:
    """Find the records that claim to have been sealed after a time stamp over a checkpoint that has them."""
    times = {seq: stamps.stamped_by(seq) for seq in set(covered.values())}
    for address, link in links.items():
        key = address.key(MANIFEST)
        stamped = times.get(covered[key]) if key in covered else None
        if stamped is not None and parse_instant(link.sealed_at) > stamped + CLOCK_TOLERANCE:
            yield Finding("T011", key, f"expected a time up to {stamped.isoformat()}, found {link.sealed_at}")


def state_stamps(stamps: StampReport, newest: int | None) -> Iterator[str]:
    """Say who vouches for the time, until when, and what nobody vouches for."""
    by: dict[str, list[Stamp]] = defaultdict(list)
    for stamp in stamps.stamps.values():
        by[stamp.authority].append(stamp)
    for authority, own in sorted(by.items()):
        times = sorted(stamp.time for stamp in own)
        span = f"{len(own)} time stamp(s) from {times[0].isoformat()} to {times[-1].isoformat()}"
        yield f"{span} by {authority}{_local(own)}"
    if stamps.ends:
        yield f"The first of the time stamps ages out on {min(stamps.ends.values()).date()}, renewals counted."
    if newest is not None and all(address.seq < newest for address in stamps.stamps):
        yield "The log's newest checkpoint has no time stamp: nobody outside vouches for when it was made."


def state_roots(stamps: StampReport) -> Iterator[str]:
    """Say which roots to compare with those that the authorities publish."""
    roots = {stamps.stamps[address].path[-1] for address in stamps.unanchored}
    for name, digest in sorted((root.subject.rfc4514_string(), _digest(root)) for root in roots):
        yield f"the time authority's root, with the one that it publishes: {name}, SHA-256 {digest}"


def _authorities(keys: Sequence[str]) -> Iterator[str]:
    for key in keys:
        try:
            yield parse_timestamp_key(key)[0].authority
        except ObjectKeyError:
            continue


def _local(stamps: Sequence[Stamp]) -> str:
    local = any(stamp.is_local for stamp in stamps)
    return ", a LOCAL authority on the agency's own machine: no outsider vouches for these times" if local else ""


def _digest(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(SHA256()).hex()
