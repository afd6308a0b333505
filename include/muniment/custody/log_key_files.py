"""Where the private keys of a log are: files that only their owner reads. Never in a bucket, a log line or a message.

``<agency>.key`` signs. ``<agency>.next.key`` is there while a key is being replaced. A
secrets backend may mount both.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from muniment.errors import ConfigurationError, NoteError
from muniment.evidence.notes import SigningKey, make_signing_key, parse_skey

_OTHERS = 0o077


@dataclass(frozen=True, slots=True)
class LogKeyFiles:
    """The key files of one agency's log."""

    folder: Path
    agency: str

    @property
    def current(self) -> Path:
        """Return the file with the key that signs."""
        return self.folder / f"{self.agency}.key"

    @property
    def next(self) -> Path:
        """Return the file with the key that is about to sign."""
        return self.folder / f"{self.agency}.next.key"

    def read(self) -> dict[str, SigningKey]:
        """Return the keys that are there, by their ids, that which signs first.

        Raises:
            ConfigurationError: there is none, or a file is not a key's or open to others.
        """
        if not self.current.is_file():
            raise ConfigurationError(f"{self.current}: expected the key that signs the log, found no file")
        keys = [read_key_file(path) for path in (self.current, self.next) if path.is_file()]
        return {key.verifier.id.hex(): key for key in keys}

    def make(self, name: str) -> SigningKey:
        """Make the first key, under *name*.

        Raises:
            ConfigurationError: there is one, or the file cannot be written.
        """
        if self.current.exists():
            raise ConfigurationError(f"{self.current}: expected no key yet, found one")
        return self._make(self.current, name)

    def make_next(self, name: str) -> SigningKey:
        """Return the key that is about to sign, made unless it is there.

        Raises:
            ConfigurationError: the file cannot be written, or is not a key's or open to others.
        """
        return read_key_file(self.next) if self.next.is_file() else self._make(self.next, name)

    def promote(self) -> None:
        """Put the next key in the place of the one that signed; the old one is gone.

        Raises:
            ConfigurationError: the file cannot be written.
        """
        try:
            self.next.replace(self.current)
        except OSError as error:
            raise ConfigurationError(f"{self.current}: expected to write it, found {error.strerror}") from None

    def _make(self, path: Path, name: str) -> SigningKey:
        key = make_signing_key(name)
        if not self.folder.exists():
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            _write_once(path, key.skey + "\n")
        except FileExistsError:
            return read_key_file(path)  # somebody else made one a moment ago: theirs counts
        except OSError as error:
            raise ConfigurationError(f"{path}: expected to write it, found {error.strerror}") from None
        return key


def read_key_file(path: Path) -> SigningKey:
    """Read a signing key.

    Raises:
        ConfigurationError: the file is not a key's, or others may read it.
    """
    try:
        mode, text = path.stat().st_mode & 0o777, path.read_text("utf-8").strip()
        key = parse_skey(text)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: expected a signing key, found {type(error).__name__}") from None
    except NoteError as error:
        raise ConfigurationError(f"{path}: {error}") from None
    if mode & _OTHERS:
        raise ConfigurationError(f"{path}: expected a file that only its owner reads, found mode {mode:o}")
    return key


def _write_once(path: Path, text: str) -> None:
    """Write beside *path*, then link: nobody ever reads half a key, and one that is there stays."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    finally:
        draft.unlink()
