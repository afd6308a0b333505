from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from muniment.tables.ahead import WriteBehind, each_ahead, read_ahead


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


def test_without_threads_a_write_is_done_when_it_is_asked_for() -> None:
    def fail() -> None:
        raise OSError("disk")

    written: list[int] = []
    with WriteBehind(threads=False) as behind:
        behind.do(written.append, 1)
        assert written == [1]
        with pytest.raises(OSError, match="disk"):
            behind.do(fail)


def test_what_many_make_comes_in_the_order_of_what_was_given() -> None:
    later = threading.Event()

    def act(number: int) -> int:
        if number == 0:
            assert later.wait(10)
        elif number == 2:
            later.set()
        return number * 10

    with ThreadPoolExecutor(2) as threads:
        assert list(each_ahead(threads, act, range(5), ahead=3)) == [0, 10, 20, 30, 40]
        assert list(each_ahead(threads, act, [], ahead=3)) == []


def test_no_more_than_so_many_are_begun_ahead_of_the_first_that_is_not_taken() -> None:
    begun: list[int] = []
    with ThreadPoolExecutor(4) as threads:
        coming = each_ahead(threads, begun.append, range(9), ahead=3)
        next(coming)
        threads.shutdown()
        assert sorted(begun) == [0, 1, 2]


def test_the_first_failure_in_order_is_raised() -> None:
    def act(number: int) -> int:
        if number:
            raise ValueError(f"number {number}")
        return number

    with ThreadPoolExecutor(2) as threads:
        coming = each_ahead(threads, act, range(4), ahead=2)
        assert next(coming) == 0
        with pytest.raises(ValueError, match="number 1"):
            next(coming)
