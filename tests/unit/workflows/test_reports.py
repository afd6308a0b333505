from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.errors import ConfigurationError, EvidenceError
from muniment.evidence.findings import Finding
from muniment.evidence.layout import SnapshotAddress, VolumeAddress, snapshot_id
from muniment.evidence.register_event import RegisterEvent
from muniment.records.names import AccountId, SeriesId, VolumeId, format_instant
from muniment.register.load import load_agency
from muniment.workflows.findings_register import Entry
from muniment.workflows.reports.compose import Asked, compose, instant_of
from muniment.workflows.reports.files import render_csv
from muniment.workflows.reports.gather import REGISTERS, Facts
from muniment.workflows.reports.page import render_page
from muniment.workflows.reports.register_view import without_persons
from muniment.workflows.reports.report import Report
from muniment.workflows.reports.sealed import SealedSnapshot
from muniment.workflows.reports.timeline import render_bars
from muniment.workflows.reports.timeline_svg import draw_svg

ROOT = Path(__file__).resolve().parents[3]
CLAREMONT = load_agency(ROOT / "include" / "agencies" / "claremont", simulator=None)
_WHOLE = (ROOT / "include" / "agencies" / "claremont" / "retention.yaml").read_text("utf-8")
SCHEDULE = _WHOLE.partition("  - id: CA-SM-04")[0]  # its first three rows
THEN = datetime(2027, 6, 1, 6, 59, 59, 999999, tzinfo=UTC)  # the end of 31 May 2027 in Claremont
DAY = timedelta(days=1)


def volume(series: str = "official-posts", account: str = "bluesky-city", month: str = "2025-01") -> VolumeAddress:
    return VolumeAddress(SeriesId(series), AccountId(account), VolumeId(month))


def sealed(
    at: datetime, *, of: VolumeAddress | None = None, objects: int = 4, size: int = 1000, **changes
) -> SealedSnapshot:
    address = of or volume()
    taken = datetime(int(address.volume[:4]), int(address.volume[5:]), 15, tzinfo=UTC)
    until = datetime(int(address.volume[:4]) + 2, int(address.volume[5:]) + 1, 1, 8, tzinfo=UTC)
    snapshot = snapshot_id(at.isoformat(), taken, address.series, address.account)
    plain = SealedSnapshot(
        address=SnapshotAddress(address, snapshot), sealed_at=at, row="CA-SM-01", locked_until=until,
        least_until=until, objects=objects, size_bytes=size,
    )  # fmt: skip
    return replace(plain, **changes)


def facts(*snapshots: SealedSnapshot, events: tuple[RegisterEvent, ...] = (), findings=()) -> Facts:
    by_register = {name: tuple(event for event in events if event.register == name) for name in REGISTERS}
    return Facts(snapshots=snapshots, events=by_register, findings=tuple(findings))


def event(register: str, what: str, at: datetime, subject: str = "one", **told) -> RegisterEvent:
    name = f"{subject}-{what}-{at:%Y%m%dt%H%M%S}".lower()
    return RegisterEvent(
        register=register, id=name, event=what, subject=subject, at=format_instant(at), by="clerk", facts=told
    )


def placed(at: datetime, matter: str = "smith-claim", **scope) -> RegisterEvent:
    covered = {
        "accounts": [], "series": [], "captured_from": None, "captured_until": None, "persons": [], "search": None,
        "future": True,
    }  # fmt: skip
    notice = dict.fromkeys(("number", "acknowledge_by", "confidentiality")) | {
        "attorney": "attorney", "contact": "records@claremont.example", "authority": "a claim"
    }  # fmt: skip
    return event(
        "holds", "placed", at, matter,
        kind="litigation", title="Smith against the City", notice=notice, custodians=["clerk", "pio"],
        scope=covered | scope,
    )  # fmt: skip


def adopted(at: datetime, effective: datetime, period: str = "P2Y") -> RegisterEvent:
    body = SCHEDULE.replace("period: P2Y\n", f"period: {period}\n")
    return event(
        "schedules",
        "adopted",
        at,
        "2026-1",
        body=body,
        sha256=sha256(body.encode()).hexdigest(),
        effective_at=format_instant(effective),
        adoption={"resolution": "2025-7", "adopted_on": "2025-01-02"},
    )


def report(known: Facts, at: datetime = THEN, *, is_now: bool = False) -> Report:
    return compose(known, CLAREMONT, Asked(moment=at, is_now=is_now))


def written(made: Report) -> list[str]:
    return [json.dumps(made.to_json(), sort_keys=True), render_page(made), *(text for _, text in render_csv(made))]


def only_row(made: Report, table: str) -> dict[str, object]:
    (row,) = made.table(table).to_json()["rows"]
    return row


