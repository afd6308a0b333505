"""What a manifest says of its rows: the root over the salted commitments to them, docs/spec/commitments.md."""

from __future__ import annotations

import re
from dataclasses import dataclass

from muniment.errors import ManifestError
from muniment.evidence.row_fields import SCHEME

_ROOT = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """The root over *rows* rows, 64 lower hex digits, and the scheme that gives it."""

    scheme: str
    rows: int
    root: str


def check_commitment(stated: Commitment, rows: int) -> None:
    """Check the form of *stated*, and that it is of all *rows*.

    Raises:
        ManifestError: it is of another scheme or form, or of another number of rows.
    """
    if stated.scheme != SCHEME or not _ROOT.fullmatch(stated.root):
        raise ManifestError(f"manifest: expected a root of {SCHEME}, found one of {stated.scheme[:40]!r}")
    if stated.rows != rows:
        raise ManifestError(f"manifest: expected a commitment to its {rows} rows, found one to {stated.rows}")
