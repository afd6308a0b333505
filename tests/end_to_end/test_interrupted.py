"""What was begun is finished, by whom and whenever; what would be another day's record is refused."""

from __future__ import annotations

import http.client
import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from muniment.errors import TooLateError
from muniment.evidence.layout import MANIFEST, PAGES, SnapshotAddress, VolumeAddress
from muniment.evidence.verify import verify
from muniment.records.names import AccountId, AgencyId, SeriesId, SnapshotId, VolumeId, format_instant
from muniment.workflows import snapshot
from muniment.workflows.orders import new_order
from muniment.workflows.take_pages import take_pages
from muniment.workflows.wiring import Workplace, open_workplace
from tests.end_to_end.city import AGENCY, City, Simulator

NEWS = (AccountId("website-news"), SeriesId("official-posts"))
WORDS = ("capture", "--agency", AGENCY, "--account", "website-news", "--series", "official-posts")
LIST = ("--account", "newsletter-weekly", "--series", "subscriber-lists")


def place_of(city: City) -> Workplace:
    return open_workplace(AGENCY, city.settings)


def begin(city: City, volume: str, name: str) -> SnapshotAddress:
    """Seal pages of the website at *volume* and leave them there."""
    place = place_of(city)
    order = new_order(AgencyId(AGENCY), *NEWS, run_id=name, taken_at=datetime.now(UTC))
    take_pages(place, order)
    body = city.vault.read(place.address(order).key(PAGES))
    begun = SnapshotAddress(VolumeAddress(NEWS[1], NEWS[0], VolumeId(volume)), SnapshotId(name))
    if begun != place.address(order):
        city.vault.seal_bytes(begun.key(PAGES), body, lock_until=place.locked_until(order), content_type="x/y")
    return begun


def month_before(moment: datetime) -> datetime:
    return moment.replace(day=1) - timedelta(days=3)


@pytest.fixture
def environment(city: City, monkeypatch: pytest.MonkeyPatch) -> City:
    for name, value in city.settings.as_environment().items():
        monkeypatch.setenv(name, value)
    return city


def test_an_order_of_yesterday_is_not_captured_today(city: City) -> None:
    order = new_order(
        AgencyId(AGENCY), *NEWS, run_id="cleared late", taken_at=datetime.now(UTC) - timedelta(days=1, seconds=5)
    )

    with pytest.raises(TooLateError, match="expected to be captured within 1 day"):
        take_pages(place_of(city), order)
    assert list(city.vault.list_keys("records/")) == []


def test_a_run_that_begins_days_late_captures_its_own_day(environment: City) -> None:
    late = datetime.now(UTC) - timedelta(days=6)

    (order,) = snapshot.plan_captures(
        AGENCY, ["website-news"], ["official-posts"], run_id="weekly", taken_at=format_instant(late)
    )

    assert datetime.now(UTC) - datetime.fromisoformat(order["taken_at"]) < timedelta(minutes=5)


@pytest.mark.real
def test_what_broke_off_in_one_month_is_finished_in_the_next(city: City) -> None:
    last_month = month_before(datetime.now(UTC))
    begun = begin(city, f"{last_month:%Y-%m}", f"{last_month:%Y%m%dT%H%M%S.%fZ}-0123abcd")

    done = city.run(*WORDS)

    assert done.returncode in {0, 1}, done.stderr
    assert city.vault.find(begun.key(MANIFEST)) is not None


@pytest.mark.real
def test_an_account_that_is_no_longer_captured_has_what_was_begun_finished(city: City, tmp_path: Path) -> None:
    last_month = month_before(datetime.now(UTC))
    begun = begin(city, f"{last_month:%Y-%m}", f"{last_month:%Y%m%dT%H%M%S.%fZ}-0123abcd")
    ended = tmp_path / "agencies"
    shutil.copytree(city.settings.agencies, ended)
    register = ended / AGENCY / "accounts.yaml"
    parts = register.read_text("utf-8").split("  - id: website-news", 1)
    parts[1] = parts[1].replace("status: active", "status: terminated\n    terminated_on: 2026-03-01", 1)
    register.write_text("  - id: website-news".join(parts), "utf-8")
    city = replace(city, settings=replace(city.settings, agencies=ended))
    city.drop_newsletter()

    done = city.run("capture", "--agency", AGENCY)

    assert "website-news official-posts" in done.stdout, done.stdout + done.stderr
    assert city.vault.find(begun.key(MANIFEST)) is not None


@pytest.mark.real
def test_a_stray_folder_stops_no_capture_and_is_a_finding(city: City) -> None:
    until = datetime.now(UTC) + timedelta(seconds=1)
    now = datetime.now(UTC)
    for key in (
        "records/readme",
        "records/series=official-posts/account=website-news/volume=old/x",
        f"records/series=official-posts/account=website-news/volume={now:%Y-%m}/snapshot=copy/pages.parquet",
    ):
        city.vault.seal_bytes(key, b"stray", lock_until=until, content_type="x/y")

    done = city.run(*WORDS)

    assert done.returncode == 0, done.stderr
    assert len(city.manifests("website-news")) == 1
    assert {finding.code for finding in verify(city.vault).findings} == {"V005"}