@pytest.mark.parametrize("day", [date(2027, 6, 1), date(2027, 6, 2), date.max])
def test_a_day_that_is_not_over_in_the_agencys_zone_is_refused(day: date) -> None:
    with pytest.raises(ConfigurationError, match="a day that is over"):
        instant_of(day, zone=CLAREMONT.zone, now=datetime(2027, 6, 2, 6, 59, tzinfo=UTC))


def test_a_day_ends_when_it_ends_in_the_agencys_zone() -> None:
    asked = instant_of(date(2027, 5, 31), zone=CLAREMONT.zone, now=datetime(2027, 6, 1, 7, tzinfo=UTC))

    assert asked == Asked(moment=THEN, is_now=False)


def test_what_was_sealed_after_the_day_is_not_in_its_report() -> None:
    made = report(facts(sealed(THEN, size=700), sealed(THEN + timedelta(microseconds=1), size=9)))

    assert only_row(made, "holdings")["size_bytes"] == 700


def test_what_was_destroyed_later_is_in_the_report_of_the_day_and_what_was_destroyed_by_then_is_not() -> None:
    before, gone = THEN - 9 * DAY, THEN + 9 * DAY
    known = facts(
        sealed(before, of=volume(month="2025-01"), gone_at=gone, gone_by="d"),
        sealed(before, of=volume(month="2025-02"), gone_at=THEN - DAY, gone_by="c"),
    )

    assert only_row(report(known), "holdings")["volumes"] == 1
    assert report(known, gone + DAY).table("holdings").rows == ()


def test_a_past_day_without_an_adopted_schedule_is_told_by_what_was_sealed_and_stopped_by_r020() -> None:
    row = only_row(report(facts(sealed(THEN - DAY))), "due-volumes")

    assert row["due_at"] == "2027-02-01T08:00:00.000000Z"
    assert str(row["stopped_by"]).startswith("R020 ")


def test_a_schedule_governs_from_the_day_on_which_it_takes_effect() -> None:
    longer = adopted(THEN - 20 * DAY, THEN - 10 * DAY, period="P5Y")
    known = facts(sealed(datetime(2025, 1, 16, tzinfo=UTC)), events=(longer,))

    before, after = report(known, THEN - 11 * DAY), report(known)

    assert only_row(before, "due")["volumes"] == 1
    assert only_row(after, "due")["volumes"] == 0
    assert only_row(after, "due")["next_due"] == "2030-02-01T08:00:00.000000Z"


def test_the_present_is_governed_by_the_file_and_a_past_day_by_nothing_while_nobody_adopted_a_schedule() -> None:
    known = facts(sealed(datetime(2025, 1, 16, tzinfo=UTC)))

    assert "nobody has adopted" in report(known, is_now=True).schedule
    assert "No schedule had been adopted" in report(known).schedule


def test_of_the_file_and_what_was_adopted_the_later_date_holds_at_present() -> None:
    longer = adopted(THEN - 20 * DAY, THEN - 20 * DAY, period="P5Y")
    made = report(facts(sealed(datetime(2025, 1, 16, tzinfo=UTC)), events=(longer,)), is_now=True)

    assert only_row(made, "due")["next_due"] == "2030-02-01T08:00:00.000000Z"
    assert "the later date holds" in made.schedule


def test_a_schedule_whose_bytes_are_not_those_that_were_adopted_is_refused() -> None:
    good = adopted(THEN - 2 * DAY, THEN - 2 * DAY)
    bad = replace(good, facts={**good.facts, "body": str(good.facts["body"]) + "\n"})

    with pytest.raises(EvidenceError, match="expected the text of"):
        report(facts(sealed(THEN - DAY), events=(bad,)))


def test_a_hold_placed_after_the_day_holds_nothing_in_its_report() -> None:
    known = facts(sealed(THEN - DAY), events=(placed(THEN + DAY),))

    assert report(known).table("on-hold").rows == ()


def test_an_open_matter_holds_its_volumes_and_stops_those_that_are_due() -> None:
    known = facts(
        sealed(THEN - 9 * DAY, size=500),
        sealed(THEN - 9 * DAY, of=volume(account="mastodon-city"), size=30),
        events=(placed(THEN - 8 * DAY, accounts=["bluesky-city"]), adopted(THEN - 9 * DAY, THEN - 9 * DAY)),
    )

    held = only_row(report(known), "on-hold")
    assert (held["volumes"], held["size_bytes"], held["custodians"], held["acknowledged"]) == (1, 500, 2, 0)
    stopped = {row["account"]: row["stopped_by"] for row in report(known).table("due-volumes").to_json()["rows"]}
    assert "R023 " in stopped["bluesky-city"]
    assert "smith-claim" in stopped["bluesky-city"]
    assert "R023 " not in stopped["mastodon-city"]


