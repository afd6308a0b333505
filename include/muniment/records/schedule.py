"""A retention schedule and its disposition profile, as values: what is kept, how long, and who signs before it goes.

`register` builds these from ``retention.yaml`` and reports every fault; nothing here reads a
file. No legal number has a default, and what the agency has not decided is null, never guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar

from muniment.records.names import SeriesId

_STRICT = {"extra": "forbid"}

PERMANENT = "permanent"  # a period without an end
DRILL = "drill"  # the jurisdiction of exercises: only its schedules may count in seconds


class Cutoff(StrEnum):
    """How long a volume collects before its retention clock can start."""

    CALENDAR_MONTH = "calendar-month"
    CALENDAR_YEAR = "calendar-year"
    UTC_MINUTE = "utc-minute"  # drills only


class LockMode(StrEnum):
    """Object Lock modes (AWS S3 API, PutObjectRetention); `NONE`: the series may not lie under a lock."""

    COMPLIANCE = "COMPLIANCE"
    GOVERNANCE = "GOVERNANCE"
    NONE = "NONE"  # what must go on request; nothing of it is captured


class TriggerEvent(StrEnum):
    """What starts the clock of a row: the cutoff itself, or an event that comes after it (DoD 5015.02 C2.2.2)."""

    CUTOFF = "cutoff"
    ACCOUNT_TERMINATED = "account-terminated"
    BLOCK_ENDED = "block-ended"
    CASE_CLOSED = "case-closed"
    SUPERSEDED = "superseded"
    COPY_VERIFIED = "copy-verified"  # the record copy of a duplicate is verified (Gov. Code 34090.7)
    REMOVAL_REQUESTED = "removal-requested"


class Action(StrEnum):
    """What a disposition does with records that are due."""

    DESTROY = "destroy"
    TRANSFER = "transfer"
    REVIEW = "review"  # the proposal says which of the two
    KEEP = "keep"  # for ever


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRow:
    """One row: what is kept, from when, how long, by whose authority, and what becomes of it."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    id: str  # CA-SM-01
    series: SeriesId
    title: str
    trigger: str  # in words
    starts: TriggerEvent
    cutoff: Cutoff
    period: str  # ISO 8601 duration in years, months, weeks and days: P2Y; or `PERMANENT`
    authority: tuple[str, ...]
    action: Action
    disposition: str  # in words
    approvals: tuple[str, ...]  # steps of the disposition profile, in their order
    pii_class: str  # 0 none, 1 public handle, 2 contact, 3 sensitive; a range as 0-1
    confidentiality: str
    lock_mode: LockMode
    effective_from: date
    effective_until: date | None = None
    vital: bool = False
    below_floor: str | None = None  # the authority by which the floor does not bind this row


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """The act that adopted a schedule."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    resolution: str
    adopted_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """The age below which nothing may be destroyed, whatever a row says (Gov. Code 34090(d))."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    period: str
    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalStep:
    """One signature: who is asked what, and which paper must be named by its hash.

    `office` is one that an `Officer` of the agency holds. `reference` names what else must be
    stated, such as the number of a resolution. A step that is `standing` was given once, by the
    act that adopted the schedule, and is not asked for each batch; None: not decided.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    id: str  # a slug: city-attorney
    title: str
    office: str  # a slug
    question: str
    document: str | None = None
    reference: str | None = None
    standing: bool | None = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """A class of records that may not be destroyed under this profile; each must be answered for each batch."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    id: str  # a slug: gc-34090-a
    question: str  # answered yes (excluded) or no
    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DispositionProfile:
    """The gates of a disposition in one jurisdiction.

    `automatic`: what is due and needs no approval is proposed by the schedule itself. `list_valid`
    is how long a frozen list may wait for its approvals; `grace`, how long destruction waits after
    the last of them. Both are ISO 8601 durations (days; seconds in a drill).
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    route: str  # its name: gc-34090
    authority: tuple[str, ...]
    automatic: bool
    floor: Floor | None
    list_valid: str
    grace: str
    steps: tuple[ApprovalStep, ...]
    exclusions: tuple[Exclusion, ...] = ()

    def step(self, step_id: str) -> ApprovalStep | None:
        """Return the step with *step_id*, or None."""
        return next((step for step in self.steps if step.id == step_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionSchedule:
    """An agency's schedule: rows and a profile of gates, adopted or not."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    version: str
    jurisdiction: str
    adoption: Adoption | None
    disposition: DispositionProfile | None
    rows: tuple[ScheduleRow, ...]

    @property
    def undecided(self) -> tuple[str, ...]:
        """Return the steps of which it is not decided whether they are standing or asked for each batch."""
        return tuple(step.id for step in self.disposition.steps if step.standing is None) if self.disposition else ()

    @property
    def is_retain_only(self) -> bool:
        """Tell whether nothing may be disposed of: no act, no profile, or a step of it undecided."""
        return self.adoption is None or self.disposition is None or bool(self.undecided)

    def row_for(self, series: SeriesId) -> ScheduleRow | None:
        """Return the row that governs *series*, or None when the schedule has none."""
        return next((row for row in self.rows if row.series == series), None)