@pytest.mark.real
def test_two_captures_of_one_account_at_once_both_end_well(city: City) -> None:
    words = ("capture", "--agency", AGENCY, "--account", "mastodon-city", "--series", "official-posts")
    rivals = [
        subprocess.Popen(city.command(*words), env=city.environment(), stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]

    said = [rival.communicate(timeout=120)[1] for rival in rivals]

    assert [rival.returncode for rival in rivals] == [0, 0], said
    assert verify(city.vault).findings == ()


@pytest.mark.real
def test_another_try_of_the_same_order_finds_what_the_first_sealed(environment: City) -> None:
    taken_at = format_instant(datetime.now(UTC))
    orders = snapshot.plan_captures(AGENCY, ["website-news"], ["official-posts"], run_id="r", taken_at=taken_at)

    first = [(snapshot.capture(order), snapshot.parse(order), snapshot.seal(order)) for order in orders]
    again = [(snapshot.capture(order), snapshot.parse(order), snapshot.seal(order)) for order in orders]

    assert [(one["sealed_now"], two["sealed_now"]) for one, two, _ in first] == [(True, True)]
    assert [(one["sealed_now"], two["sealed_now"]) for one, two, _ in again] == [(False, False)]
    assert [summary for *_, summary in first] == [summary for *_, summary in again]


@pytest.mark.real
def test_an_account_that_left_the_register_is_still_shown_and_handed_over(city: City, tmp_path: Path) -> None:
    assert city.run(*WORDS).returncode == 0
    fewer = tmp_path / "agencies"
    shutil.copytree(city.settings.agencies, fewer)
    register = fewer / AGENCY / "accounts.yaml"
    head, _, tail = register.read_text("utf-8").partition("  - id: website-news")
    register.write_text(head + tail[tail.find("\n  - id:") + 1 :] if "\n  - id:" in tail else head, "utf-8")
    city = replace(city, settings=replace(city.settings, agencies=fewer))

    shown = city.run("snapshots", "list", "--agency", AGENCY, "--json")
    fetched = city.run(
        *("snapshots", "fetch", "--agency", AGENCY, "--account", "website-news", "--series", "official-posts"),
        *("--snapshot", json.loads(shown.stdout)[0]["snapshot"], "--to", str(tmp_path / "handover")),
    )

    other_day = city.run("snapshots", "list", "--agency", AGENCY, "--day", "2020-01-01")

    assert [item["account"] for item in json.loads(shown.stdout)] == ["website-news"]
    assert other_day.stdout.strip() == "Nothing was captured on 2020-01-01."
    assert fetched.returncode == 0, fetched.stderr


def drop(city: City, lines: list[str]) -> None:
    folder = city.settings.drop / AGENCY / "newsletter-weekly"
    folder.mkdir(parents=True, exist_ok=True)
    text = "\r\n".join(["Email Address,Status,List,Subscribed", *lines]) + "\r\n"
    (folder / "subscribers.csv").write_text(text, "utf-8")


def test_a_list_that_is_suddenly_empty_is_quarantined_and_is_no_basis(city: City) -> None:
    people = [f"person{number}@people.example,active,weekly,2026-01-0{number}" for number in (1, 2, 3)]
    verdicts = []
    for lines in (people, [], people):
        drop(city, lines)
        city.run("capture", "--agency", AGENCY, *LIST)
        latest = city.manifests("newsletter-weekly")[0]
        codes = [finding.code for finding in latest.verdict.findings]
        verdicts.append((latest.verdict.outcome, codes, latest.rows.gone, latest.rows.unchanged))

    assert verdicts == [("accepted", [], 0, 0), ("quarantined", ["S008"], 3, 0), ("accepted", [], 0, 3)]


def ask(simulator: Simulator, method: str, path: str, body: object = None) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", int(simulator.address.rsplit(":", 1)[1]), timeout=30)
    connection.request(method, path, json.dumps(body), {"Content-Type": "application/json"})
    assert connection.getresponse().status < 300
    connection.close()


@pytest.fixture
def fault(simulator: Simulator) -> Iterator[None]:
    yield
    ask(simulator, "DELETE", "/simulator/faults")


@pytest.mark.real
def test_a_medium_had_only_at_the_second_try_is_in_every_later_handover_and_not_asked_for_again(
    city: City, simulator: Simulator, fault: None, tmp_path: Path
) -> None:
    words = ("--agency", AGENCY, "--account", "mastodon-city", "--series", "official-posts")
    ask(simulator, "POST", "/simulator/faults", {"route": "media", "kind": "server-error", "status": 404, "times": 1})
    for _ in range(4):
        done = city.run("capture", *words)
        assert done.returncode == 0, done.stdout + done.stderr

    fourth, third, second, first = city.manifests("mastodon-city", "official-posts")
    missed = [sum(gap.count for gap in item.gaps if gap.purpose == "media") for item in (first, second, third, fourth)]
    assert missed == [missed[1] + 1, *missed[1:2] * 3]
    named = {sealed.key for item in (first, second) for sealed in item.objects if "/media/" in sealed.key}
    assert len(named) > 1
    assert [sealed.key for item in (third, fourth) for sealed in item.objects if "/media/" in sealed.key] == []
    fetched = city.run("snapshots", "fetch", *words, "--snapshot", third.snapshot, "--to", str(tmp_path / "x"))
    assert fetched.returncode == 0, fetched.stderr
    listed = (tmp_path / "x" / "media.csv").read_text("utf-8-sig").splitlines()[1:]
    assert all((tmp_path / "x" / key).is_file() for key in named)
    assert named <= {line.rsplit(",", 1)[1] for line in listed}