def test_no_report_names_a_person_whom_a_matter_looks_for_or_what_it_is_called() -> None:
    matter = placed(THEN - DAY, persons=["jane.roe.example"], search="pothole Elm Street")
    made = report(facts(sealed(THEN - 2 * DAY), events=(matter,)))

    assert only_row(made, "on-hold")["volumes"] == 1  # held whole until it was searched
    for text in written(made):
        for secret in ("jane.roe", "pothole", "Elm Street", "Smith against"):
            assert secret not in text


def test_the_register_of_holds_is_shown_without_persons_and_words() -> None:
    (shown,) = without_persons([placed(THEN, persons=["jane.roe.example", "x"], search="pothole")])

    assert shown.facts["scope"]["persons"] == 2
    assert shown.facts["scope"]["search"] == "given"
    assert "jane" not in str(shown)


def test_a_finding_is_open_in_the_reports_of_the_days_between_its_opening_and_its_closing() -> None:
    opened, closed = THEN - 5 * DAY, THEN + 5 * DAY
    entry = Entry(
        "0" * 16 + "-0001",
        Finding("F001", "records/x", "short"),
        "check",
        format_instant(opened),
        format_instant(closed),
    )
    known = facts(findings=[entry])

    codes = [
        [row["code"] for row in report(known, at).table("failed").to_json()["rows"]]
        for at in (opened - DAY, THEN, closed)
    ]
    assert codes == [[], ["F001"], []]
    assert not report(known).is_sound
    assert report(known, closed).is_sound


def proposed(at: datetime) -> RegisterEvent:
    return event(
        "dispositions", "proposed", at, "d-1",
        agency="claremont", action="destroy", series="official-posts", row="CA-SM-01", reason="due",
        volumes=[volume().prefix], list_key="registers/disposition-lists/x", list_sha256="0" * 64, versions=1,
        size_bytes=1, frozen_at=format_instant(at), valid_until=format_instant(at + 30 * DAY), dag_run="r", answers={},
    )  # fmt: skip


def test_a_disposition_that_a_gate_stopped_is_among_the_failed_with_its_code_and_is_not_to_be_done() -> None:
    refused = event(
        "dispositions", "stopped", THEN - DAY, "d-1",
        findings=[["R036", volume().prefix, "expected the second copy to answer"]], ends=True, volume=None,
    )  # fmt: skip
    made = report(facts(sealed(THEN - 9 * DAY), events=(proposed(THEN - 2 * DAY), refused)))

    row = only_row(made, "failed")
    assert (row["id"], row["code"], row["open"]) == ("d-1", "R036", "no")
    assert made.is_sound


def test_an_open_disposition_stops_its_volumes_on_the_days_between_its_proposal_and_its_withdrawal() -> None:
    withdrawn = event("dispositions", "withdrawn", THEN + DAY, "d-1", reason="no")
    schedule = adopted(THEN - 9 * DAY, THEN - 9 * DAY)
    known = facts(sealed(THEN - 9 * DAY), events=(schedule, proposed(THEN - DAY), withdrawn))

    stopped = [
        str(only_row(report(known, at), "due-volumes")["stopped_by"]) for at in (THEN - 2 * DAY, THEN, THEN + 2 * DAY)
    ]
    assert ["R042" in text for text in stopped] == [False, True, False]


def test_what_was_destroyed_is_told_by_its_certificate_and_by_what_its_volumes_held() -> None:
    at = THEN - 2 * DAY
    told = [
        proposed(at),
        event("dispositions", "authorized", at + timedelta(hours=1), "d-1", grace_until=format_instant(at)),
        event("dispositions", "began", at + timedelta(hours=2), "d-1", batch_versions=1000),
        event(
            "dispositions", "tombstone", at + timedelta(hours=3), "d-1",
            volume=volume().prefix, key="registers/tombstones/x", outcome="gone",
        ),
        event(
            "dispositions", "certified", at + timedelta(hours=4), "d-1",
            certificate_key="registers/certificates/x", certificate_sha256="1" * 64, outcome="whole",
        ),
    ]  # fmt: skip
    gone = sealed(THEN - 9 * DAY, objects=7, size=70, gone_at=at + timedelta(hours=3), gone_by="d-1")

    row = only_row(report(facts(gone, events=tuple(told))), "destroyed")
    assert (row["disposition"], row["objects"], row["size_bytes"], row["tombstones"]) == ("d-1", 7, 70, 1)
    assert row["certificate_sha256"] == "1" * 64
    assert report(facts(gone, events=tuple(told)), at + timedelta(hours=2)).table("destroyed").rows == ()


def test_a_lock_shorter_than_its_sum_is_named_and_the_report_is_not_sound() -> None:
    short = sealed(THEN - DAY, least_until=datetime(2027, 1, 1, tzinfo=UTC))
    made = report(facts(short, sealed(THEN - DAY, of=volume(month="2025-02"))))

    row = only_row(made, "locks")
    assert (row["short"], row["covered"], row["shortest"]) == (1, 1, "bluesky-city 2025-01")
    assert not made.is_sound


