"""What a real Bluesky network answered for everything that vanished on it, judged again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from muniment.changes.probing import judge_answer
from muniment.parsing.probe_answers import read_answers
from muniment.records.agency import Platform
from muniment.records.changes import ItemState
from muniment.records.page import Page, Purpose

RECORDED: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "replies" / "bluesky-vanished" / "answers.json").read_text("utf-8")
)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
STATES = {
    "deleted by its author": ItemState.GONE,
    "post deleted by the city": ItemState.GONE,
    "account deleted": ItemState.AUTHOR_GONE,
    "account deactivated": ItemState.AUTHOR_DEACTIVATED,
    "author blocked, before": ItemState.AUTHOR_BLOCKED,
    "author blocked, after": ItemState.AUTHOR_BLOCKED,
    "hidden by the thread gate, before": ItemState.HIDDEN,
    "hidden by the thread gate, after": ItemState.HIDDEN,
    "record taken down by the AppView": ItemState.TAKEN_DOWN,
    "account taken down by its host": ItemState.TAKEN_DOWN,
}


def pages(*without: Purpose) -> list[Page]:
    return [
        Page(
            sequence=told["sequence"],
            purpose=Purpose(told["purpose"]),
            subject=told["subject"],
            method="GET",
            url=told["url"],
            request_headers=(),
            status=told["status"],
            response_headers=(("content-type", "application/json"),),
            requested_at=NOON,
            received_at=NOON,
            body=json.dumps(told["body"]).encode(),
        )
        for told in RECORDED["answers"]
        if told["purpose"] not in without
    ]


@pytest.mark.parametrize("act", STATES)
def test_each_way_to_vanish_is_told_from_the_others(act: str) -> None:
    answer = read_answers(pages(), Platform.BLUESKY, {})[RECORDED["acts"][act]]
    assert judge_answer(answer, is_hidden="hidden" in act) is STATES[act]


def test_every_act_that_a_list_can_show_is_in_the_recording() -> None:
    assert set(RECORDED["acts"]) - set(STATES) == {"record taken down by its host"}


def test_without_the_authors_host_nothing_is_told_to_be_gone() -> None:
    answers = read_answers(pages(Purpose.PROBE_HOST, Purpose.PROBE_AUTHOR), Platform.BLUESKY, {})
    assert {judge_answer(answers[RECORDED["acts"][act]]) for act in STATES if "deleted" in act} == {ItemState.UNKNOWN}
