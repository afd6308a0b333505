from __future__ import annotations

from datetime import timedelta

import pytest

from muniment.changes.coverage import Captured, Term, lay_out
from muniment.changes.gap_register import filled_event, fold_gaps, gap_event, read_attempts
from muniment.changes.gaps import (
    MOST_EVIDENCE,
    NO_ATTEMPT,
    NOT_FINISHED,
    NOT_KNOWN,
    REMEDIES,
    Attempt,
    Gap,
    GapKind,
    find_missed,
    find_partial,
    find_quarantined,
    trace,
)
from muniment.errors import EvidenceError
from muniment.evidence.register_event import RegisterEvent
from muniment.records.names import AccountId
from tests.unit.changes.test_coverage import ACCOUNT, GRID, HOUR, NOON, SERIES, TERM, captured

AT = "2026-11-03T12:00:00.000000Z"
END = NOON + 5 * HOUR


def attempt(hour: int, error: str = "TokenRefusedError", **changes) -> Attempt:
    plain = {"account": ACCOUNT, "series": SERIES, "taken_at": NOON + hour * HOUR, "error": error, "key": f"e{hour}"}
    return Attempt(**(plain | changes))


def missed(*captures: Captured, term: Term = TERM, closed: bool = False, **known) -> list[Gap]:
    slots = lay_out(term, GRID, captures, since=NOON, until=END)
    traces = trace(term, GRID, **({"attempts": (), "begun": (), "ran": frozenset(), "since": NOON} | known))
    began = {one.snapshot: one.began_at for one in captures}
    return list(find_missed(slots, began, traces, ends=END, closed=closed))


def test_without_a_miss_there_is_no_gap() -> None:
    assert missed(*(captured(NOON + n * HOUR) for n in range(5))) == []


def test_a_gap_is_from_the_first_capture_missed_to_the_beginning_of_the_next_one_made() -> None:
    (gap,) = missed(captured(NOON), captured(NOON + 3 * HOUR), captured(NOON + 4 * HOUR))

    assert (gap.begins, gap.ends, gap.closed, gap.count) == (
        NOON + HOUR, NOON + 3 * HOUR + timedelta(seconds=2), True, 2,
    )  # fmt: skip


def test_a_gap_that_no_capture_ended_is_open_and_closed_where_the_account_has_ended() -> None:
    (gap,), (over,) = missed(captured(NOON)), missed(captured(NOON), closed=True)

    assert (gap.closed, gap.ends) == (False, END)
    assert over.closed


def test_a_machine_that_was_down_leaves_no_attempt_and_the_gap_says_so() -> None:
    (gap,) = missed(captured(NOON))

    assert (gap.reason, gap.remedy, gap.evidence) == (NO_ATTEMPT, REMEDIES[NO_ATTEMPT], ())


def test_when_others_were_captured_and_nothing_tells_of_this_one_the_reason_is_not_known() -> None:
    (gap,) = missed(*(captured(NOON + n * HOUR) for n in (0, 2, 3, 4)), ran=frozenset({1}))

    assert gap.reason == NOT_KNOWN


def test_a_gap_older_than_all_that_was_read_has_no_made_up_reason() -> None:
    (gap,) = missed(since=NOON + 9 * HOUR)

    assert gap.reason == NOT_KNOWN


def test_failed_attempts_are_the_reason_with_their_events_as_evidence() -> None:
    (gap,) = missed(captured(NOON), attempts=[attempt(n) for n in range(1, 5)])

    assert (gap.reason, gap.evidence) == ("TokenRefusedError", ("e1", "e2", "e3", "e4"))
    assert gap.remedy == REMEDIES["TokenRefusedError"]


def test_reasons_are_counted_where_there_are_several() -> None:
    (gap,) = missed(captured(NOON), attempts=[attempt(1), attempt(2)], begun=[(NOON + 3 * HOUR, "pages")])

    assert gap.reason == f"TokenRefusedError (2); {NOT_FINISHED} (1); {NO_ATTEMPT} (1)"
    assert gap.evidence == ("e1", "e2", "pages")


def test_another_accounts_failure_explains_nothing_and_a_whole_runs_does() -> None:
    (other,) = missed(captured(NOON), attempts=[attempt(1, account=AccountId("mastodon-city"))])
    (whole,) = missed(captured(NOON), attempts=[attempt(n, "AgencyFilesError", account=None) for n in range(1, 5)])

    assert other.reason == NO_ATTEMPT
    assert whole.reason == "AgencyFilesError"


