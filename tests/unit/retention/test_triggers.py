"""What stands of the events that start clocks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from muniment.errors import RetentionError
from muniment.evidence.layout import VolumeAddress
from muniment.evidence.register_event import RegisterEvent
from muniment.records.names import AccountId, SeriesId, VolumeId
from muniment.records.schedule import TriggerEvent
from muniment.retention.triggers import fold_triggers

CITY = VolumeAddress(SeriesId("official-posts"), AccountId("city"), VolumeId("2026-11"))


def event(number: int, **facts: Any) -> RegisterEvent:
    return RegisterEvent(
        register="triggers",
        id=f"event-{number}",
        event="account-terminated",
        subject="city",
        at=f"2026-11-2{number}T12:00:00.000000Z",
        by="A. Clerk",
        facts={"account": "city", "series": None, "volume": None, "on": "2026-11-10", "note": "n", **facts},
    )


@pytest.mark.parametrize(
    "wrong",
    [
        event(1, on="10 November"),
        event(1, on=20261110),
        event(1, account=7),
        replace(event(1), event="account-renamed"),
    ],
)
def test_an_event_that_is_not_of_its_form_is_refused(wrong: RegisterEvent) -> None:
    with pytest.raises(RetentionError, match="trigger event-1: expected"):
        fold_triggers([wrong])


def test_a_later_entry_takes_the_place_of_an_earlier_one_whatever_their_order() -> None:
    early, late = event(1), event(2, on="2026-10-31")

    for events in ([early, late], [late, early]):
        (fact,) = fold_triggers(events)
        assert fact.on == date(2026, 10, 31)


def test_an_entry_without_a_day_takes_an_earlier_one_back_and_no_other() -> None:
    (fact,) = fold_triggers([event(1), event(2, volume="2026-10", on="2026-11-01"), event(3, on=None)])

    assert fact.volume == "2026-10"


def test_an_event_concerns_what_it_names_and_all_where_it_names_nothing() -> None:
    (account,) = fold_triggers([event(1)])
    (other,) = fold_triggers([event(1, account="library")])
    (everyone,) = fold_triggers([event(1, account=None)])
    (series,) = fold_triggers([event(1, series="public-comments")])

    assert account.event is TriggerEvent.ACCOUNT_TERMINATED
    assert [fact.concerns(CITY) for fact in (account, other, everyone, series)] == [True, False, True, False]
