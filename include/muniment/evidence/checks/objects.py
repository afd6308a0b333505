"""Every byte read again: an object's size and SHA-256 against those that its manifest names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from muniment.errors import EvidenceError, ObjectMissingError
from muniment.evidence.digest import sha256_of_chunks
from muniment.evidence.findings import Finding
from muniment.evidence.manifest import SealedObject
from muniment.evidence.readers import ObjectReader


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading one object gave: its bytes counted, and the fault if there is one."""

    size_bytes: int
    finding: Finding | None


def read_object(reader: ObjectReader, sealed: SealedObject, copy_to: BinaryIO | None = None) -> Reading:
    """Read *sealed* again and compare; its bytes go to *copy_to* on the way, for a check that needs them too."""
    try:
        found, size = sha256_of_chunks(_copy(reader.read_chunks(sealed.key), copy_to))
    except ObjectMissingError:
        return Reading(0, find_missing(sealed))
    except EvidenceError as error:
        return Reading(0, Finding("V001", sealed.key, str(error)))
    if (found, size) == (sealed.sha256, sealed.size_bytes):
        return Reading(size, None)
    expected = f"{sealed.size_bytes} bytes with SHA-256 {sealed.sha256}"
    return Reading(size, Finding("V002", sealed.key, f"expected {expected}, found {size} bytes with SHA-256 {found}"))


def find_missing(sealed: SealedObject) -> Finding:
    """Return the finding of an object that is named and not there."""
    return Finding("V001", sealed.key, f"expected {sealed.size_bytes} bytes, found no object")


def _copy(chunks: Iterator[bytes], file: BinaryIO | None) -> Iterator[bytes]:
    for chunk in chunks:
        if file is not None:
            file.write(chunk)
        yield chunk
