"""Doubles at the seam: a transport that answers from a list, a clock that moves when somebody sleeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import httpx

from muniment.capture.exchange import Limits
from muniment.capture.polite_client import Credentials, PoliteClient
from muniment.records.agency import Account, AccountStatus, Platform
from muniment.records.names import AccountId

HOME = "https://social.example"
START = datetime(2026, 11, 21, 12, tzinfo=UTC)

Handler = Callable[[httpx.Request], httpx.Response]


class FakeTime:
    """Time that passes only while sleeping."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def clock(self) -> datetime:
        return START + timedelta(seconds=sum(self.slept))

    def monotonic(self) -> float:
        return sum(self.slept)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def client_of(
    handler: Handler,
    *,
    time: FakeTime | None = None,
    credentials: Credentials | None = None,
    limits: Limits | None = None,
) -> PoliteClient:
    time = time or FakeTime()
    return PoliteClient(
        agent="Muniment/0 (+https://city.example)",
        clock=time.clock,
        sleep=time.sleep,
        monotonic=time.monotonic,
        chance=lambda: 0.5,
        transport=httpx.MockTransport(handler),
        credentials=credentials,
        limits=limits,
    )


def raw_reply(status: int = 200, body: bytes = b"{}", headers: Iterable[tuple[str, str]] = ()) -> httpx.Response:
    """Return an answer with exactly these bytes and headers, nothing added and nothing decoded."""
    return httpx.Response(status, headers=list(headers), stream=httpx.ByteStream(body))


def again(answer: httpx.Response) -> httpx.Response:
    """Return *answer* as it was before anybody read it."""
    return httpx.Response(answer.status_code, headers=answer.headers.raw, stream=answer.stream)


def answering(*answers: httpx.Response | Exception) -> Handler:
    """Return a handler that gives *answers* in turn; a request too many fails the test."""
    left = list(answers)

    def handler(request: httpx.Request) -> httpx.Response:
        assert left, f"a request too many: {request.url}"
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return again(answer)

    return handler


def routed(routes: dict[str, bytes | httpx.Response], asked: list[str] | None = None) -> Handler:
    """Return a handler that answers by path and query, and 404 elsewhere."""

    def handler(request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode()
        if asked is not None:
            asked.append(path)
        answer = routes.get(path, routes.get(path.partition("?")[0]))
        if answer is None:
            return raw_reply(404)
        return raw_reply(body=answer) if isinstance(answer, bytes) else again(answer)

    return handler


def account(platform: Platform, *, handle: str = "cityhall", **changes: object) -> Account:
    fields: dict[str, object] = {
        "id": AccountId(f"{platform}-city"),
        "platform": platform,
        "handle": handle,
        "address": f"{HOME}/@{handle}",
        "api": HOME,
        "department": "Clerk",
        "status": AccountStatus.ACTIVE,
        "registration_email": "social@city.example",
        "series": (),
    }
    return Account(**fields | changes)  # type: ignore[arg-type]
