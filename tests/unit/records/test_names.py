from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.errors import ConfigurationError, EvidenceError
from muniment.records.names import check_slug, format_instant, parse_instant


@pytest.mark.parametrize("text", ["", "A", "a--b", "-a", "a-", "a/b", "a=b", "..", "a.b", "é", "a" * 64, "a\n"])
def test_what_could_leave_its_place_in_a_key_is_no_identifier(text: str) -> None:
    with pytest.raises(ConfigurationError, match="expected lower-case letters"):
        check_slug(text, "account")


@pytest.mark.parametrize(
    "text", ["2026-11-21", "2026-11-21T21:24:40Z", "2026-11-21T21:24:40.5Z", "2026-11-21T21:24:40.000000+00:00", ""]
)
def test_an_instant_has_one_spelling(text: str) -> None:
    with pytest.raises(EvidenceError, match="instant"):
        parse_instant(text)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(EvidenceError, match="without a zone"):
        format_instant(datetime(2026, 11, 21))  # noqa: DTZ001


@given(st.datetimes(datetime(1000, 1, 2), datetime(9998, 12, 30)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001
def test_an_instant_survives_the_round_trip_from_any_zone(moment: datetime, minutes: int) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))

    assert parse_instant(format_instant(aware)) == aware.astimezone(UTC)
