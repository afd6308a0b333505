from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from muniment.changes.windows import pair_accepted, window_between
from muniment.evidence.layout import SnapshotAddress, snapshot_id
from muniment.evidence.manifest import Manifest, Verdict
from muniment.records.names import format_instant
from tests.unit.evidence.vault_folder import VOLUME, build_manifest

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
seconds = st.integers(min_value=0, max_value=10_000)


def manifest(begins: int, lasts: int = 0, *, accepted: bool = True, named: int | None = None) -> Manifest:
    """A snapshot whose capture began so many seconds after noon and lasted so long."""
    began = NOON + timedelta(seconds=begins)
    taken = NOON + timedelta(seconds=begins if named is None else named)
    address = SnapshotAddress(VOLUME, snapshot_id("r", taken, VOLUME.series, VOLUME.account))
    outcome = "accepted" if accepted else "quarantined"
    return replace(
        build_manifest(address, (), None),
        began_at=format_instant(began),
        ended_at=format_instant(began + timedelta(seconds=lasts)),
        verdict=Verdict(outcome=outcome, suite="items/1", rules_checked=1, findings=()),
    )


def test_fewer_than_two_accepted_snapshots_make_no_pair() -> None:
    assert list(pair_accepted([])) == []
    assert list(pair_accepted([manifest(0)])) == []
    assert list(pair_accepted([manifest(0), manifest(9, accepted=False)])) == []


def test_a_quarantined_snapshot_between_is_passed_over_and_the_window_spans_it() -> None:
    first, bad, last = manifest(0, 10), manifest(100, 10, accepted=False), manifest(200, 10)

    assert list(pair_accepted([last, bad, first])) == [(first, last)]
    assert window_between(first, last).last_seen == NOON
    assert window_between(first, last).first_missing == NOON + timedelta(seconds=210)


def test_a_capture_made_up_for_later_stands_where_it_was_made() -> None:
    hourly, next_one, made_up = manifest(0, 5), manifest(3600, 5), manifest(7000, 5, named=1800)

    assert list(pair_accepted([hourly, made_up, next_one])) == [(hourly, next_one), (next_one, made_up)]


@given(begins=seconds, lasts=seconds, pause=seconds, lasts_again=seconds, data=st.data())
def test_a_true_moment_between_two_looks_always_lies_in_the_window(
    begins: int, lasts: int, pause: int, lasts_again: int, data: st.DataObject
) -> None:
    later = begins + lasts + pause
    # When each capture looked at the item, and when it changed between the two looks.
    first_look = data.draw(st.integers(begins, begins + lasts))
    second_look = data.draw(st.integers(later, later + lasts_again))
    moment = NOON + timedelta(seconds=data.draw(st.integers(first_look, second_look)))

    window = window_between(manifest(begins, lasts), manifest(later, lasts_again))

    assert window.last_seen <= moment <= window.first_missing


@given(
    captures=st.lists(st.tuples(seconds, st.integers(1, 50), st.booleans()), unique_by=lambda one: one[0]),
    data=st.data(),
)
def test_every_moment_between_the_first_and_the_last_accepted_capture_lies_in_some_window(
    captures: list[tuple[int, int, bool]], data: st.DataObject
) -> None:
    good = sorted(begins for begins, _, accepted in captures if accepted)
    made = [manifest(begins, lasts, accepted=accepted) for begins, lasts, accepted in captures]

    windows = [window_between(*pair) for pair in pair_accepted(made)]

    assert len(windows) == max(0, len(good) - 1)
    assert all(window.last_seen < window.first_missing for window in windows)
    if windows:
        moment = NOON + timedelta(seconds=data.draw(st.integers(good[0], good[-1])))
        assert any(window.last_seen <= moment <= window.first_missing for window in windows)
