"""The simulator's own clock: it stands where it was put, and moves when told to."""

from __future__ import annotations

import time
from datetime import datetime, timedelta


class Clock:
    """A clock that starts at *start*; with *ticks* it also runs with the machine's, in whole seconds."""

    def __init__(self, start: datetime, *, ticks: bool = False) -> None:
        self.start = start
        self._advanced = timedelta(0)
        self._begun = time.monotonic() if ticks else None

    def now(self) -> datetime:
        """Return the instant that it shows."""
        ran = 0 if self._begun is None else int(time.monotonic() - self._begun)
        return self.start + self._advanced + timedelta(seconds=ran)

    def advance(self, seconds: int) -> datetime:
        """Move it *seconds* forward and return what it then shows.

        Raises:
            ValueError: *seconds* is negative; what was shown cannot be unshown.
        """
        if seconds < 0:
            raise ValueError(f"expected seconds not below 0, found {seconds}")
        self._advanced += timedelta(seconds=seconds)
        return self.now()
