from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from muniment.tables.ahead import WriteBehind, read_ahead


def numbers(fail_at: int | None = None) -> Iterator[int]:
    for number in range(5):
        if number == fail_at:
            raise ValueError(f"number {number}")
        yield number


def test_what_is_read_ahead_comes_whole_and_in_order() -> None:
    assert list(read_ahead(numbers())) == [0, 1, 2, 3, 4]
    assert list(read_ahead(iter(()))) == []


def test_a_failure_comes_where_it_would_have_come() -> None:
    seen: list[int] = []

    with pytest.raises(ValueError, match="number 3"):
        seen.extend(read_ahead(numbers(fail_at=3)))

    assert seen == [0, 1, 2]


def test_no_more_than_one_is_taken_ahead() -> None:
    taken: list[int] = []

    def counting() -> Iterator[int]:
        for number in range(5):
            taken.append(number)
            yield number

    ahead = read_ahead(counting())
    assert next(ahead) == 0
    ahead.close()

    assert taken in ([0], [0, 1])
    assert not any(thread.name.startswith("read-ahead") for thread in threading.enumerate())


def test_what_is_written_behind_is_written_in_order_before_the_block_ends() -> None:
    written: list[int] = []

    with WriteBehind() as behind:
        for number in range(5):
            behind.do(written.append, number)

    assert written == [0, 1, 2, 3, 4]


def test_a_write_that_fails_behind_fails_the_block() -> None:
    def fail() -> None:
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"), WriteBehind() as behind:
        behind.do(fail)


def test_a_failure_of_the_block_is_not_hidden_by_one_behind_it() -> None:
    def fail() -> None:
        raise OSError("disk")

    def write() -> None:
        with WriteBehind() as behind:
            behind.do(fail)
            raise ValueError("block")

    with pytest.raises(ValueError, match="block"):
        write()
