"""What appending to the log and proving from it costs as the log grows: objects touched and hashes computed, counted.

Counts and not times, so that they are the same on every machine. ``python -m benchmarks.log_growth``
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

from muniment.custody.log_tip import read_from
from muniment.custody.log_writer import LogWriter
from muniment.errors import AlreadySealedError, ObjectMissingError
from muniment.evidence import merkle
from muniment.evidence.checkpoint import Checkpoint
from muniment.evidence.log_proof import prove_inclusion
from muniment.evidence.log_records import KEY_KIND, MANIFEST_KIND, KeyRecord, LogEntry, entry_of
from muniment.evidence.manifest import Retention
from muniment.evidence.merkle import check_inclusion, leaf_hash
from muniment.evidence.notes import make_signing_key

ORIGIN, DAY = "bench.example/muniment/bench", "2031-12-01T08:00:00.000000Z"
RETENTION = Retention(
    row="B-3",
    schedule_version="1",
    schedule_sha256="0" * 64,
    title="log",
    authority=("California Government Code 34090",),
    trigger="captured",
    period="P5Y",
    cutoff_at=DAY,
    locked_until=DAY,
    lock_mode="COMPLIANCE",
    steps=("one",),
)


@dataclass
class CountingVault:
    """Keeps objects in memory, and counts those that are touched."""

    bodies: dict[str, bytes] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)

    def seal_bytes(self, key: str, body: bytes, *, lock_until: datetime, content_type: str) -> None:  # noqa: ARG002 - a vault's signature
        """Keep *body*, once."""
        self.touched.add(key)
        if self.bodies.setdefault(key, body) != body:
            raise AlreadySealedError(key)

    def read(self, key: str) -> bytes:
        """Return what *key* holds."""
        self.touched.add(key)
        if key not in self.bodies:
            raise ObjectMissingError(key)
        return self.bodies[key]

    def list_keys(self, prefix: str) -> Iterator[str]:
        """Yield the keys under *prefix*."""
        if prefix in self.bodies:  # asked whether there is one
            self.touched.add(prefix)
            return iter([prefix])
        return iter(sorted(key for key in self.bodies if key.startswith(prefix) and key.startswith("log/keys/")))

    list_objects = list_keys


@dataclass(frozen=True, slots=True)
class Cost:
    """Objects touched and hashes computed."""

    objects: int
    hashes: int


@dataclass(frozen=True, slots=True)
class LogGrowth:
    """The dearest append of one batch and the dearest proof, in the log's first tenth and in its last."""

    entries: int
    batch: int
    append_early: Cost
    append_late: Cost
    prove_early: Cost
    prove_late: Cost

    @property
    def ratios(self) -> dict[str, float]:
        """Return late over early: 1 is constant, 10 would be linear."""
        return {
            "append objects": self.append_late.objects / self.append_early.objects,
            "append hashes": self.append_late.hashes / self.append_early.hashes,
            "prove objects": self.prove_late.objects / self.prove_early.objects,
            "prove hashes": self.prove_late.hashes / self.prove_early.hashes,
        }


def measure_log_growth(entries: int = 10_000, batch: int = 20) -> LogGrowth:
    """Append *entries* in batches of *batch*, and prove some at a tenth of the way and at its end."""
    vault, key = CountingVault(), make_signing_key(ORIGIN)
    writer = LogWriter(vault, ORIGIN, {key.verifier.id.hex(): key})  # type: ignore[arg-type]
    appended, proved = [], []
    with _counting() as hashes:
        for first in range(0, entries, batch):
            appended.append(_cost(vault, hashes, partial(_append, writer, first, batch)))
            if first + batch in (entries // 10, entries):
                proved.append(_prove_some(vault, writer.settle(hint=first // batch).checkpoint, hashes))
    tenth = len(appended) // 10
    return LogGrowth(
        entries, batch, _dearest(appended[1:tenth]), _dearest(appended[-tenth:]), *(_dearest(found) for found in proved)
    )


def _append(writer: LogWriter, first: int, count: int) -> None:
    key_id, key = next(iter(writer.keys.items()))
    tip = writer.settle(hint=first // count - 1)
    entries = [LogEntry(MANIFEST_KIND, f"records/{number}", f"{number:064x}") for number in range(first, first + count)]
    if not first:
        record = KeyRecord(vkey=key.verifier.vkey, previous=None)
        entries[0] = entry_of(KEY_KIND, record.key, writer.seal_key_record(record, [key_id], RETENTION))
    writer.append(tip, entries, [key_id], at=datetime(2026, 11, 21, tzinfo=UTC) + timedelta(seconds=first),
                  retention=RETENTION)  # fmt: skip
    writer.settle(hint=first // count)


def _prove_some(vault: CountingVault, tree: Checkpoint, hashes: SimpleNamespace) -> list[Cost]:
    places = range(0, tree.size, max(1, tree.size // 50))
    return [_cost(vault, hashes, partial(_prove, vault, tree, place)) for place in places]


def _prove(vault: CountingVault, tree: Checkpoint, index: int) -> None:
    proof = prove_inclusion(read_from(vault), index, tree.size)  # type: ignore[arg-type]
    if index:  # the first is the key's record
        check_inclusion(leaf_hash(LogEntry(MANIFEST_KIND, f"records/{index}", f"{index:064x}").to_bytes()), index,
                        tree.size, tree.root, proof)  # fmt: skip


def _cost(vault: CountingVault, hashes: SimpleNamespace, act: Any) -> Cost:
    vault.touched.clear()
    hashes.count = 0
    act()
    return Cost(len(vault.touched), hashes.count)


def _dearest(costs: list[Cost]) -> Cost:
    return Cost(max(cost.objects for cost in costs), max(cost.hashes for cost in costs))


class _counting:  # noqa: N801 - used as a statement
    """Counts the hashes of the tree while it lasts."""

    def __enter__(self) -> SimpleNamespace:
        self.hashes = SimpleNamespace(count=0)

        def count(body: bytes = b"") -> Any:
            self.hashes.count += 1
            return hashlib.sha256(body)

        merkle.sha256 = count  # type: ignore[assignment]
        return self.hashes

    def __exit__(self, *_: object) -> None:
        merkle.sha256 = hashlib.sha256


def main() -> None:
    """Print the counts and the ratios."""
    growth = measure_log_growth()
    print(json.dumps(asdict(growth) | {"ratios": {name: round(value, 2) for name, value in growth.ratios.items()}}))


if __name__ == "__main__":
    main()
