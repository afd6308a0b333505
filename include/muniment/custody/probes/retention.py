"""Ways to weaken a lock; and what a store must be able to do with one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from muniment.custody.locks import LAST_SAFE_DATE, lock_in, write_retention
from muniment.custody.objects import read_head
from muniment.custody.probes.bench import (
    Bench,
    Throwaway,
    check_in_time,
    differs,
    find_lock,
    is_refused,
    put_locked,
)
from muniment.evidence.findings import Finding
from muniment.evidence.locks import ObjectLock
from muniment.records.names import format_instant
from muniment.records.schedule import LockMode

_FAR = datetime(2099, 12, 31, 23, 59, 59, tzinfo=UTC)
_CENTURY = datetime(2126, 1, 1, tzinfo=UTC)


def find_downgrade(bench: Bench) -> Iterator[Finding]:
    """D005: turn a COMPLIANCE lock into a GOVERNANCE one."""
    yield from _weaken(bench, "D005", "governance", lambda until: {"Mode": "GOVERNANCE", "RetainUntilDate": until})


def find_shortening(bench: Bench) -> Iterator[Finding]:
    """D006: bring a lock's date forward, or clear the lock."""
    yield from _weaken(bench, "D006", "shorter", _retain_shorter)
    yield from _weaken(bench, "D006", "cleared", lambda until: {})  # noqa: ARG005 - no lock has no date


def find_inexact_locks(bench: Bench) -> Iterator[Finding]:
    """D010: a lock is stored as asked for, near and in 2099, and shown alike by both ways to ask."""
    near = put_locked(bench, "exact-near")
    yield from _compare(bench, near, "D010")
    far = put_locked(bench, "exact-2099", until=_FAR, mode=LockMode.GOVERNANCE)
    yield from _compare(bench, far, "D010")
    _let_go(bench, far)


def find_wrapped_dates(bench: Bench) -> Iterator[Finding]:
    """D014: a date in 2126 falls elsewhere; the vault then refuses dates that far."""
    throwaway = put_locked(bench, "exact-2126", until=_CENTURY, mode=LockMode.GOVERNANCE)
    wrong = differs(find_lock(bench, throwaway.version), throwaway.lock)
    _let_go(bench, throwaway)
    if wrong:
        yield Finding("D014", bench.bucket, f"locks past {format_instant(LAST_SAFE_DATE)} are refused: {wrong}")


def find_no_extension(bench: Bench) -> Iterator[Finding]:
    """D011: a COMPLIANCE lock can be given a later date."""
    throwaway = put_locked(bench, "extend")
    later = ObjectLock(LockMode.COMPLIANCE, throwaway.lock.until + timedelta(seconds=5))
    if is_refused(write_retention, client=bench.operator, version=throwaway.version, until=later.until):
        yield Finding("D011", bench.bucket, "a lock could not be extended")
    elif wrong := differs(find_lock(bench, throwaway.version), later):
        yield Finding("D011", bench.bucket, f"a lock was not extended as asked: {wrong}")


def _retain_shorter(until: datetime) -> dict[str, object]:
    return {"Mode": "COMPLIANCE", "RetainUntilDate": until - timedelta(seconds=2)}


def _weaken(bench: Bench, code: str, way: str, build: Callable[[datetime], dict[str, object]]) -> Iterator[Finding]:
    for whose, client in bench.keys.items():
        for bypass in (False, True):
            throwaway = put_locked(bench, f"{way}-{whose}-{bypass}".lower())
            is_refused(
                client.put_object_retention,
                **throwaway.address,
                Retention=build(throwaway.lock.until),
                BypassGovernanceRetention=bypass,
            )
            wrong = differs(find_lock(bench, throwaway.version), throwaway.lock)
            check_in_time(throwaway)
            if wrong:
                yield Finding(code, bench.bucket, f"{way} with the {whose}'s key, bypass {bypass}: {wrong}")


def _compare(bench: Bench, throwaway: Throwaway, code: str) -> Iterator[Finding]:
    asked = throwaway.lock
    ways = {
        "its retention": find_lock(bench, throwaway.version),
        "its headers": lock_in(read_head(bench.operator, throwaway.version)),
    }
    for way, found in ways.items():
        if wrong := differs(found, asked):
            yield Finding(code, bench.bucket, f"read by {way}: {wrong}")


def _let_go(bench: Bench, throwaway: Throwaway) -> None:
    """Remove a GOVERNANCE throwaway with whichever key may; it stays, at a few bytes, where none may."""
    for client in bench.keys.values():
        is_refused(client.delete_object, **throwaway.address, BypassGovernanceRetention=True)
