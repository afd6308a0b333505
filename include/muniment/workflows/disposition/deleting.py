"""One batch: announced by a sealed event, deleted in the vault and then in the second copy, and told.

Killed anywhere, it is begun again: what the announcement covers may be gone already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from muniment.custody.shredder import Destroyed, Outcome
from muniment.errors import CustodyError, StoreUnavailableError
from muniment.records.canonical import JsonValue
from muniment.retention.batches import Batch
from muniment.retention.dispositions import Disposition, ListedVersion
from muniment.retention.frozen_list import COPIES
from muniment.workflows.disposition.doors import Doors

TRIES = 3
PAUSE_S = 1.0  # before the second try; twice as long before each later one
LOCKED, HELD = "locked", "held"  # refusals that another try does not change
_FINAL = frozenset({LOCKED, HELD})


@dataclass(slots=True)
class _Outcome:
    """What became of the versions of a batch so far."""

    deleted: int = 0
    absent: int = 0
    refused: dict[ListedVersion, str] = field(default_factory=dict)
    unexplained: int = 0  # absent, though nothing of ours had begun to delete them

    def to_facts(self, batch: Batch) -> dict[str, JsonValue]:
        refused: list[JsonValue] = [
            [one.copy, one.key, one.version_id, code] for one, code in sorted(self.refused.items())
        ]
        return {"batch": batch.number, "deleted": self.deleted, "absent": self.absent, "refused": refused}


def run_batch(doors: Doors, found: Disposition, batch: Batch) -> int:
    """Delete *batch*, and return how many of its versions were gone though nothing had begun to delete them.

    Raises:
        CustodyError: versions could not be deleted in `TRIES` tries; it is entered, and another run goes on.
        StoreUnavailableError: a store did not answer.
    """
    known, outcome = found.batch(batch.number), _Outcome()
    if known is None:
        facts: dict[str, JsonValue] = {
            "batch": batch.number,
            "volume": batch.volume.prefix,
            "versions": len(batch.versions),
            "sha256": batch.sha256,
        }
        doors.scene.enter(found.id, "batch-began", facts, at=doors.now(), name=f"{_name(batch)}-began")
    failing = _delete_all(doors, batch, outcome, fresh=known is None)
    if failing:
        codes = ", ".join(f"{count} {code}" for code, count in sorted(Counter(failing.values()).items()))
        fail(doors, found, "R045", f"batch {batch.number}: expected every version deleted, found {codes}")
        raise CustodyError(f"disposition {found.id}: batch {batch.number}: found versions not deleted: {codes}")
    doors.scene.enter(found.id, "batch-ended", outcome.to_facts(batch), at=doors.now(), name=f"{_name(batch)}-ended")
    return outcome.unexplained


def fail(doors: Doors, found: Disposition, code: str, detail: str) -> None:
    """Enter that something did not go as it should; the certificate states it."""
    moment = doors.now()
    name = f"failed-{moment:%Y%m%dt%H%M%S%f}z"
    doors.scene.enter(found.id, "failed", {"code": code, "detail": detail}, at=moment, name=name)


def _name(batch: Batch) -> str:
    return f"batch-{batch.number:04}"


def _delete_all(doors: Doors, batch: Batch, outcome: _Outcome, *, fresh: bool) -> dict[ListedVersion, str]:
    """Delete in each copy in turn; return what was refused for a reason that may pass, after the last try."""
    for copy in COPIES:
        kept = {one.key for one in outcome.refused}
        left = [one for one in batch.versions if one.copy == copy and one.key not in kept]
        # What stays in the vault keeps its copy, for the same reason.
        for one in batch.versions:
            if one.copy == copy and one.key in kept and one not in outcome.refused:
                outcome.refused[one] = next(code for other, code in outcome.refused.items() if other.key == one.key)
        failing = _delete(doors, left, outcome, fresh=fresh)
        if failing:
            return failing
    return {}


def _delete(doors: Doors, versions: list[ListedVersion], outcome: _Outcome, *, fresh: bool) -> dict[ListedVersion, str]:
    left, failing = versions, dict[ListedVersion, str]()
    for attempt in range(1, TRIES + 1):
        if not left:
            return {}
        if attempt > 1:
            fresh = False  # some may be gone by now, and by us
            doors.wait(PAUSE_S * 2 ** (attempt - 2))
        try:
            results = _ask(doors, left)
        except StoreUnavailableError:
            if attempt == TRIES:
                raise
            continue
        failing = _count(zip(left, results, strict=True), outcome, fresh=fresh)
        left = list(failing)
    return failing


def _ask(doors: Doors, versions: list[ListedVersion]) -> tuple[Destroyed, ...]:
    destroy: Callable[..., tuple[Destroyed, ...]] = doors.shredders[versions[0].copy].destroy
    return destroy([doors.name(one) for one in versions])


def _count(
    results: Iterable[tuple[ListedVersion, Destroyed]], outcome: _Outcome, *, fresh: bool
) -> dict[ListedVersion, str]:
    failing: dict[ListedVersion, str] = {}
    for version, result in results:
        if result.outcome is Outcome.DELETED:
            outcome.deleted += 1
        elif result.outcome is Outcome.ABSENT:
            outcome.absent += 1
            outcome.unexplained += fresh
        elif result.code in _FINAL:
            outcome.refused[version] = result.code or ""
        else:
            failing[version] = result.code or "refused"
    return failing
