"""Every error that Muniment raises on purpose, in one tree.

    MunimentError
    ├── ConfigurationError            a setting is missing or makes no sense
    │   └── AgencyFilesError          an agency's files have faults; carries all of them
    ├── CaptureError                  a platform could not be captured
    │   ├── TokenRefusedError         it refused our credentials; trying again will not help
    │   ├── RateLimitedError          it asked us to wait; says until when
    │   ├── PlatformUnavailableError  it failed or did not answer; trying again may help
    │   │   └── TooSlowError          it answered more slowly than we wait
    │   ├── NotFoundError             it says that what was asked for is not there
    │   ├── MalformedReplyError       it answered, but not a whole good answer
    │   │   ├── TruncatedReplyError   the answer ended before its end
    │   │   └── PageTooLargeError     the answer is larger than we take
    │   ├── PagingError               its paging loops, or leads to another host
    │   ├── TooLateError              the day that was to be captured is over
    │   ├── BasisMissingError         the agency names no ground on which a field may be kept
    │   └── SubscriberListRefusedError  an address would go under a lock in the clear
    ├── ParseError                    a sealed page cannot be read as what it should be
    ├── CustodyError                  the object store
    │   ├── ObjectMissingError
    │   ├── AlreadySealedError        the key holds other bytes
    │   ├── ChecksumError             the bytes stored are not the bytes sent
    │   ├── LockNotKeptError          the lock read back is not the lock asked for
    │   ├── HoldNotKeptError          the hold read back is not the hold asked for
    │   ├── StoreUnfitError           the store has not passed the doctor
    │   ├── StillLockedError          a version to destroy is under a lock that stands
    │   ├── HeldError                 a version to destroy is held
    │   └── StoreUnavailableError
    ├── EvidenceError                 a manifest or key is not what the specification says
    │   ├── ManifestError
    │   ├── ObjectKeyError
    │   ├── ProofError                a Merkle proof does not show what it should
    │   ├── NoteError                 a signed note is malformed, or nobody known signed it
    │   └── LogError                  the log is not what its own entries make it
    ├── TimeAuthorityError            a time authority did not answer as RFC 3161 asks
    ├── CatalogError                  the index over the vault; the vault itself is untouched
    │   ├── CatalogMissingError       it was never built
    │   ├── CatalogVersionError       its tables are of another version
    │   └── CatalogUnavailableError   its server did not answer in time
    ├── RetentionError                a date cannot be computed from the schedule
    │   ├── HoldError                 a hold cannot be placed, changed or released as asked
    │   ├── ScheduleError             a schedule cannot be adopted as asked
    │   └── GateError                 a gate of a disposition is closed; carries every one that is
    ├── ModerationError               an entry cannot be taken into the moderation ledger; carries every reason
    └── ServiceError                  an embedded service did not start, stop or answer

A message says which thing, what was expected and what was found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit


class MunimentError(Exception):
    """Root of every error raised on purpose."""


class ConfigurationError(MunimentError):
    """A setting is missing or makes no sense."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in an agency's files, with its place."""

    file: str
    line: int
    where: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.where}: expected {self.expected}, found {self.found}"


class AgencyFilesError(ConfigurationError):
    """An agency's files have faults; `faults` holds every one of them."""

    def __init__(self, agency: str, faults: list[Fault]) -> None:
        self.agency = agency
        self.faults = faults
        lines = "\n".join(f"  {fault}" for fault in faults)
        super().__init__(f"agency {agency}: {len(faults)} fault(s) in its files\n{lines}")


class CaptureError(MunimentError):
    """A platform could not be captured. `statement` says why, `url` holds what was asked for, secrets removed.

    The message, which ends in logs, names only the server and the call: the rest of an
    address may name a resident.
    """

    def __init__(self, message: str, *, url: str | None = None) -> None:
        self.statement, self.url = message, url
        super().__init__(f"{message} ({_server_and_call(url)})" if url else message)


