"""The one HTTP client: polite to the platform, and every answer kept byte for byte.

HTTP/1.1, no redirects, no cookies, no proxies or secrets from the environment. An answer
is a whole 200 or an error; never an empty page.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import httpx

from muniment.capture.addresses import Query, check_private_channel, origin_of, with_query
from muniment.capture.credentials import Credentials
from muniment.capture.exchange import NO_OTHERS, Answer, Limits, Sink, perform
from muniment.capture.rate_limits import Budget, read_budget_or_none
from muniment.capture.redaction import redact_headers, redact_url
from muniment.errors import (
    CaptureError,
    MalformedReplyError,
    PlatformUnavailableError,
    RateLimitedError,
    TooSlowError,
    TruncatedReplyError,
)
from muniment.records.page import Headers, Page, Purpose

__all__ = ["Credentials", "Limits", "PoliteClient", "agent_of"]


def agent_of(version: str, contact: str) -> str:
    """Return how we present ourselves: ``Muniment/<version> (+<contact>)``."""
    return f"Muniment/{version} (+{contact})"


def default_transport() -> httpx.BaseTransport:
    """Return the transport of the real network."""
    return httpx.HTTPTransport(http2=False, retries=0, trust_env=False)


class PoliteClient:
    """Asks one account's platform, for one capture; numbers the pages from 0.

    `clock` returns aware UTC; `sleep` and `monotonic` count seconds; `chance` returns [0, 1).
    """

    def __init__(
        self,
        *,
        agent: str,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
        transport: httpx.BaseTransport | None = None,
        credentials: Credentials | None = None,
        limits: Limits | None = None,
    ) -> None:
        if credentials:
            check_private_channel(credentials.home)
        self.limits = limits or Limits()
        self.clock = clock
        self._agent = agent
        self._sleep, self._monotonic, self._chance = sleep, monotonic, chance
        self._transport = transport or default_transport()
        self._credentials = credentials
        self._budgets: dict[tuple[str, str, int], Budget] = {}
        self._pages = 0

    @property
    def has_credentials(self) -> bool:
        """Tell whether the account's platform gets a token."""
        return self._credentials is not None

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def fetch(
        self,
        url: str,
        query: Query | None = None,
        *,
        purpose: Purpose,
        subject: str | None = None,
        connect_to: str | None = None,
        keeps: frozenset[int] = NO_OTHERS,
    ) -> Page:
        """Return the next page of this capture: the whole answer to GET *url* with *query* added.

        *connect_to* is the numeric address to ask instead of looking the host up. *keeps* are
        statuses that are an answer too: where one asks whether a thing is there, a 404 is the evidence.

        Raises:
            CaptureError: the platform refused (`TokenRefusedError`, `RateLimitedError`,
                `NotFoundError`), failed (`PlatformUnavailableError`) or did not answer with a
                whole 200 (`MalformedReplyError`); the address is not https or loopback.
        """
        page = self.look(url, query, purpose=purpose, subject=subject, connect_to=connect_to, keeps=keeps)
        self._pages += 1
        return replace(page, sequence=self._pages - 1)

    def look(
        self,
        url: str,
        query: Query | None = None,
        *,
        purpose: Purpose,
        subject: str | None = None,
        connect_to: str | None = None,
        keeps: frozenset[int] = NO_OTHERS,
    ) -> Page:
        """Return a page as `fetch` does, numbered -1: it is looked at and not kept.

        Raises:
            CaptureError: as `fetch`.
        """
        request = self._request(with_query(url, query), connect_to=connect_to)
        pieces: list[bytes] = []

        def restart() -> Sink:
            pieces.clear()
            return pieces.append

        limits = self.limits
        answer = self._ask(request, restart, limit_bytes=limits.page_bytes, total_s=limits.total_s, keeps=keeps)
        body = b"".join(pieces)
        if not body and answer.status == 200:
            raise MalformedReplyError("expected a body, the platform answered 200 with none", url=_shown(request))
        return Page(
            sequence=-1,
            purpose=purpose,
            subject=subject,
            method=request.method,
            url=_shown(request),
            request_headers=redact_headers(_headers(request)),
            status=answer.status,
            response_headers=redact_headers(answer.headers),
            requested_at=answer.requested_at,
            received_at=answer.received_at,
            body=body,
        )

    def download(self, url: str, restart: Callable[[], Sink], *, connect_to: str | None = None) -> Answer:
        """Stream a medium's bytes to the sink that *restart* gives at each attempt; never with a token.

        *connect_to* is the numeric address to ask instead of looking the host up. The answer is
        a 200, or a redirect (301, 302, 303, 307, 308) with nothing streamed.

        Raises:
            CaptureError: as `fetch`.
        """
        request = self._request(url, connect_to=connect_to, authorized=False)
        limits = self.limits
        return self._ask(
            request, restart, limit_bytes=limits.medium_bytes, total_s=limits.medium_total_s, may_redirect=True
        )

    def _request(self, url: str, *, connect_to: str | None = None, authorized: bool = True) -> httpx.Request:
        check_private_channel(url)
        headers = {"User-Agent": self._agent, "Accept": "*/*", "Accept-Encoding": "identity"}
        if authorized and self._credentials and origin_of(url) == origin_of(self._credentials.home):
            headers["Authorization"] = f"Bearer {self._credentials.token}"
        extensions: dict[str, object] = {"timeout": self.limits.timeouts(), "spelled": url}
        request = httpx.Request("GET", url, headers=headers, extensions=extensions)
        if connect_to:
            request.extensions["sni_hostname"] = request.url.host
            request.url = request.url.copy_with(host=connect_to)
        return request

    def _ask(
        self,
        request: httpx.Request,
        restart: Callable[[], Sink],
        *,
        limit_bytes: int,
        total_s: float,
        may_redirect: bool = False,
        keeps: frozenset[int] = NO_OTHERS,
    ) -> Answer:
        origin, attempt = origin_of(request.extensions["spelled"]), 0
        while True:
            attempt += 1
            try:
                self._await_budget(origin, request)
                answer = perform(
                    self._transport,
                    request,
                    restart(),
                    shown=_shown(request),
                    clock=self.clock,
                    monotonic=self._monotonic,
                    limit_bytes=limit_bytes,
                    total_s=total_s,
                    may_redirect=may_redirect,
                    keeps=keeps,
                )
            except CaptureError as error:
                pause = self._pause_or_none(error, attempt)
                if pause is None:
                    raise
                self._sleep(pause)
            else:
                self._note_budget(origin, answer)
                return answer

    def _pause_or_none(self, error: CaptureError, attempt: int) -> float | None:
        if attempt >= self.limits.attempts or isinstance(error, TooSlowError):
            return None
        if isinstance(error, RateLimitedError):
            return self._wait_or_none(error.reset_at)
        if isinstance(error, PlatformUnavailableError | TruncatedReplyError):
            return float(self.limits.backoff_s * 2 ** (attempt - 1) * (0.5 + self._chance()))
        return None

    def _wait_or_none(self, reset_at: datetime | None) -> float | None:
        if reset_at is None:
            return None
        wait = max(0.0, (reset_at - self.clock()).total_seconds())
        # Resets are told in whole seconds: a little more, or the first request is refused again.
        return wait + 1 if wait <= self.limits.wait_s else None

    def _await_budget(self, origin: tuple[str, str, int], request: httpx.Request) -> None:
        budget = self._budgets.get(origin)
        if budget is None or budget.remaining > 0 or budget.reset_at <= self.clock():
            return
        wait = self._wait_or_none(budget.reset_at)
        if wait is None:
            raise RateLimitedError(
                "expected a budget of requests, found it used up", url=_shown(request), reset_at=budget.reset_at
            )
        self._sleep(wait)
        del self._budgets[origin]

    def _note_budget(self, origin: tuple[str, str, int], answer: Answer) -> None:
        budget = read_budget_or_none(answer.headers, answer.received_at)
        if budget is not None:
            self._budgets[origin] = budget


def _shown(request: httpx.Request) -> str:
    return redact_url(str(request.extensions["spelled"]))


def _headers(request: httpx.Request) -> Headers:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw)
