"""From an error about one thing to the gap that records it."""

from __future__ import annotations

from muniment.capture.addresses import AddressRefusedError, Query
from muniment.capture.polite_client import PoliteClient
from muniment.errors import (
    CaptureError,
    MunimentError,
    NotFoundError,
    PageTooLargeError,
    PlatformUnavailableError,
    TokenRefusedError,
)
from muniment.records.page import Gap, GapReason, Page, Purpose

_REASONS: tuple[tuple[type[MunimentError], GapReason], ...] = (
    (NotFoundError, GapReason.NOT_FOUND),
    (TokenRefusedError, GapReason.FORBIDDEN),
    (PageTooLargeError, GapReason.TOO_LARGE),
    (AddressRefusedError, GapReason.REFUSED_ADDRESS),
    (PlatformUnavailableError, GapReason.UNREACHABLE),
)


def reason_of(error: MunimentError) -> GapReason:
    """Return why a thing is missing whose capture ended in *error*."""
    return next((reason for kind, reason in _REASONS if isinstance(error, kind)), GapReason.UNREADABLE)


def detail_of(error: MunimentError) -> str:
    """Return what *error* says, without the address: the gap has a place of its own for it."""
    return error.statement if isinstance(error, CaptureError) else str(error)


def gap_of(error: MunimentError, client: PoliteClient, *, purpose: Purpose, subject: str | None) -> Gap:
    """Return the gap that *error* leaves in *purpose*."""
    return Gap(
        purpose=purpose,
        subject=subject,
        reason=reason_of(error),
        detail=detail_of(error),
        noticed_at=client.clock(),
    )


def gap_not_offered(detail: str, client: PoliteClient, *, purpose: Purpose, subject: str | None = None) -> Gap:
    """Return the gap of something that the platform has no way to ask for."""
    return Gap(
        purpose=purpose,
        subject=subject,
        reason=GapReason.NOT_OFFERED,
        detail=detail,
        noticed_at=client.clock(),
    )


def fetch_or_gap(
    client: PoliteClient, url: str, query: Query | None = None, *, purpose: Purpose, subject: str | None = None
) -> Page | Gap:
    """Return the page of one known thing, or a gap where the platform says that it is not there.

    Raises:
        CaptureError: see `PoliteClient.fetch`; all but `NotFoundError`.
    """
    try:
        return client.fetch(url, query, purpose=purpose, subject=subject)
    except NotFoundError as error:
        return gap_of(error, client, purpose=purpose, subject=subject)
