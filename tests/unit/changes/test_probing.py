"""What the answers of the two hosts mean: the table of states."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.changes.probing import judge_answer
from muniment.records.changes import ItemState
from muniment.records.probes import Answer, Standing, Told

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HERE, NOT, REFUSED = Told.THERE, Told.NOT_THERE, Told.REFUSED


def answer(
    view: Told | None, host: Told | None = None, author: Standing | None = None, *, blocked: bool = False
) -> Answer:
    return Answer(item_id="i", asked_at=NOON, at=NOON, page=0, view=view, host=host, author=author, is_blocked=blocked)


@pytest.mark.parametrize(
    ("told", "state"),
    [
        (answer(None), ItemState.UNKNOWN),
        (answer(REFUSED), ItemState.FORBIDDEN),
        (answer(NOT), ItemState.UNKNOWN),  # the view alone proves nothing
        (answer(NOT, None, Standing.ACTIVE), ItemState.UNKNOWN),
        (answer(NOT, REFUSED), ItemState.UNKNOWN),
        (answer(NOT, HERE), ItemState.TAKEN_DOWN),
        (answer(NOT, HERE, Standing.GONE), ItemState.TAKEN_DOWN),
        (answer(NOT, NOT), ItemState.GONE),
        (answer(NOT, NOT, Standing.ACTIVE), ItemState.GONE),
        (answer(NOT, None, Standing.GONE), ItemState.AUTHOR_GONE),
        (answer(NOT, None, Standing.DEACTIVATED), ItemState.AUTHOR_DEACTIVATED),
        (answer(NOT, None, Standing.TAKEN_DOWN), ItemState.TAKEN_DOWN),
        (answer(NOT, NOT, Standing.GONE), ItemState.AUTHOR_GONE),
        (answer(HERE), ItemState.PRESENT),
        (answer(HERE, blocked=True), ItemState.AUTHOR_BLOCKED),
        (answer(HERE, NOT), ItemState.PRESENT),
    ],
)
def test_a_state_by_what_both_hosts_say(told: Answer, state: ItemState) -> None:
    assert judge_answer(told) is state


def test_what_is_there_and_hidden_is_hidden_unless_its_author_is_blocked() -> None:
    assert judge_answer(answer(HERE), is_hidden=True) is ItemState.HIDDEN
    assert judge_answer(answer(HERE, blocked=True), is_hidden=True) is ItemState.AUTHOR_BLOCKED


@given(
    told=st.builds(
        answer,
        st.none() | st.sampled_from(Told),
        st.none() | st.sampled_from(Told),
        st.none() | st.sampled_from(Standing),
        blocked=st.booleans(),
    ),
    hidden=st.booleans(),
)
def test_what_either_host_still_has_is_never_gone(told: Answer, hidden: bool) -> None:
    state = judge_answer(told, is_hidden=hidden)
    if HERE in (told.view, told.host):
        assert state not in {ItemState.GONE, ItemState.AUTHOR_GONE, ItemState.AUTHOR_DEACTIVATED}
    if state is ItemState.GONE:
        assert (told.view, told.host) == (NOT, NOT)
