"""A schedule shown, previewed and adopted over a real vault: nothing takes effect unseen."""

from __future__ import annotations

import json
import shutil
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from muniment.custody.buckets import create_bucket
from muniment.custody.client import connect
from muniment.embedded.seaweed import REGION, SeaweedFS
from muniment.errors import AgencyFilesError, ConfigurationError, ScheduleError
from muniment.register.load import read_schedule
from muniment.settings import Settings, read_settings
from muniment.workflows import registers
from muniment.workflows.clocks.known import read_known, read_states
from muniment.workflows.schedules.adopt import adopt_schedule, preview_against_adopted, read_standing
from muniment.workflows.schedules.officers import mirror, mirror_officers, read_grants
from muniment.workflows.wiring import open_workplace
from tests.contract.keeping import AGENCY, Keeping, run_command, store_settings
from tests.end_to_end.city import Done, settings_in_force
from tests.unit.evidence.vault_folder import SoundVault

ADOPTION = ("adoption: null", 'adoption: {resolution: "2026-14", adopted_on: 2026-03-01}')


@dataclass
class City:
    """The demonstration city's files to change, over a vault that holds one volume locked until December 2028."""

    settings: Settings
    folder: Path

    def change(self, *changes: tuple[str, str], file: str = "retention.yaml") -> None:
        path = self.folder / file
        text = path.read_text("utf-8")
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new, 1)
        path.write_text(text, "utf-8")

    def run(self, *words: str) -> Done:
        return run_command(self.settings, "schedule", *words, "--agency", AGENCY)

    def seen(self) -> str:
        return preview_against_adopted(AGENCY, self.settings)[0].sha256

    def adopt(self, preview: str | None = None, by: str = "A. Clerk") -> str:
        event, _ = adopt_schedule(AGENCY, by=by, preview_sha256=preview or self.seen(), settings=self.settings)
        return event.id

    def versions(self) -> list[str]:
        return [version.version for version in read_standing(AGENCY, self.settings).versions]


@pytest.fixture
def city(store: SeaweedFS, tmp_path: Path) -> City:
    folder = tmp_path / "agencies" / AGENCY
    shutil.copytree(read_settings({}).agencies / AGENCY, folder)
    settings = replace(
        read_settings({"MUNIMENT_HOME": str(tmp_path)}),
        agencies=folder.parent,
        store=store_settings(store, f"plan-{uuid.uuid4().hex[:8]}-"),
    )
    create_bucket(connect(store.endpoint, REGION, *store.credentials("administrator")), settings.store.bucket(AGENCY))
    Keeping(settings, SoundVault(tmp_path / "sound")).add_snapshot(1)
    return City(settings, folder)


def test_nothing_is_adopted_without_an_act(city: City) -> None:
    with pytest.raises(
        ScheduleError, match=r"expected the act that adopted it in retention\.yaml, found adoption: null"
    ):
        city.adopt()
    assert city.versions() == []


def test_nothing_is_adopted_unseen(city: City) -> None:
    city.change(ADOPTION)
    seen = city.seen()
    city.change(("    period: P2Y", "    period: P3Y"))
    with pytest.raises(ScheduleError, match="expected the SHA-256 of today's preview"):
        city.adopt(seen)
    assert city.versions() == []


def test_files_with_faults_are_not_adopted(city: City) -> None:
    city.change(ADOPTION)
    seen = city.seen()
    city.change(("valid_from: 2026-03-02", "valid_from: 2026-03-02\n    valid_until: 2026-04-01"), file="agency.yaml")
    with pytest.raises(AgencyFilesError, match=r"disposition\.steps"):
        city.adopt(seen)


def test_a_schedule_that_leaves_a_volume_without_a_row_is_not_adopted(city: City) -> None:
    city.change(ADOPTION, ("series: official-posts", "series: program-posts"))
    accounts = (city.folder / "accounts.yaml").read_text("utf-8").split("\n  - id: ")
    newsletter = [text for text in accounts if text.startswith("newsletter")]
    (city.folder / "accounts.yaml").write_text("\n  - id: ".join((accounts[0], *newsletter)), "utf-8")
    with pytest.raises(ScheduleError, match="expected a row for every volume, found 1 without"):
        city.adopt()
    shown = city.run("diff")
    assert (shown.returncode, "would have no row" in shown.stdout) == (1, True)


