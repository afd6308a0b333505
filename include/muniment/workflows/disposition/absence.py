"""Proof of absence: every version of the list is looked for in both copies, by listing and by reading.

What is there after all is deleted if nothing kept it; what was kept, or came later, is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from muniment.custody.shredder import Outcome
from muniment.errors import ClosedGate, CustodyError
from muniment.evidence.destruction_certificate import KeptVersion
from muniment.retention.dispositions import Disposition, FrozenList, ListedVersion
from muniment.workflows.disposition.deleting import TRIES, fail
from muniment.workflows.disposition.doors import Doors
from muniment.workflows.disposition.listing import list_copy

_AT_ONCE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What was shown: the versions that are gone, and those that are there, each with what keeps it."""

    gone: frozenset[ListedVersion]
    kept: tuple[KeptVersion, ...]


def show_absence(doors: Doors, found: Disposition, frozen: FrozenList) -> Shown:
    """Look for every version of the list, and return what was found.

    Raises:
        CustodyError: something that nothing keeps can still be found; it is entered, and another run goes on.
        StoreUnavailableError: a store did not answer.
    """
    listed, reasons = frozenset(frozen.versions()), _reasons(found)
    there = _list(doors, frozen)
    for _ in range(TRIES):
        left = [one for one in sorted(listed & there) if _reason(one, reasons, found) is None]
        if not left:
            break
        _sweep(doors, left)
        there = _list(doors, frozen)
    else:
        left = [one for one in sorted(listed & there) if _reason(one, reasons, found) is None]
    gone = listed - there
    shown = [*left, *_still_read(doors, gone)]
    if shown:
        fail(doors, found, "R046", f"expected no version of the list to be found, found {len(shown)}")
        raise CustodyError(f"disposition {found.id}: expected no version of the list, found {len(shown)}")
    kept = [_keep(one, _reason(one, reasons, found)) for one in sorted(there)]
    return Shown(gone=gone, kept=tuple(kept))


def _list(doors: Doors, frozen: FrozenList) -> frozenset[ListedVersion]:
    return frozenset(
        one
        for volume in frozen.volumes
        for copy, shredder in doors.shredders.items()
        for one in list_copy(shredder, copy, volume.address.prefix)
    )


def _reasons(found: Disposition) -> dict[tuple[str, str, str], ClosedGate]:
    return {
        (copy, key, version): ClosedGate("R037", key, f"the store kept it: {code}")
        for batch in found.batches
        for copy, key, version, code in batch.refused
    }


def _reason(
    one: ListedVersion, refused: Mapping[tuple[str, str, str], ClosedGate], found: Disposition
) -> ClosedGate | None:
    if (gate := refused.get((one.copy, one.key, one.version_id))) is not None:
        return gate
    return next((gate for gate in found.stopped if one.key.startswith(gate.subject)), None)


def _keep(one: ListedVersion, gate: ClosedGate | None) -> KeptVersion:
    code, detail = (gate.code, gate.detail) if gate is not None else ("R028", "it was not on the list")
    return KeptVersion(copy=one.copy, key=one.key, version_id=one.version_id, code=code, detail=detail)


def _sweep(doors: Doors, left: Iterable[ListedVersion]) -> None:
    for copy, shredder in doors.shredders.items():
        names = [doors.name(one) for one in left if one.copy == copy]
        if names and any(result.outcome is Outcome.REFUSED for result in shredder.destroy(names)):
            doors.wait(1.0)


def _still_read(doors: Doors, gone: Iterable[ListedVersion]) -> list[ListedVersion]:
    ordered = sorted(gone)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        absent = pool.map(lambda one: doors.shredders[one.copy].is_absent(doors.name(one)), ordered)
        return [one for one, is_absent in zip(ordered, absent, strict=True) if not is_absent]
