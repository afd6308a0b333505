"""The second copy: every sealed object once more, in another bucket, under a lock of its own.

A copy is believed when it was read back. What the second bucket already holds is never
written over: other bytes under a sealed object's key are a finding for a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from muniment.custody.vault import Vault
from muniment.custody.versions import StoredVersion
from muniment.errors import AlreadySealedError, ChecksumError, CustodyError, LockNotKeptError, ObjectMissingError
from muniment.evidence.digest import read_chunks, sha256_of_chunks
from muniment.evidence.findings import Finding
from muniment.evidence.layout import LOG_HEAD
from muniment.evidence.locks import ObjectLock
from muniment.evidence.manifest import SealedObject
from muniment.records.names import parse_instant
from muniment.records.schedule import LockMode

KEPT = ("log/", "records/", "registers/")  # what is sealed; beside it lie the doctor's throwaways
# A copy of the newest checkpoint for other people's tools: written anew each time, never locked as evidence.
REWRITTEN = frozenset({LOG_HEAD})


@dataclass(frozen=True, slots=True)
class Comparison:
    """The objects of both copies under one prefix, by what their lists say.

    `other_size` and `foreign` are keys of the second copy; `both` are in each with one size.
    """

    missing: tuple[StoredVersion, ...]
    both: tuple[StoredVersion, ...]
    other_size: tuple[str, ...]
    foreign: tuple[str, ...]


def is_kept(key: str) -> bool:
    """Tell whether the object at *key* is sealed, and so has a second copy."""
    return key.startswith(KEPT) and key not in REWRITTEN


def list_kept(vault: Vault, prefix: str) -> Iterator[StoredVersion]:
    """Yield the record of every sealed object under *prefix*, by key.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    return (record for record in vault.list_objects(prefix) if is_kept(record.key))


def compare(first: Vault, second: Vault, prefix: str) -> Comparison:
    """Compare the lists of both copies under *prefix*.

    Raises:
        ObjectMissingError: one of the buckets is not there.
        StoreUnavailableError: a store did not answer.
    """
    # The second list comes first: what is sealed and copied meanwhile is then in the vault's, and not foreign.
    copies = {record.key: record.size_bytes for record in list_kept(second, prefix)}
    records = list(list_kept(first, prefix))
    return Comparison(
        missing=tuple(record for record in records if record.key not in copies),
        both=tuple(record for record in records if copies.get(record.key) == record.size_bytes),
        other_size=tuple(r.key for r in records if r.key in copies and copies[r.key] != r.size_bytes),
        foreign=tuple(sorted(copies.keys() - {record.key for record in records})),
    )


def copy_object(first: Vault, second: Vault, key: str, folder: Path) -> Finding | None:
    """Copy the sealed object at *key* under a lock as long as its own, and read the copy back.

    What stands in the way is returned; *folder* holds the bytes on their way.
    """
    part = folder / sha256(key.encode()).hexdigest()
    try:
        sealed = first.find(key)
        if sealed is None:
            return Finding("V004", key, "expected a COMPLIANCE lock and a hash, found an object without: not copied")
        first.download(key, part)
        found, size = sha256_of_chunks(read_chunks(part))
        if found != sealed.sha256:
            return Finding("F001", key, f"{spell(sealed)}, found {size} bytes with SHA-256 {found}: not copied")
    except ChecksumError as error:
        return Finding("F001", key, str(error))
    except CustodyError as error:
        return Finding("C007", key, f"reading it: {error}")
    else:
        return _put(second, sealed, part)
    finally:
        part.unlink(missing_ok=True)


def spell(sealed: SealedObject) -> str:
    """Say what bytes were sealed."""
    return f"expected {sealed.size_bytes} bytes with SHA-256 {sealed.sha256}"


def _put(second: Vault, sealed: SealedObject, part: Path) -> Finding | None:
    key, until = sealed.key, parse_instant(sealed.locked_until)
    try:
        second.seal_file(key, part, lock_until=until, content_type=sealed.content_type)
        found, size = sha256_of_chunks(second.read_chunks(key))
    except (AlreadySealedError, ChecksumError) as error:
        return Finding("C003", key, str(error))
    except LockNotKeptError as error:
        return Finding("C004", key, str(error))
    except CustodyError as error:
        return Finding("C007", key, str(error))
    if found != sealed.sha256:
        return Finding("C003", key, f"{spell(sealed)} when read back, found {size} bytes with SHA-256 {found}")
    return None


def is_covered(lock: ObjectLock | None, copy: ObjectLock | None) -> bool:
    """Tell whether the copy's lock holds at least as long as the object's *lock*."""
    if lock is None:
        return True
    return copy is not None and copy.mode == LockMode.COMPLIANCE and copy.until >= lock.until


def mend_lock(first: Vault, second: Vault, key: str) -> tuple[bool, Finding | None]:
    """Lock the copy of *key* as long as the object itself; return whether it was shorter, and what is amiss.

    A lock that is merely shorter is mended without a finding: the object's own grew meanwhile.

    Raises:
        StoreUnavailableError: a store did not answer.
    """
    try:
        lock, copy = first.lock_of(key), second.lock_of(key)
    except ObjectMissingError as error:
        return False, Finding("C002", key, str(error))
    if lock is None or is_covered(lock, copy):
        return False, None
    loose = copy is None or copy.mode != LockMode.COMPLIANCE
    try:
        second.extend_lock(key, lock.until)
    except LockNotKeptError as error:
        return False, Finding("C004", key, str(error))
    was = "none" if copy is None else copy.mode
    return True, Finding("C004", key, f"expected a COMPLIANCE lock, found {was}; mended") if loose else None
