"""Ways to remove a locked object before its date."""

from __future__ import annotations

from collections.abc import Iterator

from muniment.custody.probes.bench import (
    Bench,
    Throwaway,
    address_of,
    check_in_time,
    find_lock,
    is_intact,
    is_refused,
    put_locked,
    put_unlocked,
)
from muniment.evidence.findings import Finding


def find_early_deletion(bench: Bench) -> Iterator[Finding]:
    """D002: delete the version, or the key without naming a version."""
    for whose, client in bench.keys.items():
        throwaway = put_locked(bench, f"delete-{whose}")
        is_refused(client.delete_object, **throwaway.address)
        is_refused(client.delete_object, Bucket=bench.bucket, Key=throwaway.version.key)
        yield from _judge(bench, throwaway, "D002", f"deleted with the {whose}'s key")


def find_bypass(bench: Bench) -> Iterator[Finding]:
    """D003: delete the version with the right to bypass GOVERNANCE."""
    for whose, client in bench.keys.items():
        throwaway = put_locked(bench, f"bypass-{whose}")
        is_refused(client.delete_object, **throwaway.address, BypassGovernanceRetention=True)
        yield from _judge(bench, throwaway, "D003", f"deleted with the {whose}'s key and bypass")


def find_bulk_deletion(bench: Bench) -> Iterator[Finding]:
    """D004: delete the version in a list of one, without and with bypass."""
    for whose, client in bench.keys.items():
        for bypass in (False, True):
            throwaway = put_locked(bench, f"bulk-{whose}-{bypass}".lower())
            listed = {"Key": throwaway.version.key, "VersionId": throwaway.version.version_id}
            is_refused(
                client.delete_objects,
                Bucket=bench.bucket,
                Delete={"Objects": [listed]},
                BypassGovernanceRetention=bypass,
            )
            yield from _judge(bench, throwaway, "D004", f"deleted in bulk with the {whose}'s key, bypass {bypass}")


def find_overwriting(bench: Bench) -> Iterator[Finding]:
    """D007: write over the key; the locked version keeps its bytes and its lock."""
    throwaway = put_locked(bench, "overwrite")
    name = throwaway.version
    is_refused(bench.operator.put_object, Bucket=name.bucket, Key=name.key, Body=b"other bytes")
    lock = find_lock(bench, name)
    kept = is_intact(bench, name) and lock is not None and lock.until >= throwaway.lock.until
    check_in_time(throwaway)
    if not kept:
        yield Finding("D007", bench.bucket, "the locked version lost its bytes or its lock when its key was written")


def find_hold_ignored(bench: Bench) -> Iterator[Finding]:
    """D011: a legal hold keeps a version that has no other lock, and lets it go when it ends."""
    hold, free = ({"LegalHold": {"Status": status}} for status in ("ON", "OFF"))
    for whose, client in bench.keys.items():
        version = put_unlocked(bench, f"hold-{whose}")
        address = address_of(version)
        if is_refused(bench.operator.put_object_legal_hold, **address, **hold):
            yield Finding("D011", bench.bucket, "a legal hold was refused")
            return
        is_refused(client.delete_object, **address, BypassGovernanceRetention=True)
        is_refused(client.delete_object, **address)
        if not is_intact(bench, version):
            yield Finding("D011", bench.bucket, f"a held object was deleted with the {whose}'s key")
        elif is_refused(bench.operator.put_object_legal_hold, **address, **free):
            yield Finding("D011", bench.bucket, "a legal hold could not be ended")


def _judge(bench: Bench, throwaway: Throwaway, code: str, detail: str) -> Iterator[Finding]:
    intact = is_intact(bench, throwaway.version)
    check_in_time(throwaway)
    if not intact:
        yield Finding(code, bench.bucket, detail)
