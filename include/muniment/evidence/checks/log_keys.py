"""The keys of a log: the records in the bucket, who vouches for whom, and whom whoever checks believes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from muniment.errors import EvidenceError, ObjectMissingError
from muniment.evidence.checks.contents import read_whole
from muniment.evidence.findings import Finding
from muniment.evidence.layout import LOG_KEYS
from muniment.evidence.log_records import KeyRecord, parse_key_record
from muniment.evidence.notes import VerifierKey, parse_vkey
from muniment.evidence.readers import ObjectReader


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys that may have signed: those in the bucket, and those that were brought along."""

    known: tuple[VerifierKey, ...]
    findings: tuple[Finding, ...]
    brought: bool  # whether any key came from outside of the place
    faulty: frozenset[str] = frozenset()  # ids in the names of records that could not be read

    def ids(self) -> frozenset[str]:
        """Return the ids of the known keys."""
        return frozenset(key.id.hex() for key in self.known)


def read_keys(reader: ObjectReader, keys: Sequence[str], brought: Sequence[VerifierKey]) -> KeyRing:
    """Read the key records among *keys*, and find those that no key *brought* along vouches for, near or far."""
    records: dict[str, KeyRecord] = {}
    findings, faulty = [], set()
    for key in keys:
        if not key.startswith(LOG_KEYS):
            continue
        try:
            record = parse_key_record(read_whole(reader, key))
            if record.key != key:
                findings.append(Finding("V023", key, f"expected the record of this key, found that of {record.key}"))
            records[key] = record
        except (EvidenceError, ObjectMissingError) as error:
            findings.append(Finding("V023", key, str(error)))
            faulty.add(key.removesuffix(".json").rpartition("-")[2])
    if brought:
        believed = _spread({key.vkey for key in brought}, records.values())
        findings += [
            Finding("V023", key, f"expected a key that those brought along vouch for, found {_name(record.vkey)}")
            for key, record in records.items()
            if record.vkey not in believed
        ]
    known = {key.vkey: key for key in (*brought, *(record.verifier for record in records.values()))}
    return KeyRing(tuple(known.values()), tuple(findings), bool(brought), frozenset(faulty))


def _spread(believed: set[str], records: Iterable[KeyRecord]) -> set[str]:
    """Return *believed* and every key that a chain of replacements joins to one of them; both sign a replacement."""
    links = [(record.vkey, record.previous) for record in records if record.previous is not None]
    while grown := {end for link in links if believed & set(link) for end in link} - believed:
        believed |= grown
    return believed


def _name(vkey: str) -> str:
    key = parse_vkey(vkey)
    return f"{key.name}+{key.id.hex()}"
