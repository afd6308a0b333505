"""The city of the golden cases: its schedule of one row, its registers, and a volume, as a case states them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from muniment.evidence.layout import VolumeAddress
from muniment.evidence.register_event import RegisterEvent
from muniment.records.agency import Agency, CaptureTimetable, Fixity, Notices
from muniment.records.names import AccountId, AgencyId, VolumeId, format_instant
from muniment.records.schedule import (
    Action,
    Adoption,
    ApprovalStep,
    Cutoff,
    DispositionProfile,
    Exclusion,
    Floor,
    LockMode,
    RetentionSchedule,
    ScheduleRow,
    TriggerEvent,
)
from muniment.records.series import OFFICIAL_POSTS
from muniment.retention.cutoffs import form_of
from muniment.retention.holds import fold_matters
from muniment.retention.triggers import fold_triggers
from muniment.workflows.clocks.known import Known
from muniment.workflows.volumes import VolumeState

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ROW = ScheduleRow(
    id="CA-SM-01",
    series=OFFICIAL_POSTS,
    title="Official posts",
    trigger="captured",
    starts=TriggerEvent.CUTOFF,
    cutoff=Cutoff.CALENDAR_MONTH,
    period="P2Y",
    authority=("Gov. Code 34090", "claremont-social B.20"),
    action=Action.DESTROY,
    disposition="destroy",
    approvals=("city-clerk", "city-attorney"),
    pii_class="0-1",
    confidentiality="PUB",
    lock_mode=LockMode.COMPLIANCE,
    effective_from=date(2026, 1, 1),
)
STEPS = (
    ApprovalStep(id="city-clerk", title="City Clerk", office="city-clerk", question="Is the list complete?"),
    ApprovalStep(
        id="city-attorney",
        title="City Attorney",
        office="city-attorney",
        question="Do you consent?",
        document="consent",
    ),
)
EXCLUSION = Exclusion(id="gc-34090-b", question="Are they court records?", authority="Gov. Code 34090(b)")


def known_of(case: dict[str, Any]) -> Known:
    """What the clocks of the case's city are read from."""
    return Known(
        agency=agency_of(case),
        at=case.get("now", NOW),
        triggers=fold_triggers(_event(number, told) for number, told in enumerate(case.get("events", []))),
        matters=fold_matters(event for told in case.get("matters", []) for event in _matter(told)),
        dispositions=(),
        extended={},
    )


def state_of(case: dict[str, Any]) -> VolumeState:
    """The case's volume: one snapshot of three objects."""
    sealed = case.get("sealed")
    return VolumeState(
        address=VolumeAddress(OFFICIAL_POSTS, AccountId("city"), VolumeId(str(case.get("volume", "2026-11")))),
        snapshots=1,
        objects=3,
        size_bytes=300,
        sealed_until=sealed,
        least_until=sealed,
        first_taken=NOW,
        last_taken=NOW,
    )


def row_of(case: dict[str, Any]) -> ScheduleRow:
    """The case's row of the schedule."""
    return replace(
        ROW,
        period=case.get("period", "P2Y"),
        starts=TriggerEvent(case.get("starts", "cutoff")),
        cutoff=form_of(VolumeId(str(case.get("volume", "2026-11")))) or Cutoff.CALENDAR_MONTH,
        below_floor=case.get("below_floor"),
    )


def agency_of(case: dict[str, Any]) -> Agency:
    """The case's agency."""
    floor = case.get("floor", "P2Y")
    profile = DispositionProfile(
        route="gc-34090",
        authority=("Gov. Code 34090",),
        automatic=False,
        floor=Floor(period=floor, authority="Gov. Code 34090(d)") if floor else None,
        list_valid="P30D",
        grace="P3D",
        steps=STEPS,
        exclusions=(EXCLUSION,),
    )
    adoption = Adoption(resolution="2026-14", adopted_on=date(2026, 1, 13)) if case.get("adopted", True) else None
    return Agency(
        id=AgencyId("claremont"),
        name="City",
        zone=case.get("zone", "America/Los_Angeles"),
        email_domains=(),
        in_service=True,
        invented_people=True,
        timetable=CaptureTimetable(
            business_days=("mon",),
            opens="08:00",
            closes="18:00",
            business_hours_every_minutes=15,
            other_times_every_minutes=60,
        ),
        notices=Notices(),
        fixity=Fixity(reread_within_days=30),
        accounts=(),
        schedule=RetentionSchedule(
            version="1", jurisdiction="California", adoption=adoption, disposition=profile, rows=(row_of(case),)
        ),
        schedule_sha256="ab" * 32,
    )


def _event(number: int, told: dict[str, Any]) -> RegisterEvent:
    day, volume = told["day"], told.get("volume")
    return RegisterEvent(
        register="triggers",
        id=f"event-{number}",
        event=told["event"],
        subject=told.get("account", "city"),
        at=told.get("at", format_instant(datetime(2026, 11, 1, tzinfo=UTC) + timedelta(hours=number))),
        by="A. Clerk",
        facts={
            "account": told.get("account", "city"),
            "series": told.get("series"),
            "volume": volume,
            "on": None if day is None else day.isoformat(),
            "note": "by letter",
        },
    )


def _matter(told: dict[str, Any]) -> list[RegisterEvent]:
    notice = dict.fromkeys(("number", "acknowledge_by", "confidentiality")) | {
        "attorney": "A. Torney",
        "contact": "room 2",
        "authority": "a claim",
    }
    bounds = dict.fromkeys(("captured_from", "captured_until", "search"))
    scope = bounds | {"accounts": told.get("accounts", []), "series": [], "persons": [], "future": True}
    facts: dict[str, Any] = {"kind": told["kind"], "title": "A matter", "notice": notice}
    placed = RegisterEvent(
        register="holds",
        id=f"{told['id']}-placed",
        event="placed",
        subject=told["id"],
        at="2026-11-20T12:00:00.000000Z",
        by="counsel",
        facts=facts | {"scope": scope, "custodians": []},
    )
    released = replace(
        placed,
        id=f"{told['id']}-released",
        event="released",
        at="2026-11-21T12:00:00.000000Z",
        facts={"attorney": "A. Torney", "reason": "settled"},
    )
    return [placed, released] if told.get("released") else [placed]
