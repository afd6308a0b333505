"""The check `monitoring-attested`: somebody looked at every account on every business day, and says so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.errors import EvidenceError
from muniment.evidence.register_event import RegisterEvent
from muniment.policy.attestations import MONITORED, fold_attestations
from muniment.policy.business_days import business_days, end_of_next_business_day
from muniment.policy.check import Judgement, Outcome
from muniment.policy.checks.monitoring import judge_monitoring
from muniment.records.names import format_instant
from tests.unit.policy.scenes import NOW, build_scene, claremont, with_account, with_policy

BOTH = ["bluesky-city", "mastodon-city"]
SINCE = datetime(2026, 11, 9, 12, tzinfo=UTC)  # Monday
WORKED = [date(2026, 11, day) for day in (9, 10, 12, 13, 16, 17)]  # the 11th is a holiday, the 14th a Saturday


def attested(days: Iterable[date], accounts: list[str] = BOTH, **facts: object) -> list[RegisterEvent]:
    return [
        RegisterEvent(
            register="attestations",
            id=f"monitored-{day}-{'-'.join(accounts)}",
            event=MONITORED,
            subject=f"{day}",
            at=format_instant(NOW),
            by="Dana Okafor",
            facts={"day": day.isoformat(), "accounts": accounts, "person": "Dana Okafor", "note": None, **facts},
        )
        for day in days
    ]


def judge(events: list[RegisterEvent], agency: object = None) -> Judgement:
    return judge_monitoring(build_scene(agency or claremont(), events={"attestations": events}, since=SINCE))


def test_found() -> None:
    judgement = judge(attested(WORKED[:-1]))

    assert judgement.outcome is Outcome.NOT_KEPT
    assert [(finding.code, finding.subject, finding.detail) for finding in judgement.findings] == [
        ("M020", "monitoring 2026-11-17", "expected an attestation of bluesky-city, mastodon-city, found none")
    ]


def test_sound() -> None:
    assert (judge(attested(WORKED)).outcome, judge(attested(WORKED)).findings) == (Outcome.KEPT, ())


def test_an_account_that_nobody_looked_at_is_found() -> None:
    half = attested(WORKED[:1], BOTH[:1]) + attested(WORKED[1:])

    (finding,) = judge(half).findings

    assert finding.detail == "expected an attestation of mastodon-city, found none"


def test_two_persons_may_share_a_day() -> None:
    shared = attested(WORKED, BOTH[:1]) + attested(WORKED, BOTH[1:])

    assert judge(shared).outcome is Outcome.KEPT


def test_an_account_is_not_asked_for_before_it_was_opened() -> None:
    agency = with_account(claremont(), "mastodon-city", opened_on=date(2026, 11, 17))

    assert len(judge(attested(WORKED, BOTH[:1]), agency).findings) == 1


def test_without_the_holiday_the_day_would_be_asked_for() -> None:
    agency = claremont()
    assert agency.policy is not None
    assert agency.policy.monitoring is not None
    plain = with_policy(agency, monitoring=replace(agency.policy.monitoring, holidays=()))

    assert [finding.subject for finding in judge(attested(WORKED), plain).findings] == ["monitoring 2026-11-11"]


def test_other_attestations_of_the_register_are_none_of_monitoring() -> None:
    logo = RegisterEvent(
        register="attestations",
        id="logo",
        event="profile",
        subject="bluesky-city",
        at=format_instant(NOW),
        by="Dana Okafor",
        facts={"element": "logo"},
    )

    assert judge([logo, *attested(WORKED)]).outcome is Outcome.KEPT


def test_an_agency_that_has_set_no_days_has_nothing_to_check() -> None:
    assert judge([], with_policy(claremont(), monitoring=None)).outcome is Outcome.NOTHING_TO_CHECK


@pytest.mark.parametrize("wrong", [{"day": "the 9th"}, {"accounts": "all"}, {"person": 7}])
def test_a_malformed_attestation_is_told_by_its_event(wrong: dict[str, object]) -> None:
    with pytest.raises(EvidenceError, match="event monitored-2026-11-09"):
        fold_attestations(attested(WORKED[:1], **wrong))


@given(st.integers(-333 * 24 * 60, 400 * 24 * 60))
def test_the_next_business_day_closes_later_and_is_one(minutes: int) -> None:
    agency, moment = claremont(), NOW + timedelta(minutes=minutes)

    due = end_of_next_business_day(agency, moment)

    today = moment.astimezone(due.tzinfo).date()
    assert due > moment
    assert (due.hour, due.minute) == (18, 0)
    assert list(business_days(agency, today, due.date()))[-1] == due.date()
    assert len([day for day in business_days(agency, today, due.date()) if day != today]) == 1
