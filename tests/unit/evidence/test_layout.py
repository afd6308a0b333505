from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.errors import ObjectKeyError
from muniment.evidence.layout import (
    SNAPSHOT_OBJECTS,
    SnapshotAddress,
    VolumeAddress,
    is_volume,
    parse_record_key,
    register_key,
    snapshot_id,
    taken_at_of,
)
from muniment.records.names import AccountId, SeriesId, SnapshotId, VolumeId

SLUGS = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,2}", fullmatch=True)
VOLUMES = st.from_regex(r"[0-9]{4}(-(0[1-9]|1[0-2]))?", fullmatch=True)
GOOD = "records/series=s/account=a/volume=2026-11/snapshot=20261121T000000.000000Z-0123abcd/rows.parquet"


@pytest.mark.parametrize(
    "key",
    [
        "",
        "records/",
        GOOD + "/",
        "/" + GOOD,
        GOOD.replace("rows.parquet", "other.parquet"),
        GOOD.replace("2026-11", "2026-13"),
        GOOD.replace("2026-11", ".."),
        GOOD.replace("account=a", "account=A"),
        GOOD.replace("series=s/", ""),
        GOOD.replace("0123abcd", "0123ABCD"),
        GOOD.replace("snapshot=", "media/"),
        "records/series=s/account=a/volume=2026-11/media/" + "a" * 63,
        "records/series=s/account=a/volume=2026-11/media/../" + "a" * 64,
        "registers/holds/2026-11/1.json",
    ],
)
def test_a_key_of_another_form_is_refused(key: str) -> None:
    with pytest.raises(ObjectKeyError):
        parse_record_key(key)


@pytest.mark.parametrize(
    ("register", "volume", "event"), [("Holds", "2026-11", "1"), ("holds", "2026", "../1"), ("holds", "26", "1")]
)
def test_an_event_cannot_leave_its_register(register: str, volume: str, event: str) -> None:
    with pytest.raises(ObjectKeyError):
        register_key(register, VolumeId(volume), event)


@given(SLUGS, SLUGS, VOLUMES, st.sampled_from(SNAPSHOT_OBJECTS))
def test_the_key_of_an_object_survives_the_round_trip(series: str, account: str, volume: str, name: str) -> None:
    address = SnapshotAddress(
        VolumeAddress(SeriesId(series), AccountId(account), VolumeId(volume)),
        SnapshotId("20261121T000000.000000Z-0123abcd"),
    )

    assert parse_record_key(address.key(name)) == (address.volume, address.snapshot, name)


@given(SLUGS, SLUGS, VOLUMES, st.binary(min_size=32, max_size=32))
def test_the_key_of_a_medium_survives_the_round_trip(series: str, account: str, volume: str, digest: bytes) -> None:
    address = VolumeAddress(SeriesId(series), AccountId(account), VolumeId(volume))

    assert parse_record_key(address.media_key(digest.hex())) == (address, None, digest.hex())


def test_the_specified_key_is_spelled_out() -> None:
    address = VolumeAddress(SeriesId("official-posts"), AccountId("city"), VolumeId("2026-11"))

    key = SnapshotAddress(address, SnapshotId("20261121T212440.000000Z-0123abcd")).key("pages.parquet")

    volume = "records/series=official-posts/account=city/volume=2026-11"
    assert key == f"{volume}/snapshot=20261121T212440.000000Z-0123abcd/pages.parquet"


def test_a_name_without_a_real_instant_has_none() -> None:
    with pytest.raises(ObjectKeyError, match="begins with an instant"):
        taken_at_of(SnapshotId("20261321T000000.000000Z-0123abcd"))


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)))  # noqa: DTZ001
def test_the_instant_of_a_snapshot_stands_in_its_name(moment: datetime) -> None:
    taken_at = moment.replace(tzinfo=UTC)

    assert taken_at_of(snapshot_id("run", taken_at, SeriesId("s"), AccountId("a"))) == taken_at


def test_one_run_names_one_snapshot_and_names_sort_by_time() -> None:
    noon = datetime(2026, 11, 21, 12, tzinfo=timezone(timedelta(hours=-8)))
    series, account = SeriesId("s"), AccountId("a")

    first = snapshot_id("run", noon, series, account)

    assert first == snapshot_id("run", noon.astimezone(UTC), series, account)
    assert first.startswith("20261121T200000.000000Z-")
    assert first < snapshot_id("run", noon + timedelta(microseconds=1), series, account)
    assert (
        len({first, snapshot_id("other", noon, series, account), snapshot_id("run", noon, series, AccountId("b"))}) == 3
    )


@pytest.mark.parametrize("volume", ["2026", "2026-11", "2026-11-22T0415Z", "2028-02-29T2359Z"])
def test_a_volume_is_a_year_a_month_or_in_an_exercise_a_minute(volume: str) -> None:
    address = VolumeAddress(SeriesId("s"), AccountId("a"), VolumeId(volume))
    assert parse_record_key(address.media_key("a" * 64)) == (address, None, "a" * 64)


@pytest.mark.parametrize(
    "volume",
    ["2026-11-22", "2026-11-22T04", "2026-11-22T0415", "2026-11-32T0415Z", "2026-11-22T2415Z", "2026-11-22T0460Z"],
)
def test_another_part_of_a_day_is_no_volume(volume: str) -> None:
    assert not is_volume(volume)
