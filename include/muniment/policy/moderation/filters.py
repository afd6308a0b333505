"""Word-filter and block lists by version: what a file says, and what one version changed of the one before it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from muniment.errors import ModerationError
from muniment.evidence.digest import sha256_hex
from muniment.policy.moderation.cases import FilterVersion

MOST_BYTES = 1_000_000
_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterFile:
    """A list as it was handed in: its lines, blanks left out, and the SHA-256 of its bytes."""

    lines: tuple[str, ...]
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterChange:
    """What a version changed of the one before it."""

    version: FilterVersion
    added: tuple[str, ...]
    removed: tuple[str, ...]


def read_filter(name: str, body: bytes) -> FilterFile:
    """Read a list: UTF-8, an entry a line.

    Raises:
        ModerationError: it is too large, no UTF-8, empty, or says something twice.
    """
    if len(body) > MOST_BYTES:
        raise ModerationError(name, [f"expected at most {MOST_BYTES} bytes, found {len(body)}"])
    try:
        text = body.decode("utf-8").removeprefix(_BOM)
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise ModerationError(name, [f"line {line}: expected UTF-8, found other bytes"]) from None
    lines = tuple(line.strip() for line in text.splitlines() if line.strip())
    if not lines:
        raise ModerationError(name, ["expected an entry a line, found none"])
    if len(set(lines)) != len(lines):
        twice = len(lines) - len(set(lines))
        raise ModerationError(name, [f"expected each entry once, found {twice} again"])
    return FilterFile(lines=lines, sha256=sha256_hex(body))


def list_changes(versions: Sequence[FilterVersion]) -> tuple[FilterChange, ...]:
    """Return what each version of one list changed, the first against nothing."""
    before: tuple[tuple[str, ...], ...] = ((), *(version.lines for version in versions))
    return tuple(
        FilterChange(version=version, added=_without(version.lines, last), removed=_without(last, version.lines))
        for last, version in zip(before, versions, strict=False)
    )


def version_at(versions: Iterable[FilterVersion], moment: datetime) -> FilterVersion | None:
    """Return the version in force at *moment* (aware), or None."""
    return next(
        (one for one in versions if one.since <= moment and (one.until is None or moment < one.until)),
        None,
    )


def _without(lines: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    known = set(others)
    return tuple(line for line in lines if line not in known)