def test_the_evidence_of_a_long_outage_is_its_first_events() -> None:
    many = [attempt(1, key=f"e{n:03}") for n in range(90)]

    (gap, *_) = missed(captured(NOON), attempts=many)

    assert gap.evidence == tuple(f"e{n:03}" for n in range(MOST_EVIDENCE))


def test_quarantined_snapshots_are_a_gap_of_their_own_until_one_is_accepted() -> None:
    captures = [
        captured(NOON),
        captured(NOON + HOUR, accepted=False, codes=("P011",)),
        captured(NOON + 2 * HOUR, accepted=False, codes=("G007", "P011")),
        captured(NOON + 3 * HOUR),
    ]
    slots = lay_out(TERM, GRID, captures, since=NOON, until=NOON + 4 * HOUR)

    (gap,) = find_quarantined(slots, captures, ends=END, closed=False)

    assert (gap.kind, gap.reason, gap.count) == (GapKind.QUARANTINED, "quarantined: P011, G007", 2)
    assert (gap.begins, gap.ends) == (captures[1].began_at, captures[3].began_at)
    assert gap.evidence == (captures[1].key, captures[2].key)
    assert missed(*captures)[0].begins == NOON + 4 * HOUR


def test_what_captures_knew_of_and_could_not_have_is_one_gap_while_it_goes_on() -> None:
    lacks = {"gaps": (("media", "not-found", 2),)}
    captures = [
        captured(NOON),
        captured(NOON + HOUR, **lacks),
        captured(NOON + 2 * HOUR, **lacks),
        captured(NOON + 3 * HOUR),
    ]

    (gap,) = find_partial(captures, is_over=False)

    assert (gap.kind, gap.reason, gap.count, gap.closed) == (GapKind.PARTIAL, "media: not-found", 2, True)
    assert (gap.begins, gap.ends) == (captures[1].began_at, captures[2].ended_at)
    assert gap.evidence == (captures[1].key, captures[2].key)


def test_what_still_lacks_is_open_until_its_day_is_over() -> None:
    captures = [captured(NOON, gaps=(("thread", "not-offered", 1),))]

    (now,), (over,) = find_partial(captures, is_over=False), find_partial(captures, is_over=True)

    assert (now.closed, over.closed) == (False, True)
    assert now.id == over.id


def entered(gap: Gap) -> RegisterEvent:
    return gap_event(gap, at=AT, by="check_coverage")


def test_a_gap_read_from_its_event_is_the_gap_that_was_entered() -> None:
    found = [*missed(captured(NOON), captured(NOON + 3 * HOUR)), *find_partial(
        [captured(NOON, gaps=(("media", "forbidden", 1),))], is_over=True
    )]  # fmt: skip

    assert set(fold_gaps(map(entered, found))) == {
        Gap(**{name: getattr(gap, name) for name in Gap.__dataclass_fields__} | {"closed": True}) for gap in found
    }


def test_a_gap_that_was_filled_is_none() -> None:
    (gap, other) = missed(captured(NOON + HOUR), captured(NOON + 2 * HOUR))

    events = [entered(gap), entered(other), filled_event(gap, ["manifest"], at=AT, by="check_coverage")]

    assert [one.id for one in fold_gaps(events)] == [other.id]


def test_gaps_have_the_same_id_whatever_is_said_of_them_and_another_where_they_differ() -> None:
    (gap,), (told,) = missed(captured(NOON)), missed(captured(NOON), attempts=[attempt(1)])

    assert gap.id == told.id
    assert gap.id != missed(captured(NOON), captured(NOON + 3 * HOUR))[0].id


@pytest.mark.parametrize(
    "facts", [{}, {"count": "1"}, {"evidence": "x"}, {"kind": "other"}, {"begins": None}, {"reason": 3}]
)
def test_an_event_that_lacks_a_fact_is_no_gap(facts: dict[str, object]) -> None:
    (gap,) = missed(captured(NOON))
    sound = entered(gap)
    broken = RegisterEvent(
        register="gaps", id=sound.id, event="gap", subject=sound.subject, at=AT, by="x",
        facts={**sound.facts, **facts} if facts else {},
    )  # fmt: skip

    with pytest.raises(EvidenceError):
        fold_gaps([broken])


def test_only_failures_are_attempts() -> None:
    facts = {"account": "", "series": "", "taken_at": AT, "error": "AgencyFilesError"}
    event = {"register": "captures", "id": "a", "subject": "claremont", "at": AT, "by": "snapshot", "facts": facts}

    found = list(read_attempts([RegisterEvent(event="failed", **event), RegisterEvent(event="other", **event)]))

    assert [(one.account, one.error, one.key) for one in found] == [
        (None, "AgencyFilesError", "registers/captures/2026-11/a.json")
    ]
