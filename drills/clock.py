"""The simulator's clock as the product reads it: it moves when read, and when somebody sleeps."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from math import ceil
from threading import Lock
from urllib.parse import urlsplit

_READS_A_SECOND = 2  # an exchange reads the clock twice: so it takes a second, and things happen in mid-capture
_IDLE_S = 2  # the simulator's server closes a connection that says nothing for five


class SimulatedClock:
    """Reads and moves the clock of the simulator at *address*; nobody else may move it meanwhile."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._connection = HTTPConnection(urlsplit(address).netloc, timeout=60)
        self._asked_at = time.monotonic()
        self._reads = 0
        self._lock = Lock()
        self._now = self._ask("GET")

    def __call__(self) -> datetime:
        """Return the instant (aware UTC); every other reading takes a second."""
        self._reads += 1
        if self._reads % _READS_A_SECOND == 0:
            self.advance(timedelta(seconds=1))
        return self._now

    def sleep(self, seconds: float) -> None:
        """Let *seconds* pass, rounded up to whole ones."""
        self.advance(timedelta(seconds=ceil(seconds)))

    def sleep_until(self, moment: datetime) -> None:
        """Let time pass until *moment*, unless it is past."""
        self.advance(max(moment - self._now, timedelta(0)))

    def advance(self, length: timedelta) -> None:
        """Move the clock by *length*, in whole seconds."""
        self._now = self._ask("POST", {"advance_seconds": ceil(length.total_seconds())})

    def look(self) -> datetime:
        """Ask the simulator for the instant, after somebody else has moved its clock."""
        self._now = self._ask("GET")
        return self._now

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _ask(self, method: str, body: dict[str, int] | None = None) -> datetime:
        sent = None if body is None else json.dumps(body)
        with self._lock:
            if time.monotonic() - self._asked_at > _IDLE_S:
                self._connection.close()  # the next request opens it again
            self._connection.request(method, "/simulator/clock", sent, {"Content-Type": "application/json"})
            told = json.loads(self._connection.getresponse().read())
            self._asked_at = time.monotonic()
        return datetime.fromisoformat(told["now"]).astimezone(UTC)
