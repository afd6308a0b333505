from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.parsing.times import feed_time_or_none, time_or_none

# https://github.com/bluesky-social/atproto, interop-test-files/syntax/datetime_syntax_valid.txt
VALID = {
    "1985-04-12T23:20:50.123Z": datetime(1985, 4, 12, 23, 20, 50, 123000, UTC),
    "1985-04-12T23:20:50.123456Z": datetime(1985, 4, 12, 23, 20, 50, 123456, UTC),
    "1985-04-12T23:20:50.1235678912345Z": datetime(1985, 4, 12, 23, 20, 50, 123567, UTC),
    "1985-04-12T23:20:50Z": datetime(1985, 4, 12, 23, 20, 50, 0, UTC),
    "1985-04-12T23:20:50.0Z": datetime(1985, 4, 12, 23, 20, 50, 0, UTC),
    "1985-04-12T23:20:50.1Z": datetime(1985, 4, 12, 23, 20, 50, 100000, UTC),
    "1985-04-12T23:20:50.123+00:00": datetime(1985, 4, 12, 23, 20, 50, 123000, UTC),
    "1985-04-12T23:20:50.123-07:00": datetime(1985, 4, 13, 6, 20, 50, 123000, UTC),
    "1985-04-12T23:20:50.123+07:00": datetime(1985, 4, 12, 16, 20, 50, 123000, UTC),
    "1985-04-12T23:20:50.123+01:45": datetime(1985, 4, 12, 21, 35, 50, 123000, UTC),
    "0985-04-12T23:20:50.123-07:00": datetime(985, 4, 13, 6, 20, 50, 123000, UTC),
    "0123-01-01T00:00:00.000Z": datetime(123, 1, 1, tzinfo=UTC),
}

# The same project's datetime_syntax_invalid.txt, without those that are times all the same:
# lower-case letters, a space for the T, -00:00, +0000.
INVALID = """
01985-04-12T23:20:50.123Z|985-04-12T23:20:50.123Z|1985-04-12T23:20:50.Z|1985-04-32T23;20:50.123Z
1985—04-32T23;20:50.123Z| 1985-04-12T23:20:50.123Z|1985-04-12T23:20:50.123Z |1985-04-12T 23:20:50.123Z
1985-4-12T23:20:50.123Z|1985-04-2T23:20:50.123Z|1985-04-12T3:20:50.123Z|1985-04-12T23:0:50.123Z
1985-04-12T23:20:5.123Z|1985-004-12T23:20:50.123Z|1985-04-012T23:20:50.123Z|1985-04-12T023:20:50.123Z
1985-04-12T23:020:50.123Z|1985-04-12T23:20:050.123Z|1985-04-12_23:20:50.123Z|1985-04-274T23:20:50.123Z
1985-04-12T23:20:50.123|1985-04-12T23:20:50|1985-04-12|1985-04-12T23:20Z|1985-04-12T23:20:5Z
+001985-04-12T23:20:50.123Z|23:20:50.123Z|1985-04-12T23:20:50.123+00|1985-04-12T23:20:50.123+00:0
1985-04-12T23:20:50.123+0:00|1985-04-12T23:20:50.123+|1985-04-12T23:20:50.123-|-000001-12-31T23:00:00.000Z
1985-02-30T00:00:00.000Z|1985-04-12T24:20:50.123Z|1985-04-12T23:59:60.000Z|0001-01-01T00:00:00.000+14:00
1985-04-12Txx:20:50.123Z|１９８５-04-12T23:20:50.123Z|20210412T232050Z|2021-W15-1T00:00:00Z|tomorrow|
"""


@pytest.mark.parametrize("text", [text for line in INVALID.strip("\n").split("\n") for text in line.split("|")])
def test_what_is_no_time_with_a_zone_is_none_and_never_a_guess(text: str) -> None:
    assert time_or_none(text) is None


@pytest.mark.parametrize(("text", "moment"), VALID.items())
def test_published_times_of_the_at_protocol_are_read(text: str, moment: datetime) -> None:
    read = time_or_none(text)

    assert read == moment
    assert read is not None
    assert read.utcoffset() == timedelta(0)


@given(
    st.datetimes(min_value=datetime(1900, 1, 2), max_value=datetime(2200, 1, 1)),  # noqa: DTZ001 - a zone is drawn beside
    st.integers(-14 * 60, 14 * 60),
)
def test_roundtrip_of_any_time_in_any_zone(naive: datetime, minutes: int) -> None:
    moment = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    text = f"{naive:%Y-%m-%dT%H:%M:%S}.{naive.microsecond:06d}{sign}{hours:02d}:{rest:02d}"

    assert time_or_none(text) == moment
    assert feed_time_or_none(text) == moment


@given(st.text(max_size=40))
def test_no_text_makes_a_time_reader_raise(text: str) -> None:
    for read in (time_or_none(text), feed_time_or_none(text)):
        assert read is None or read.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "text",
    [
        "Sat, 21 Nov 2026 10:00:00",
        "Sat, 21 Nov 2026 10:00:00 XYZ",
        "21 Nov 2026",
        "Sat, 31 Nov 2026 10:00:00 GMT",
        "now",
    ],
)
def test_a_feed_date_without_a_known_zone_is_none(text: str) -> None:
    assert feed_time_or_none(text) is None


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("Sat, 21 Nov 2026 10:00:00 GMT", 10),
        ("Sat, 21 Nov 2026 10:00:00 -0000", 10),
        ("21 Nov 2026 10:00:00 PST", 18),
        ("Sat, 21 Nov 2026 10:00:00 -0800", 18),
        ("2026-11-21T10:00:00-08:00", 18),
    ],
)
def test_feed_dates_are_read_in_their_zone(text: str, hour: int) -> None:
    assert feed_time_or_none(text) == datetime(2026, 11, 21, hour, tzinfo=UTC)


def test_an_absent_time_stays_absent() -> None:
    assert time_or_none(None) is None
    assert feed_time_or_none(None) is None