@pytest.mark.parametrize("by", ["", "  ", "A\nClerk", "x" * 101])
def test_nobody_adopts_without_a_name(city: City, by: str) -> None:
    city.change(ADOPTION)
    with pytest.raises(ScheduleError, match="expected the name of whoever adopts it"):
        city.adopt(by=by)


def test_what_is_in_force_is_not_adopted_again_and_no_version_means_two_texts(city: City) -> None:
    city.change(ADOPTION)
    city.adopt()
    with pytest.raises(ScheduleError, match="found the one that is in force"):
        city.adopt()
    city.change(("    period: P2Y", "    period: P3Y"))
    with pytest.raises(ScheduleError, match="expected a version of another name"):
        city.adopt()
    assert city.versions() == ["2026-11-draft"]


def test_a_longer_period_moves_the_volume_and_the_decision_is_sealed(city: City) -> None:
    city.change(ADOPTION)
    first = city.run("adopt", "--by", "A. Clerk", "--preview-sha256", city.seen())
    assert (first.returncode, first.stderr) == (0, "")

    city.change(("version: 2026-11-draft", "version: 2027-01"), ("    period: P2Y", "    period: P3Y"))
    shown = json.loads(city.run("diff", "--json").stdout)
    assert shown["moves"] == [
        {
            "volume": "records/series=official-posts/account=city/volume=2026-11/",
            "change": "longer",
            "row_before": "CA-SM-01",
            "due_before": "2028-12-01T08:00:00.000000Z",
            "row_after": "CA-SM-01",
            "due_after": "2029-12-01T08:00:00.000000Z",
            "due_by_row": "2029-12-01T08:00:00.000000Z",
        }
    ]
    assert shown["rows"] == {"added": [], "removed": [], "changed": {"CA-SM-01": ["period"]}}
    before = city.run("show")
    assert (before.returncode, "R050" in before.stdout) == (1, True)

    done = city.run("adopt", "--by", "A. Clerk", "--preview-sha256", shown["preview_sha256"], "--json")
    assert done.returncode == 0
    (_, event) = registers.read_events(open_workplace(AGENCY, city.settings).vault, registers.SCHEDULES)
    assert (event.id, event.subject, event.by) == ("adopted-0002", "2027-01", "A. Clerk")
    assert event.facts["body"] == (city.folder / "retention.yaml").read_text("utf-8")
    assert event.facts["adoption"] == {"resolution": "2026-14", "adopted_on": "2026-03-01"}
    counts = {"longer": 1, "shorter": 0, "keeps its lock": 0, "first": 0, "same": 0, "lost": 0}
    assert event.facts["preview"] == {
        "before": "2026-11-draft", "counts": counts, "sha256": shown["preview_sha256"],
    }  # fmt: skip
    after = city.run("show")
    assert (after.returncode, "R050" in after.stdout, "resolution 2026-14 of 2026-03-01" in after.stdout) == (
        0,
        False,
        True,
    )


def test_a_shorter_period_shortens_no_lock(city: City) -> None:
    city.change(ADOPTION)
    city.adopt()
    shorter = ("    period: P2Y", "    period: P1Y\n    below_floor: an act that does not exist")
    city.change(("version: 2026-11-draft", "version: 2027-01"), shorter)
    (move,) = json.loads(city.run("diff", "--json").stdout)["moves"]
    assert (move["change"], move["due_by_row"]) == ("keeps its lock", "2027-12-01T08:00:00.000000Z")
    assert move["due_after"] == "2028-12-01T08:00:00.000000Z"
    city.adopt()
    assert city.versions() == ["2026-11-draft", "2027-01"]


