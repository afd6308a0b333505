from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.errors import ConfigurationError, EvidenceError
from muniment.records.names import AccountId, AgencyId, SeriesId, SnapshotId
from muniment.workflows.orders import Order, new_order, read_order, resume_order

NAMES = (AgencyId("x"), AccountId("city"), SeriesId("official-posts"))


def order(run_id: str, taken_at: datetime) -> Order:
    return new_order(*NAMES, run_id=run_id, taken_at=taken_at)


@pytest.mark.parametrize("field", ["agency", "account", "series", "run_id", "taken_at", "snapshot"])
def test_an_order_that_lacks_a_field_is_refused(field: str) -> None:
    value = order("r", datetime(2026, 11, 21, tzinfo=UTC)).to_json()
    del value[field]

    with pytest.raises(ConfigurationError, match=field):
        read_order(value)


@pytest.mark.parametrize("taken_at", ["yesterday", "2026-11-21", "2026-11-21T00:00:00"])
def test_an_order_without_an_instant_is_refused(taken_at: str) -> None:
    value = order("r", datetime(2026, 11, 21, tzinfo=UTC)).to_json() | {"taken_at": taken_at}

    with pytest.raises(EvidenceError):
        read_order(value)


@pytest.mark.parametrize("snapshot", ["", "latest", "2026-11-21", "../20261121T000000.000000Z-0123abcd"])
def test_only_a_snapshot_of_ours_is_resumed(snapshot: str) -> None:
    with pytest.raises(ConfigurationError, match="expected an id as"):
        resume_order(*NAMES, run_id="r", snapshot=SnapshotId(snapshot))


@given(st.text(), st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1)), st.integers(-12, 14))  # noqa: DTZ001
def test_an_order_survives_the_round_trip_between_tasks(run_id: str, moment: datetime, hours: int) -> None:
    wanted = order(run_id, moment.replace(tzinfo=timezone(timedelta(hours=hours))))

    assert read_order(wanted.to_json()) == wanted


def test_a_resumed_order_keeps_the_snapshot_and_its_instant() -> None:
    begun = order("first run", datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC))

    rest = resume_order(*NAMES, run_id="second run", snapshot=begun.snapshot)

    assert (rest.snapshot, rest.taken_at) == (begun.snapshot, begun.taken_at)
