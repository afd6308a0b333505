"""Work beside the caller's own, one piece at a time: hashing, compression and sockets do not hold Python's lock."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self, TypeVar

_Item = TypeVar("_Item")
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


def each_ahead(threads: Executor, act: Callable[[_Item], _T], items: Iterable[_Item], *, ahead: int) -> Iterator[_T]:
    """Yield what *act* makes of each of *items*, in order, with at most *ahead* of them begun or waiting to be taken.

    Raises:
        Exception: whatever *act* raises, in the order of *items*.
    """
    coming: deque[Future[_T]] = deque()
    for item in items:
        if len(coming) == ahead:
            yield coming.popleft().result()
        coming.append(threads.submit(act, item))
    while coming:
        yield coming.popleft().result()


class WriteBehind:
    """Carries out one call at a time in a thread; a second waits for the first, so that memory is bounded.

    What a call raises is raised by the next, or at the end of the ``with`` block. Without
    *threads*, each call is carried out at once.
    """

    def __init__(self, *, threads: bool = True) -> None:
        self._threads = threads
        self._thread = ThreadPoolExecutor(1, "write-behind")  # starts with its first call
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
        if not self._threads:
            act(*arguments)
            return
        self.wait()
        self._going = self._thread.submit(act, *arguments)

    def wait(self) -> None:
        """Return when nothing is being done any more."""
        if self._going is not None:
            going, self._going = self._going, None
            going.result()
