"""What a disposition's DAG is made of, from the agency's schedule: its steps, its form, its times."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import Param

from muniment.records.period import parse_period
from muniment.records.schedule import DRILL, Action

if TYPE_CHECKING:
    from muniment.records.schedule import ApprovalStep, DispositionProfile, RetentionSchedule

UNANSWERED = "unanswered"
_MARGIN = timedelta(days=7)  # over the time that a disposition may take by its profile
# In a drill, and else. A task that is due again within a second or two of its rescheduling
# can be taken for a failed one: the executor still reports its last turn.
_POKE = {True: timedelta(seconds=10), False: timedelta(minutes=5)}


def asked_steps(schedule: RetentionSchedule) -> tuple[ApprovalStep, ...]:
    """Return the steps that are asked of people for each batch, in their order."""
    profile = schedule.disposition
    return () if profile is None else tuple(step for step in profile.steps if not step.standing)


def dispose_params(schedule: RetentionSchedule) -> dict[str, Param]:
    """Return what whoever proposes a disposition must say; of the exclusions one answer each."""
    series = sorted({row.series for row in schedule.rows if row.action is not Action.KEEP})
    return {
        "series": Param(series[0] if series else None, type="string", enum=series, description="What is to go."),
        "volumes": Param(
            [],
            type="array",
            uniqueItems=True,
            items={"type": "string", "pattern": "^records/"},
            description="Volumes by prefix, as `muniment due` lists them; none means all of the series that are due.",
        ),
        "action": Param("destroy", type="string", enum=["destroy", "transfer"]),
        "reason": Param("", type="string", title="Reason", description="Why now; it is sealed with the proposal."),
        **_exclusions(schedule.disposition),
        "disposition": Param(
            None,
            type=["null", "string"],
            pattern="^[a-z0-9-]+$",
            description="The id of one that was proposed already and whose run was lost: goes on with that one.",
        ),
    }


def _exclusions(profile: DispositionProfile | None) -> dict[str, Param]:
    answers = [UNANSWERED, "no", "yes"]
    return {
        item.id: Param(UNANSWERED, type="string", enum=answers, description=f"{item.question} ({item.authority})")
        for item in (profile.exclusions if profile else ())
    }


def longest_run(schedule: RetentionSchedule) -> timedelta:
    """Return how long a disposition may take: its list's validity, its grace, and a week for the rest."""
    profile = schedule.disposition
    spans = (profile.list_valid, profile.grace) if profile else ()
    return sum((_span(text) for text in spans), _MARGIN)


def waiting(schedule: RetentionSchedule) -> dict[str, Any]:
    """Return how the end of the grace period is waited for: without a worker, looking now and then."""
    every = _POKE[schedule.jurisdiction == DRILL]
    return {
        "mode": "reschedule",
        "poke_interval": every,
        "retry_delay": every,
        "retry_exponential_backoff": 0,
        "timeout": longest_run(schedule),
    }


def _span(text: str) -> timedelta:
    period = parse_period(text, drill=True)
    days = period.years * 366 + period.months * 31 + period.weeks * 7 + period.days
    return timedelta(days=days, seconds=period.seconds)