def _server_and_call(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "an address that is none"
    call = parts.path if parts.path.startswith(("/xrpc/", "/api/")) else "/..."
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{call}"


class TokenRefusedError(CaptureError):
    """The platform refused our credentials."""


class RateLimitedError(CaptureError):
    """The platform asked us to wait until `reset_at` (aware UTC; None when it did not say)."""

    def __init__(self, message: str, *, url: str | None = None, reset_at: datetime | None = None) -> None:
        self.reset_at = reset_at
        super().__init__(message, url=url)


class PlatformUnavailableError(CaptureError):
    """The platform failed or did not answer in time."""


class TooSlowError(PlatformUnavailableError):
    """The platform's answer took longer than the whole time that one answer may take."""


class NotFoundError(CaptureError):
    """The platform says that the thing asked for is not there."""


class MalformedReplyError(CaptureError):
    """The platform answered, but not a whole good answer."""


class TruncatedReplyError(MalformedReplyError):
    """The answer ended before its end."""


class PageTooLargeError(MalformedReplyError):
    """The answer is larger than the limit."""


class PagingError(CaptureError):
    """Paging loops, or leads to another host."""


class TooLateError(CaptureError):
    """What the platform shows now is not what it showed when the capture was ordered."""


class BasisMissingError(CaptureError):
    """The agency's basis register names no ground on which a field may be kept; nothing was asked for."""


class SubscriberListRefusedError(CaptureError):
    """A subscriber list would put somebody's address under a lock in the clear."""


class ParseError(MunimentError):
    """A sealed page cannot be read as what it should be."""


class CustodyError(MunimentError):
    """The object store did not do what custody needs."""


class ObjectMissingError(CustodyError):
    """No object has this key."""


class AlreadySealedError(CustodyError):
    """The key is sealed already and holds other bytes."""


class ChecksumError(CustodyError):
    """The bytes stored are not the bytes sent."""


class LockNotKeptError(CustodyError):
    """The lock read back is not the lock asked for."""


class HoldNotKeptError(CustodyError):
    """The hold read back is not the hold asked for."""


class StoreUnfitError(CustodyError):
    """The store has not passed the doctor's probes."""


class StillLockedError(CustodyError):
    """A version that was to be destroyed is under a lock that has not ended."""


class HeldError(CustodyError):
    """A version that was to be destroyed is held."""


class StoreUnavailableError(CustodyError):
    """The store did not answer."""


class EvidenceError(MunimentError):
    """Evidence is not of the form that its specification gives."""


class ManifestError(EvidenceError):
    """A manifest is not of the form that its specification gives."""


class TimestampError(EvidenceError):
    """A time stamp does not prove what it is kept for; `code` is that of the finding."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


class ObjectKeyError(EvidenceError):
    """A key is not of the form that the layout gives."""


class ProofError(EvidenceError):
    """A Merkle proof does not show what it should."""


class NoteError(EvidenceError):
    """A signed note is malformed, or nobody known signed it."""


class LogError(EvidenceError):
    """The log is not what its own entries make it."""


class TimeAuthorityError(MunimentError):
    """A time authority did not answer, or not as RFC 3161 section 3.4 asks."""


class CatalogError(MunimentError):
    """The catalog did not do what was asked of it. The vault is untouched."""


class CatalogMissingError(CatalogError):
    """The catalog was never built."""


class CatalogVersionError(CatalogError):
    """The catalog's tables are of another version."""


class CatalogUnavailableError(CatalogError):
    """The catalog's server did not answer in time."""


class RetentionError(MunimentError):
    """A retention date cannot be computed."""


class HoldError(RetentionError):
    """A hold cannot be placed, changed or released as asked."""


@dataclass(frozen=True, slots=True, order=True)
class ClosedGate:
    """A gate of a disposition that is closed: its code, which thing it concerns, and what was found."""

    code: str
    subject: str
    detail: str

    def __str__(self) -> str:
        return f"{self.code} {self.subject}: {self.detail}"


class ScheduleError(RetentionError):
    """A schedule cannot be adopted as asked."""


class GateError(RetentionError):
    """Gates of a disposition are closed; `findings` names all of them. Nothing was deleted for it."""

    def __init__(self, disposition: str, findings: Sequence[ClosedGate]) -> None:
        self.disposition = disposition
        self.findings = tuple(findings)
        lines = "\n".join(f"  {gate}" for gate in self.findings)
        super().__init__(f"disposition {disposition}: {len(self.findings)} closed gate(s)\n{lines}")


class ModerationError(MunimentError):
    """An entry cannot be taken into the moderation ledger; `faults` holds every reason. Nothing was entered."""

    def __init__(self, what: str, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__(f"{what}: {'; '.join(self.faults)}")


class ServiceError(MunimentError):
    """An embedded service did not start, stop or answer."""
