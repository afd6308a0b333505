"""What an answer other than a whole 200 means: each becomes one error of `muniment.errors`.

The platform's words stay out of the message, save a short error name as XRPC and OAuth
give it: they may quote a person.
"""

from __future__ import annotations

import re
from datetime import datetime

import msgspec

from muniment.capture.rate_limits import read_retry_at_or_none
from muniment.errors import (
    CaptureError,
    MalformedReplyError,
    NotFoundError,
    PlatformUnavailableError,
    RateLimitedError,
    TokenRefusedError,
)
from muniment.records.page import Headers

# XRPC answers 400 for these too: https://atproto.com/specs/xrpc#error-responses
_NOT_FOUND_NAMES = frozenset({"NotFound", "RecordNotFound", "RepoNotFound", "AccountNotFound", "BlobNotFound"})
_GONE_NAMES = frozenset({"RepoDeactivated", "RepoTakendown", "RepoSuspended", "AccountTakedown", "AccountDeactivated"})
_TOKEN_NAMES = frozenset({"ExpiredToken", "InvalidToken", "AuthMissing", "AuthenticationRequired"})
_NAME = re.compile(r"[A-Za-z_]{1,40}")


class _ErrorBody(msgspec.Struct):
    error: str = ""


def refusal(status: int, headers: Headers, body: bytes, *, url: str, now: datetime) -> CaptureError:
    """Return the error that the answer *status* means; *body* may be its beginning only."""
    name = _error_name(body)
    message = f"expected 200, the platform answered {status} {name}".rstrip()
    if status in {401, 403} or name in _TOKEN_NAMES:
        return TokenRefusedError(message, url=url)
    if status in {404, 410, 501} or name in _NOT_FOUND_NAMES or name in _GONE_NAMES:
        return NotFoundError(message, url=url)
    retry_at = read_retry_at_or_none(headers, now)
    if status == 429 or (status == 503 and retry_at is not None):
        return RateLimitedError(message, url=url, reset_at=retry_at)
    if status in {408, 425} or status >= 500:
        return PlatformUnavailableError(message, url=url)
    return MalformedReplyError(message, url=url)


def _error_name(body: bytes) -> str:
    try:
        name = msgspec.json.decode(body, type=_ErrorBody).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    return name if _NAME.fullmatch(name) else ""
