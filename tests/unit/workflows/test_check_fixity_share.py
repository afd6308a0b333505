"""Whatever nights are missed, the share of the next covers what is due; and it is no larger than it must be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from muniment.workflows.check_fixity_share import DueUnit, choose_share, deal_out, due_on, spare_nights

PERIODS = st.integers(1, 60)
WEIGHTS = st.lists(st.integers(0, 10**12), min_size=1, max_size=15)


def read_over(period: int, weights: list[int], nights: list[bool]) -> list[tuple[int, bool, dict[int, int], list[str]]]:
    """Follow units from their sealing on day 0; return each night, whether it ran, the last readings, the share."""
    last = dict.fromkeys(range(len(weights)), 0)
    story = []
    for night, ran in enumerate(nights, 1):
        share: list[str] = []
        if ran:
            units = [DueUnit(str(n), weight, due_on(last[n], period)) for n, weight in enumerate(weights)]
            share = [unit.name for unit in choose_share(units, night)]
            last |= {int(name): night for name in share}
        story.append((night, ran, dict(last), share))
    return story


@given(PERIODS, WEIGHTS, st.lists(st.booleans(), min_size=1, max_size=150))
def test_after_any_night_that_runs_nothing_is_due_any_more_whatever_was_missed_before(period, weights, nights) -> None:
    for night, ran, last, _ in read_over(period, weights, nights):
        if ran:
            assert all(due_on(read, period) > night for read in last.values())


@given(PERIODS, WEIGHTS, st.data())
def test_everything_is_read_within_the_period_while_no_more_nights_in_a_row_are_missed_than_are_spare(
    period, weights, data
) -> None:
    nights: list[bool] = []
    for missed in data.draw(st.lists(st.integers(0, spare_nights(period)), min_size=1, max_size=30)):
        nights += [False] * missed + [True]

    for night, _, last, _ in read_over(period, weights, nights):
        assert all(night - read <= period for read in last.values())


@given(PERIODS, st.integers(1, 30))
def test_an_undisturbed_first_round_reads_an_even_part_each_night(period, count) -> None:
    round_nights = period - spare_nights(period)

    story = read_over(period, [100] * count, [True] * round_nights)

    assert max(len(share) for *_, share in story) <= -(-count // round_nights)
    assert {name for *_, share in story for name in share} == {str(number) for number in range(count)}


@given(st.integers(4, 60), st.integers(1, 60))
def test_one_huge_unit_is_read_once_a_round_and_not_every_night(period, count) -> None:
    story = read_over(period, [10**12, *[1] * count], [True] * (period - spare_nights(period)))

    assert sum("0" in share for *_, share in story) == 1


def test_nothing_is_chosen_of_nothing() -> None:
    assert choose_share([], 100) == []


def test_what_is_overdue_is_read_first_and_whole() -> None:
    units = [DueUnit("late", 10**9, 90), DueUnit("later", 10**9, 80), DueUnit("soon", 1, 200)]

    assert [unit.name for unit in choose_share(units, 100)][:2] == ["later", "late"]


@given(WEIGHTS, st.integers(1, 6))
def test_tasks_share_the_night_and_no_unit_is_lost_or_read_twice(weights, tasks) -> None:
    units = [DueUnit(str(number), weight, 0) for number, weight in enumerate(weights)]

    loads = deal_out(units, tasks)

    assert len(loads) <= tasks
    assert sorted(unit.name for load in loads for unit in load) == sorted(unit.name for unit in units)
