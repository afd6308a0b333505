"""One attempt at one HTTP exchange: the bytes as they come, within limits of size and time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import httpx

from muniment.capture.refusals import refusal
from muniment.errors import (
    MalformedReplyError,
    PageTooLargeError,
    PlatformUnavailableError,
    TooSlowError,
    TruncatedReplyError,
)
from muniment.records.page import Headers

Sink = Callable[[bytes], object]

REDIRECTS = frozenset({301, 302, 303, 307, 308})  # RFC 9110 section 15.4
NO_OTHERS: frozenset[int] = frozenset()
_REFUSAL_BYTES = 1 << 16  # of an error's body, as much as names it


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much, how long, how often."""

    page_bytes: int = 32 << 20
    medium_bytes: int = 1 << 30
    connect_s: float = 10
    read_s: float = 30  # between two pieces of an answer
    total_s: float = 120  # one page, from asking to its last byte
    medium_total_s: float = 1800
    attempts: int = 3
    backoff_s: float = 1
    wait_s: float = 330  # the longest wait for a budget; Mastodon renews its own every five minutes
    pages: int = 100_000  # of one listing

    def timeouts(self) -> dict[str, float]:
        """Return the limits in seconds that the transport keeps by itself."""
        return {"connect": self.connect_s, "read": self.read_s, "write": self.read_s, "pool": self.connect_s}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back, without its body. Times are aware UTC."""

    status: int
    headers: Headers
    requested_at: datetime
    received_at: datetime
    size_bytes: int

    def header(self, name: str) -> str | None:
        """Return the first header *name* (any case), or None."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


def perform(
    transport: httpx.BaseTransport,
    request: httpx.Request,
    sink: Sink,
    *,
    shown: str,
    clock: Callable[[], datetime],
    monotonic: Callable[[], float],
    limit_bytes: int,
    total_s: float,
    may_redirect: bool = False,
    keeps: frozenset[int] = NO_OTHERS,
) -> Answer:
    """Send *request* once and pour the body of a whole 200 into *sink*. *shown* is its URL for messages.

    An answer of a status in *keeps* is poured as a 200 is.

    Raises:
        CaptureError: no whole 200 (or redirect, where it may) came within the limits.
    """
    requested_at = clock()
    pour = _Pour(sink, shown, limit_bytes, monotonic() + total_s, monotonic)
    response = _send(transport, request, shown)
    headers = _headers(response)
    try:
        if response.status_code == 200 or response.status_code in keeps:
            size = pour.whole(response)
        elif may_redirect and response.status_code in REDIRECTS:
            size = 0
        else:
            raise refusal(response.status_code, headers, pour.beginning(response), url=shown, now=clock())
    finally:
        response.close()
    return Answer(
        status=response.status_code, headers=headers, requested_at=requested_at, received_at=clock(), size_bytes=size
    )


def _send(transport: httpx.BaseTransport, request: httpx.Request, shown: str) -> httpx.Response:
    try:
        return transport.handle_request(request)
    except httpx.TransportError as error:
        raise PlatformUnavailableError(f"expected an answer, found {type(error).__name__}", url=shown) from None


@dataclass(frozen=True, slots=True)
class _Pour:
    """Reads a response's raw bytes, within a size and before a deadline."""

    sink: Sink
    shown: str
    limit_bytes: int
    deadline: float
    monotonic: Callable[[], float]

    def whole(self, response: httpx.Response) -> int:
        stated = self._stated_size_or_none(response)
        if stated is not None and stated > self.limit_bytes:
            raise PageTooLargeError(
                f"expected at most {self.limit_bytes} bytes, {stated} are announced", url=self.shown
            )
        size = 0
        for chunk in self._chunks(response):
            size += len(chunk)
            if size > self.limit_bytes:
                raise PageTooLargeError(f"expected at most {self.limit_bytes} bytes, found more", url=self.shown)
            self.sink(chunk)
        if stated is not None and size != stated:
            raise TruncatedReplyError(f"expected {stated} bytes as announced, found {size}", url=self.shown)
        return size

    def beginning(self, response: httpx.Response) -> bytes:
        body = bytearray()
        for chunk in self._chunks(response):
            body += chunk
            if len(body) >= _REFUSAL_BYTES:
                break
        return bytes(body)

    def _chunks(self, response: httpx.Response) -> Iterator[bytes]:
        try:
            for chunk in response.iter_raw():
                if self.monotonic() > self.deadline:
                    raise TooSlowError(
                        "expected the whole answer within its time limit, found it still coming", url=self.shown
                    )
                yield chunk
        except httpx.RemoteProtocolError:
            raise TruncatedReplyError("expected a whole answer, it broke off", url=self.shown) from None
        except httpx.TransportError as error:
            raise PlatformUnavailableError(
                f"expected an answer, found {type(error).__name__}", url=self.shown
            ) from None

    def _stated_size_or_none(self, response: httpx.Response) -> int | None:
        stated = response.headers.get("content-length")
        if stated is None:
            return None
        if not stated.isdecimal():
            raise MalformedReplyError("expected a number as Content-Length, found something else", url=self.shown)
        return int(stated)


def _headers(response: httpx.Response) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw)
