"""Read one unit of one copy again, and compare every object with the hash that it was sealed with."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from muniment.custody.second_copy import is_kept, spell
from muniment.custody.vault import Vault
from muniment.custody.versions import StoredVersion
from muniment.errors import CustodyError, EvidenceError, ObjectMissingError
from muniment.evidence.digest import sha256_of_chunks
from muniment.evidence.findings import Finding
from muniment.evidence.layout import MANIFEST
from muniment.evidence.manifest import SealedObject, parse_manifest

_AT_ONCE = 4  # objects read side by side


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading found."""

    objects: int = 0
    size_bytes: int = 0
    findings: tuple[Finding, ...] = ()

    def plus(self, other: Reading) -> Reading:
        """Return both together."""
        return Reading(self.objects + other.objects, self.size_bytes + other.size_bytes, self.findings + other.findings)


@dataclass(frozen=True, slots=True)
class _Codes:
    altered: str
    unreadable: str
    missing: str
    loose: str


_FIRST, _SECOND = _Codes("F001", "F003", "V001", "V004"), _Codes("F002", "F004", "C002", "C004")


def read_unit(vault: Vault, prefix: str, *, is_first: bool) -> Reading:
    """Read every object under *prefix* again.

    The hash is the manifest's where one names the object, and the seal's own beside it.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    codes = _FIRST if is_first else _SECOND
    records = [record for record in vault.list_objects(prefix) if is_kept(record.key)]
    named = _read_named(vault, records)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        results = list(pool.map(_reader(vault, named, codes), records))
    findings = [finding for _, finding in results if finding is not None]
    if any(finding.code == codes.unreadable for finding in findings):
        vault.list_folders("")  # raises where it is the store that is down, and not the object
    there = {record.key for record in records}
    gone = [
        Finding(codes.missing, key, f"{spell(sealed)}, found none")
        for key, sealed in named.items()
        if key.startswith(prefix) and key not in there
    ]
    return Reading(len(records), sum(size for size, _ in results), (*findings, *gone))


def _read_named(vault: Vault, records: list[StoredVersion]) -> dict[str, SealedObject]:
    named: dict[str, SealedObject] = {}
    for record in records:
        if record.key.startswith("records/") and record.key.endswith(f"/{MANIFEST}"):
            try:
                manifest = parse_manifest(vault.read(record.key))
            except (EvidenceError, CustodyError):
                continue  # its own reading says what is wrong with it
            named |= {sealed.key: sealed for sealed in manifest.objects}
    return named


def _reader(
    vault: Vault, named: dict[str, SealedObject], codes: _Codes
) -> Callable[[StoredVersion], tuple[int, Finding | None]]:
    def read(record: StoredVersion) -> tuple[int, Finding | None]:
        try:
            expected = [sealed for sealed in (named.get(record.key), vault.find(record.key)) if sealed is not None]
            found, size = sha256_of_chunks(vault.read_chunks(record.key))
        except ObjectMissingError as error:
            return 0, Finding(codes.missing, record.key, str(error))
        except CustodyError as error:
            return 0, Finding(codes.unreadable, record.key, str(error))
        if not expected:
            return size, Finding(codes.loose, record.key, "expected a lock and a hash to compare with, found none")
        for sealed in expected:
            if found != sealed.sha256:
                found_here = f"found {size} bytes with SHA-256 {found}"
                return size, Finding(codes.altered, record.key, f"{spell(sealed)}, {found_here}")
        return size, None

    return read