def test_locks_read_on_the_store_are_compared_in_place_of_those_recorded() -> None:
    asked = Asked(moment=THEN, is_now=True, on_store=lambda _: None)
    made = compose(facts(sealed(THEN - DAY)), CLAREMONT, asked)

    assert only_row(made, "locks")["unlocked"] == 1
    assert not made.is_sound


def test_the_timeline_counts_each_volume_in_the_local_month_of_its_date() -> None:
    midnight = datetime(2028, 12, 1, 8, tzinfo=UTC)  # the first instant of December in Los Angeles
    at = THEN - DAY
    known = facts(
        sealed(at, of=volume(month="2025-01"), locked_until=midnight - timedelta(seconds=1), size=10),
        sealed(at, of=volume(month="2025-02"), locked_until=midnight, size=20),
        sealed(at, of=volume(month="2025-03"), locked_until=midnight + 62 * DAY, size=40),
        events=(placed(at, captured_from="2025-03-01"),),
    )
    months = report(known).timeline.months

    assert [(month.name, month.volumes, month.size_bytes, month.held_volumes) for month in months] == [
        ("2028-11", 1, 10, 0), ("2028-12", 1, 20, 0), ("2029-01", 0, 0, 0), ("2029-02", 1, 40, 1)
    ]  # fmt: skip


def test_the_text_bars_mark_what_is_held_and_are_never_longer_than_the_longest() -> None:
    at = THEN - DAY
    known = facts(
        sealed(at, of=volume(month="2025-01"), size=1_000_000),
        sealed(at, of=volume(month="2025-02"), size=1),
        events=(placed(at, captured_from="2025-02-01"),),
    )
    lines = render_bars(report(known).timeline)

    bars = [line for line in lines if line.startswith("20")]
    assert bars[0].count("█") == 40
    assert "H" in bars[1]
    assert "1 on hold" in bars[1]


def test_the_drawing_has_a_rectangle_for_each_part_as_high_as_its_bytes() -> None:
    at = THEN - DAY
    known = facts(
        sealed(at, of=volume("official-posts"), size=3000), sealed(at, of=volume("public-comments"), size=1000)
    )
    drawing = ET.fromstring(draw_svg(report(known).timeline))

    heights = {rect.findtext("title"): float(rect.get("height", "0")) for rect in drawing.findall("rect")}
    assert set(heights) == {
        "2027-02 official-posts: 1 volume, 3.0 kB", "2027-02 public-comments: 1 volume, 1.0 kB"
    }  # fmt: skip
    high, low = sorted(heights.values(), reverse=True)
    assert high == pytest.approx(3 * low, abs=0.2)


def test_everything_on_the_page_is_escaped() -> None:
    bad = "<script>alert(1)</script>"
    made = report(facts(sealed(THEN - DAY, row=bad)))

    page = render_page(replace(made, name=bad, remarks=(bad,)))

    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 3


def test_a_cell_that_a_spreadsheet_would_compute_is_told_as_text() -> None:
    made = report(facts(sealed(THEN - DAY, row="=1+1")))

    assert ",'=1+1," in dict(render_csv(made))["holdings.csv"]


def test_an_empty_report_says_what_to_do_next_and_is_sound() -> None:
    made = report(facts())

    assert made.is_sound
    assert "<code>muniment capture</code>" in render_page(made)


@st.composite
def later_lives(draw: st.DrawFn) -> tuple[tuple[SealedSnapshot, ...], tuple[RegisterEvent, ...], bool]:
    after = st.integers(min_value=1, max_value=10**14).map(lambda us: THEN + timedelta(microseconds=us))
    months = st.sampled_from(["2025-01", "2025-02", "2025-03", "2026-12"][:3])
    more = tuple(sealed(draw(after), of=volume(month=draw(months))) for _ in range(draw(st.integers(0, 4))))
    entered = [placed(draw(after), f"matter-{number}") for number in range(draw(st.integers(0, 3)))]
    entered += [adopted(draw(after), THEN - DAY, draw(st.sampled_from(["P3Y", "P9Y"])))] if draw(st.booleans()) else []
    return more, tuple(entered), draw(st.booleans())


@given(later_lives())
def test_nothing_that_comes_after_a_day_changes_its_report(life) -> None:
    more, entered, destroyed = life
    held = sealed(THEN - 3 * DAY)
    known = facts(held, events=(placed(THEN - 2 * DAY),))
    gone = replace(held, gone_at=THEN + DAY, gone_by="d") if destroyed else held

    later = facts(gone, *more, events=(placed(THEN - 2 * DAY), *entered))

    assert written(report(later)) == written(report(known))
