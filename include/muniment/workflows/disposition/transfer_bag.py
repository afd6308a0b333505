"""A bag: files with the hashes that a receiver checks them by. RFC 8493, BagIt 1.0, SHA-256 alone.

A bag is written beside its place under a name that is no bag's, ``bagit.txt`` last, and takes
its place whole: half a bag has neither the name nor the declaration of one.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath

from muniment.errors import ChecksumError, ConfigurationError, EvidenceError

PAYLOAD = "data/"
DECLARATION = "bagit.txt"
INFO = "bag-info.txt"
MANIFEST = "manifest-sha256.txt"
TAG_MANIFEST = "tagmanifest-sha256.txt"
_DECLARED = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"  # RFC 8493 section 2.1.1


@dataclass(frozen=True, slots=True)
class BagFile:
    """One file as it was written: its path in the bag, the SHA-256 (lower hex) of what was written, its bytes."""

    path: str
    sha256: str
    size_bytes: int


@contextmanager
def draft_bag(place: Path) -> Iterator[Path]:
    """Give the folder in which the bag for *place* is written, and put it there when all went well.

    Raises:
        ConfigurationError: something is at *place* already.
    """
    if place.exists():
        raise ConfigurationError(f"{place}: expected nothing there yet, found something")
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{place.name}-", suffix=".part", dir=place.parent))
    try:
        yield draft
        draft.rename(place)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def write_file(bag: Path, path: str, chunks: Iterable[bytes], *, expected_sha256: str | None = None) -> BagFile:
    """Write *chunks* to *path* of the *bag*, hashed on the way and flushed to the disk.

    Raises:
        EvidenceError: *path* leads out of the bag, or is spelled in a way that not every system keeps.
        ChecksumError: the bytes are not those of *expected_sha256*.
    """
    _check_path(path)
    target, digest, size = bag / path, sha256(), 0
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for chunk in chunks:
            digest.update(chunk)
            size += file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    found = digest.hexdigest()
    if expected_sha256 is not None and found != expected_sha256:
        raise ChecksumError(f"{path.removeprefix(PAYLOAD)}: expected SHA-256 {expected_sha256}, found {found}")
    return BagFile(path, found, size)


def finish_bag(bag: Path, payload: Iterable[BagFile], tags: Iterable[BagFile], info: Mapping[str, str]) -> str:
    """Write what makes a bag of the files in *bag*; return the SHA-256 of its tag manifest, which stands for it all."""
    listed = sorted(payload, key=lambda file: file.path)
    oxum = {"Payload-Oxum": f"{sum(file.size_bytes for file in listed)}.{len(listed)}"}  # section 2.2.2
    written = [
        *tags,
        write_file(bag, INFO, [_render_info({**info, **oxum})]),
        write_file(bag, MANIFEST, [_render_manifest(listed)]),
    ]
    declaration = BagFile(DECLARATION, sha256(_DECLARED.encode()).hexdigest(), len(_DECLARED))
    tagged = sorted([*written, declaration], key=lambda file: file.path)
    found = write_file(bag, TAG_MANIFEST, [_render_manifest(tagged)])
    write_file(bag, DECLARATION, [_DECLARED.encode()])
    return found.sha256


def _check_path(path: str) -> None:
    parts = path.split("/")
    if any(part in ("", ".", "..") for part in parts) or PurePosixPath(path).is_absolute():
        raise EvidenceError(f"{path!r}: expected a path within the bag, found one that leads elsewhere")
    # Section 2.1.3 escapes line ends; section 5.2 tells of what Windows cannot keep. No key of ours has either.
    if not path.isascii() or not path.isprintable() or set(path) & set('\\<>:"|?*%'):
        raise EvidenceError(f"{path!r}: expected a path of plain characters, found others")


def _render_manifest(files: Iterable[BagFile]) -> bytes:
    return "".join(f"{file.sha256}  {file.path}\n" for file in files).encode("utf-8")


def _render_info(info: Mapping[str, str]) -> bytes:
    for label, value in info.items():
        if "\n" in value or "\r" in value or ":" in label:
            raise EvidenceError(f"bag-info {label}: expected one line, found several")
    return "".join(f"{label}: {value}\n" for label, value in info.items()).encode("utf-8")
