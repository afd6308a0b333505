"""Work beside the caller's own, one piece at a time: hashing, compression and sockets do not hold Python's lock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self, TypeVar

_T = TypeVar("_T")


def read_ahead(items: Iterator[_T]) -> Iterator[_T]:
    """Yield *items* in order, taking the next in a thread while the caller works on the one before.

    Raises:
        Exception: whatever *items* raises, where it would have been raised.
    """
    end = object()
    with ThreadPoolExecutor(1, "read-ahead") as thread:
        coming: Future[Any] = thread.submit(next, items, end)
        while (item := coming.result()) is not end:
            coming = thread.submit(next, items, end)
            yield item


class WriteBehind:
    """Carries out one call at a time in a thread; a second waits for the first, so that memory is bounded.

    What a call raises is raised by the next, or at the end of the ``with`` block.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "write-behind")
        self._going: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._thread:
            if error is None:
                self.wait()

    def do(self, act: Callable[..., None], *arguments: object) -> None:
        """Begin *act* with *arguments* once the call before has ended."""
        self.wait()
        self._going = self._thread.submit(act, *arguments)

    def wait(self) -> None:
        """Return when nothing is being done any more."""
        if self._going is not None:
            going, self._going = self._going, None
            going.result()