def test_a_file_may_be_compared_with_and_is_checked_itself(city: City, tmp_path: Path) -> None:
    old = tmp_path / "old" / "retention.yaml"
    old.parent.mkdir()
    text = (city.folder / "retention.yaml").read_text("utf-8")
    old.write_text(text.replace("    period: P2Y", "    period: P5Y", 1), "utf-8")
    shown = city.run("diff", "--against", str(old))
    assert (shown.returncode, "due earlier, and not before its locks end" in shown.stdout) == (0, True)
    old.write_text(text.replace("    period: P2Y", "    period: two years", 1), "utf-8")
    assert city.run("diff", "--against", str(old)).returncode == 2
    assert city.run("diff", "--against", str(tmp_path / "nowhere")).returncode == 2


def test_an_agency_not_in_service_is_shown_and_never_captured(city: City) -> None:
    shown = run_command(replace(city.settings, agencies=read_settings({}).agencies), "schedule", "show", "--json")
    assert [item["agency"] for item in json.loads(shown.stdout)] == ["calcities", "claremont", "helena", "lathrop"]
    assert all("adoption not evidenced" in item["retain_only"] for item in json.loads(shown.stdout))
    refused = run_command(replace(city.settings, agencies=read_settings({}).agencies), "capture", "--agency", "helena")
    assert (refused.returncode, "expected in_service: true" in refused.stderr) == (2, True)


def test_officers_are_mirrored_once_and_ended_when_the_file_drops_them(city: City) -> None:
    at = datetime(2026, 11, 22, 12, tzinfo=UTC)
    with settings_in_force(city.settings):
        assert mirror_officers(AGENCY, at) == {"granted": 5, "ended": 0}
        assert mirror_officers(AGENCY, at) == {"granted": 0, "ended": 0}
    place = open_workplace(AGENCY, city.settings)
    fewer = replace(place.agency, officers=place.agency.officers[1:])
    later = at.replace(day=23)
    assert mirror(fewer, place.vault, later) == {"granted": 0, "ended": 1}
    assert mirror(place.agency, place.vault, at.replace(day=24)) == {"granted": 1, "ended": 0}
    zone = place.agency.zone
    held = {grant.officer.sign_in for grant in read_grants(place.vault) if grant.holds(later, zone=zone)}
    assert held == {"clerk", "counsel", "council", "records_officer"}


def test_an_unknown_agency_is_refused(city: City) -> None:
    with pytest.raises(ConfigurationError, match="agency: expected one of claremont in"):
        adopt_schedule("nowhere", by="A. Clerk", preview_sha256="0", settings=city.settings)


def test_while_a_file_is_not_adopted_the_longer_of_it_and_what_is_in_force_holds(city: City) -> None:
    city.change(ADOPTION)
    city.adopt()
    place = open_workplace(AGENCY, city.settings)
    at = datetime.now(UTC) + timedelta(minutes=1)

    def due_by(period: str) -> str:
        text = (city.folder / "retention.yaml").read_text("utf-8")
        (row,) = [row for row in read_schedule("x", text.encode()).rows if row.id == "CA-SM-01"]
        changed = replace(row, period=period)
        schedule = replace(place.agency.schedule, version="2027-01", rows=(changed,))
        other = replace(place, agency=replace(place.agency, schedule=schedule, schedule_sha256="ab" * 32))
        known = read_known(other, at)
        (state,) = read_states(other)
        found = known.sum_of(state, changed)
        assert [gate.code for gate in known.not_in_force] == ["R050"]
        return str(found.due_at)

    assert due_by("P30D") == "2028-12-01 08:00:00+00:00"
    assert due_by("P3Y") == "2029-12-01 08:00:00+00:00"
    assert read_known(place, at).adopted is None


def test_the_gates_of_a_disposition_hear_what_is_not_adopted(city: City) -> None:
    def codes() -> list[str]:
        standing = read_standing(AGENCY, city.settings)
        return [gate.code for gate in standing.closed_gates("2027-01")]

    city.change(ADOPTION)
    assert codes() == ["R020"]
    city.adopt()
    assert codes() == []
    city.change(("version: 2026-11-draft", "version: 2027-01"))
    assert codes() == ["R050"]
