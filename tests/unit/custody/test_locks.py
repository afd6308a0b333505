"""Lock dates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.custody.locks import LAST_SAFE_DATE, whole_seconds
from muniment.errors import CustodyError


@given(st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1), timezones=st.timezones()))  # noqa: DTZ001
def test_a_lock_date_is_never_earlier_and_at_most_a_second_later(moment: datetime) -> None:
    found = whole_seconds(moment)

    assert found.microsecond == 0
    assert found.utcoffset() == timedelta(0)
    assert timedelta(0) <= found - moment.astimezone(UTC) < timedelta(seconds=1)


def test_a_date_elsewhere_is_the_same_instant() -> None:
    elsewhere = datetime(2036, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))

    assert whole_seconds(elsewhere) == datetime(2036, 1, 1, tzinfo=UTC)


def test_a_date_without_a_zone_is_refused() -> None:
    with pytest.raises(CustodyError, match="found 2036-01-01T00:00:00 without a zone"):
        whole_seconds(datetime(2036, 1, 1))  # noqa: DTZ001


def test_the_last_safe_date_is_the_last_of_32_bits() -> None:
    assert LAST_SAFE_DATE.timestamp() == 2**32 - 1
