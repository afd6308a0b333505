"""What the log names against what is there: sealed objects missing, altered, or never logged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from muniment.errors import EvidenceError, ObjectKeyError, ObjectMissingError
from muniment.evidence.checks.contents import RECORDS
from muniment.evidence.digest import sha256_of_chunks
from muniment.evidence.findings import Finding
from muniment.evidence.layout import parse_record_key
from muniment.evidence.log_records import LogEntry
from muniment.evidence.readers import ObjectReader


def check_twice(entries: Iterable[LogEntry]) -> Iterator[Finding]:
    """Find the objects that the log names more than once."""
    seen: dict[str, LogEntry] = {}
    for entry in entries:
        if entry.key in seen:
            yield Finding("V018", entry.key, "expected one entry, found the log to name it again")
        seen.setdefault(entry.key, entry)


def check_manifests(
    logged: Mapping[str, LogEntry], found: Mapping[str, str], present: frozenset[str]
) -> Iterator[Finding]:
    """Compare the manifests *logged* with those *found*, by key: the hash of each that could be read.

    *present* are the keys of all manifests and volumes that are there, read or not.
    """
    gone: dict[str, list[str]] = defaultdict(list)
    for key, entry in logged.items():
        if key in found and found[key] != entry.sha256:
            yield Finding("V015", key, f"expected SHA-256 {entry.sha256} as logged, found {found[key]}")
        elif key not in present:
            gone[volume_prefix(key)].append(key)
    for volume, keys in gone.items():
        if volume in present:
            yield from (Finding("V013", key, "expected the manifest that the log has, found none") for key in keys)
        else:
            detail = f"expected the {len(keys)} snapshot(s) that the log has of it, found none of their objects"
            yield Finding("V014", volume, detail, len(keys))


def check_others(reader: ObjectReader, logged: Iterable[LogEntry]) -> Iterator[Finding]:
    """Read again what else the log names, such as events of registers, and compare."""
    for entry in logged:
        try:
            found, _ = sha256_of_chunks(reader.read_chunks(entry.key))
        except ObjectMissingError:
            yield Finding("V013", entry.key, "expected the object that the log has, found none")
        except EvidenceError as error:
            yield Finding("V013", entry.key, str(error))
        else:
            if found != entry.sha256:
                yield Finding("V015", entry.key, f"expected SHA-256 {entry.sha256} as logged, found {found}")


def find_unlogged(logged: Mapping[str, LogEntry], keys: Iterable[str]) -> Iterator[Finding]:
    """Find the sealed objects among *keys* that the log does not have."""
    for key in keys:
        if key not in logged:
            yield Finding("V016", key, "expected an entry of the log, found none")


def volume_prefix(key: str) -> str:
    """Return the prefix of the volume of the record at *key*, or what *key* has for one."""
    try:
        return parse_record_key(key)[0].prefix
    except ObjectKeyError:
        return key if not key.startswith(RECORDS) else key.rpartition("/")[0]
