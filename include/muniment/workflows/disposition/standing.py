"""The gates that hold for as long as a disposition lives: checked when it is proposed, and once more at the last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from muniment.errors import ClosedGate, CustodyError
from muniment.evidence.layout import VolumeAddress
from muniment.records.schedule import ScheduleRow
from muniment.retention.clock import DueSum
from muniment.retention.gates import (
    check_action,
    check_adoption,
    check_due,
    check_exclusions,
    check_floor,
    check_matters,
)
from muniment.workflows.clocks.known import Known, know
from muniment.workflows.disposition.listing import FoundVolume, check_second, find_volume
from muniment.workflows.disposition.scene import Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked to go: which volumes, how, and what was said of the exclusions. `own` is the disposition's id."""

    own: str
    addresses: tuple[VolumeAddress, ...]
    action: str
    answers: Mapping[str, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What looking at a volume came to: what is there, and when it is due."""

    found: FoundVolume
    due: DueSum


def check_standing(scene: Scene, asked: Asked, now: datetime) -> tuple[list[ClosedGate], list[Looked]]:
    """Return the gates that are closed at *now* (aware), and what the volumes were found to hold.

    Raises:
        StoreUnavailableError: the vault did not answer. The second copy's silence is a closed gate.
    """
    closed = [*check_adoption(scene.agency.schedule)]
    if closed:
        return closed, []
    known = know(scene.agency, scene.vault, now)
    closed += [*known.not_in_force, *_check_list(known, asked)]
    rows = {scene.agency.schedule.row_for(address.series) for address in asked.addresses}
    row = rows.pop() if len(rows) == 1 else None
    if row is None:
        return [*closed, *check_exclusions(scene.profile(), asked.answers)], []
    closed += [*check_action(row, asked.action), *check_exclusions(scene.profile(), asked.answers)]
    looked: list[Looked] = []
    for address in asked.addresses:
        more, seen = _check_volume(scene, known, address, row)
        closed += more
        looked += seen
    return closed, looked


def _check_list(known: Known, asked: Asked) -> Iterator[ClosedGate]:
    if not asked.addresses:
        yield ClosedGate("R041", asked.own, "expected at least one volume, found none")
    series = sorted({address.series for address in asked.addresses})
    rows = [row.id if (row := known.agency.schedule.row_for(name)) else "none" for name in series]
    if len(rows) > 1 or "none" in rows:
        yield ClosedGate("R041", asked.own, f"expected the volumes of one row, found {', '.join(rows)}")
    wanted = {address.prefix for address in asked.addresses}
    for other in known.dispositions:
        if other.is_open and other.id != asked.own:
            for prefix in sorted(wanted.intersection(other.volumes)):
                yield ClosedGate("R042", prefix, f"expected it in no other disposition, found it in {other.id}")


def _check_volume(
    scene: Scene, known: Known, address: VolumeAddress, row: ScheduleRow
) -> tuple[list[ClosedGate], list[Looked]]:
    closed = [*check_second(scene.vault, scene.second, address)]
    second = scene.second if not closed else None
    try:
        found = find_volume(scene.vault, second, address)
    except CustodyError:
        if second is None:
            raise
        found = find_volume(scene.vault, None, address)
        closed.append(ClosedGate("R036", address.prefix, "expected the second copy to answer, found that it does not"))
    if not found.manifests or found.broken:
        detail = (
            f"expected snapshots with readable manifests, found {len(found.manifests)}, and {len(found.broken)} not"
        )
        return [*closed, ClosedGate("R041", address.prefix, detail)], []
    due = known.sum_of(found.state, row)
    closed += [
        *check_due(address, due, known.at),
        *check_floor(address, row, known.floor, zone=scene.agency.zone, now=known.at),
        *check_matters(address, known.matters_over(address)),
    ]
    return closed, [Looked(found=found, due=due)]
