"""What a changed schedule would do to every volume, before it takes effect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from muniment.errors import RetentionError
from muniment.evidence.digest import sha256_hex
from muniment.records.canonical import JsonValue, canonical_json
from muniment.records.schedule import RetentionSchedule
from muniment.retention.schedule_changes import (
    Change,
    Reckoned,
    VolumeMove,
    judge_move,
    list_profile_changes,
    list_row_changes,
)
from muniment.workflows.clocks.known import Known, read_known, read_states
from muniment.workflows.volumes import VolumeState
from muniment.workflows.wiring import Workplace, now


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What moves when the agency's file takes the place of what was in force. `moves` are in the order of addresses."""

    agency: str
    before: str | None  # the version in force, or the file compared with
    after: str
    after_sha256: str
    rows: dict[str, JsonValue]
    profile: list[str]
    moves: tuple[VolumeMove, ...]
    same: int  # volumes that do not move

    @property
    def counts(self) -> dict[str, int]:
        """Return the number of volumes by what becomes of them."""
        found = Counter(move.change.value for move in self.moves)
        return {change.value: found[change.value] for change in Change} | {Change.SAME.value: self.same}

    @property
    def lost(self) -> tuple[VolumeMove, ...]:
        """Return the volumes that would lose their row, or have no date that can be reckoned."""
        return tuple(move for move in self.moves if move.change is Change.LOST)

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of what is shown: the changes, not the volumes that stay as they are."""
        return sha256_hex(canonical_json(self._shown()))

    def to_json(self) -> dict[str, JsonValue]:
        """Return the preview, with its counts and its SHA-256."""
        counts: dict[str, JsonValue] = {**self.counts}
        return {**self._shown(), "counts": counts, "preview_sha256": self.sha256}

    def _shown(self) -> dict[str, JsonValue]:
        profile: list[JsonValue] = [*self.profile]
        return {
            "agency": self.agency,
            "before": self.before,
            "after": self.after,
            "after_sha256": self.after_sha256,
            "rows": self.rows,
            "profile": profile,
            "moves": [move.to_json() for move in self.moves],
        }


def preview_change(place: Workplace, *, against: RetentionSchedule | None) -> Preview:
    """Compare the agency's file with the schedule *against*; None is no schedule.

    Raises:
        EvidenceError: an event of a register is not of its form.
        RetentionError: as before, of an event that starts a clock.
        StoreUnavailableError: the store did not answer.
    """
    return compare_schedules(read_known(place, now()), read_states(place), against=against)


def compare_schedules(known: Known, states: Iterable[VolumeState], *, against: RetentionSchedule | None) -> Preview:
    """Compare the schedule of *known* with *against* over the volumes of *states*."""
    known = replace(known, adopted=None)  # each by itself, not the longer of both
    before = None if against is None else _under(known, against)
    judged = [
        judge_move(state.address, _reckon(before, state), _reckon(known, state), state.sealed_until) for state in states
    ]
    schedule = known.agency.schedule
    moves = sorted((move for move in judged if move.change is not Change.SAME), key=lambda move: move.address)
    return Preview(
        agency=known.agency.id,
        before=None if against is None else against.version,
        after=schedule.version,
        after_sha256=known.agency.schedule_sha256,
        rows=list_row_changes(against, schedule),
        profile=list_profile_changes(against, schedule),
        moves=tuple(moves),
        same=len(judged) - len(moves),
    )


def _under(known: Known, schedule: RetentionSchedule) -> Known:
    return replace(known, agency=replace(known.agency, schedule=schedule))


def _reckon(known: Known | None, state: VolumeState) -> Reckoned | None:
    row = None if known is None else known.row(state.address)
    if known is None or row is None:
        return None
    unlocked = replace(state, sealed_until=None, least_until=None)
    try:
        return Reckoned(bound=known.sum_of(state, row), bare=replace(known, extended={}).sum_of(unlocked, row))
    except RetentionError:
        return None  # no date is as no row: it is told as lost, and not adopted
