"""What is on the due list, and what stops each volume that is due: every exclusion by its code."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from muniment.errors import ClosedGate
from muniment.records.schedule import Action
from muniment.retention.disposition import Disposition, DispositionState
from muniment.workflows.clocks.due import reckon, summarize
from muniment.workflows.clocks.known import Known
from tests.unit.retention.golden.city import known_of, state_of

DUE: dict[str, Any] = {"volume": "2026-06", "now": datetime(2028, 7, 1, 7, tzinfo=UTC)}
STATE = state_of(DUE)


def codes(known: Known, state: Any = STATE) -> list[str]:
    (line,) = reckon(known, [state])
    assert line.is_due
    return [stop.code for stop in line.stops]


def with_row(known: Known, **changes: Any) -> Known:
    schedule = known.agency.schedule
    rows = tuple(replace(row, **changes) for row in schedule.rows)
    return replace(known, agency=replace(known.agency, schedule=replace(schedule, rows=rows)))


def test_what_is_due_and_not_stopped_may_be_proposed_and_not_a_second_earlier() -> None:
    known = known_of(DUE)
    assert codes(known) == []
    (early,) = reckon(replace(known, at=datetime(2028, 7, 1, 6, 59, 59, tzinfo=UTC)), [STATE])
    assert (early.is_due, early.kind) == (False, "to come")


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("litigation", "R023"),
        ("records-request", "R024"),
        ("claim", "R025"),
        ("audit", "R025"),
        ("ceqa", "R025"),
    ],
)
def test_an_open_matter_stops_it_by_its_kind_and_a_released_one_does_not(kind: str, code: str) -> None:
    assert codes(known_of({**DUE, "matters": [{"id": "m", "kind": kind}]})) == [code]
    assert codes(known_of({**DUE, "matters": [{"id": "m", "kind": kind, "released": True}]})) == []


def test_without_an_adopted_schedule_or_a_profile_everything_that_is_due_is_stopped() -> None:
    known = known_of(DUE)
    schedule = replace(known.agency.schedule, disposition=None)

    assert codes(known_of({**DUE, "adopted": False})) == ["R020"]
    assert codes(replace(known, agency=replace(known.agency, schedule=schedule))) == ["R020"]


def test_a_file_that_is_not_the_schedule_in_force_stops_everything_that_is_due() -> None:
    gate = ClosedGate("R050", "1", "expected version 0, as adopted, found another")
    assert codes(replace(known_of(DUE), not_in_force=(gate,))) == ["R050"]


def test_a_row_that_keeps_lets_nothing_go() -> None:
    assert codes(with_row(known_of(DUE), action=Action.KEEP)) == ["R040"]


def test_what_is_in_an_open_disposition_is_not_proposed_again_and_in_an_ended_one_is() -> None:
    prefix = STATE.address.prefix
    opened = Disposition(id="d-1", state=DispositionState.PROPOSED, volumes=(prefix,))
    ended = replace(opened, state=DispositionState.WITHDRAWN)

    assert codes(replace(known_of(DUE), dispositions=(opened,))) == ["R042"]
    assert codes(replace(known_of(DUE), dispositions=(ended,))) == []


def test_a_manifest_that_cannot_be_read_stops_its_volume() -> None:
    assert codes(known_of(DUE), replace(STATE, unreadable=("records/x",))) == ["V003"]


def test_a_volume_whose_series_has_no_row_is_undecided_and_holds_back_no_other() -> None:
    known = known_of(DUE)
    strange = replace(STATE, address=replace(STATE.address, series="direct-messages"))

    lines = list(reckon(known, [strange, STATE]))

    assert [line.kind for line in lines] == ["undecided", "due"]
    assert [stop.code for stop in lines[0].stops] == ["R001"]


def test_the_summary_names_every_exclusion_counts_the_rest_and_holds_nobodys_name() -> None:
    known = known_of({**DUE, "matters": [{"id": "m", "kind": "litigation", "accounts": ["city"]}]})
    library = replace(STATE, address=replace(STATE.address, account="library"))
    later = state_of({"volume": "2028-06"})

    made = summarize(known, reckon(known, [STATE, library, later]))

    assert [line["volume"] for line in made["due"]] == [library.address.prefix]
    assert [(line["volume"], [stop["code"] for stop in line["stops"]]) for line in made["stopped"]] == [
        (STATE.address.prefix, ["R023"])
    ]
    assert made["counts"] == {"due": 1, "stopped": 1, "to come": 1}
    assert made["stopped_by"] == {"R023": 1}
    assert made["exclusions_to_answer"] == ["gc-34090-b"]
    assert (made["floor"], made["retain_only"]) == ("P2Y", False)
    for name in ("A matter", "A. Torney", "counsel"):
        assert name not in json.dumps(made)
