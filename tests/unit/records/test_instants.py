"""An instant has one spelling, and whatever else reads as a time is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.errors import EvidenceError, ObjectKeyError
from muniment.evidence.layout import snapshot_stamp, taken_at_of
from muniment.records.names import SnapshotId, format_instant, parse_instant

instants = st.datetimes(datetime(1000, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-11-21",
        "2026-11-21T21:24:40Z",
        "2026-11-21T21:24:40.000Z",
        "2026-11-21T21:24:40.000000",
        "2026-11-21T21:24:40.000000+00:00",
        "2026-11-21T22:24:40.000000+01:00",
        "2026-11-21 21:24:40.000000Z",
        "2026-11-21T21:24:40,000000Z",
        "20261121T212440.000000Z",
        "2026-W47-6T21:24:40.000000Z",
        "2026-11-21T24:00:00.000000Z",
        "2026-11-21T21:24:60.000000Z",
        "2026-13-21T21:24:40.000000Z",
        "0001-01-01T00:00:00.000000+23:59",
        "٢٠٢٦-11-21T21:24:40.000000Z",
    ],
)
def test_another_spelling_is_refused(text: str) -> None:
    with pytest.raises(EvidenceError, match=r"^instant: "):
        parse_instant(text)


@pytest.mark.parametrize("stamp", ["20261321T212440.000000Z", "20261121T242440.000000Z", "20261121T212460.000000Z"])
def test_a_snapshot_of_no_instant_is_refused(stamp: str) -> None:
    with pytest.raises(ObjectKeyError):
        taken_at_of(SnapshotId(f"{stamp}-0123abcd"))


@given(instants)
def test_every_instant_is_read_as_it_was_spelled(moment: datetime) -> None:
    assert parse_instant(format_instant(moment)) == moment
    assert taken_at_of(SnapshotId(f"{snapshot_stamp(moment)}-0123abcd")) == moment


@given(st.text(max_size=30) | instants.map(str) | instants.map(datetime.isoformat))
def test_whatever_is_read_is_spelled_so(text: str) -> None:
    try:
        moment = parse_instant(text)
    except EvidenceError:
        return
    assert format_instant(moment) == text
