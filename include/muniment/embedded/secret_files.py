"""Secrets of the embedded services: made once, each in a file that only its owner reads."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from muniment.errors import ServiceError


def read_or_make_secret(path: Path, make: Callable[[], str] | None = None) -> str:
    """Return the secret kept in *path*, made on first use (43 characters, URL-safe, unless *make* is given).

    Raises:
        ServiceError: the file is readable by others, or empty.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        _write_once(path, (make or _random_text)())
    if path.stat().st_mode & 0o077:
        raise ServiceError(f"{path}: expected a file that only its owner reads, found mode {path.stat().st_mode:o}")
    text = path.read_text("utf-8").strip()
    if not text:
        raise ServiceError(f"{path}: expected a secret, found an empty file")
    return text


def write_secret_text(path: Path, text: str) -> None:
    """Write *text* to *path*, whole or not at all, readable by its owner only."""
    draft = _write_draft(path, text)
    draft.replace(path)


def make_fernet_key() -> str:
    """Return 32 random bytes, URL-safe base64 (Fernet specification, "Key Format")."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode("ascii")


def _random_text() -> str:
    return secrets.token_urlsafe(32)


def _write_once(path: Path, text: str) -> None:
    """Write beside *path*, then link: a reader never sees half a secret, a second maker loses."""
    draft = _write_draft(path, text)
    try:
        os.link(draft, path)
    except FileExistsError:
        return  # made by somebody else a moment ago: theirs counts
    finally:
        draft.unlink(missing_ok=True)


def _write_draft(path: Path, text: str) -> Path:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return draft
