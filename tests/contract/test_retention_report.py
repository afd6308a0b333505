"""The report of a past day on a real store: made, lived on, and made again."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from muniment.custody.bucket_policy import restrict_bucket
from muniment.custody.buckets import create_bucket
from muniment.custody.client import connect
from muniment.custody.shredder import Shredder
from muniment.custody.vault import Vault
from muniment.embedded.seaweed import REGION
from muniment.evidence.layout import MANIFEST, PAGES, ROWS, SnapshotAddress, VolumeAddress, register_key, snapshot_id
from muniment.evidence.manifest import Manifest, SealedObject
from muniment.evidence.register_event import RegisterEvent
from muniment.records.names import AccountId, AgencyId, SeriesId, VolumeId, format_instant, parse_instant
from muniment.retention.clock import DueSum
from muniment.retention.frozen_list import FrozenList
from muniment.settings import Settings, read_settings
from muniment.workflows.disposition.listing import find_volume, list_volume
from tests.contract.keeping import run_command, store_settings
from tests.unit.evidence.vault_folder import build_manifest

AGENCY = "claremont"
SCHEDULE = (Path(__file__).parents[2] / "include" / "agencies" / AGENCY / "retention.yaml").read_text("utf-8")
POSTS = VolumeAddress(SeriesId("official-posts"), AccountId("bluesky-city"), VolumeId("2021-01"))
COMMENTS = VolumeAddress(SeriesId("public-comments"), AccountId("bluesky-city"), VolumeId("2021-01"))
PERSON = "jane.roe.example"
LOCK_S = 3


@dataclass
class City:
    """A vault whose life is told by hand, at instants of years ago."""

    settings: Settings
    vault: Vault
    entered: int = 0

    def seal(self, key: str, body: bytes) -> SealedObject:
        until = datetime.now(UTC) + timedelta(seconds=LOCK_S)
        return self.vault.seal_bytes(key, body, lock_until=until, content_type="application/octet-stream")

    def seal_snapshot(self, volume: VolumeAddress, day: str, *, medium: bytes | None = None) -> Manifest:
        at = datetime.fromisoformat(f"{day}T12:00:00+00:00")
        address = SnapshotAddress(volume, snapshot_id(day, at, volume.series, volume.account))
        bodies = {address.key(name): f"{name} of {address.snapshot}".encode() for name in (PAGES, ROWS)}
        if medium is not None:
            bodies[volume.media_key(sha256(medium).hexdigest())] = medium
        until = "2023-02-01T08:00:00.000000Z"
        objects = tuple(replace(self.seal(key, body), locked_until=until) for key, body in bodies.items())
        plain = build_manifest(address, objects, None)
        lock = replace(plain.retention, cutoff_at="2021-02-01T08:00:00.000000Z", locked_until=until)
        times = {"began_at": format_instant(at), "ended_at": format_instant(at), "sealed_at": format_instant(at)}
        manifest = replace(plain, agency=AGENCY, retention=lock, **times)
        self.seal(address.key(MANIFEST), manifest.to_bytes())
        return manifest

    def enter(self, register: str, what: str, day: str, subject: str, **facts: object) -> RegisterEvent:
        self.entered += 1
        at = format_instant(datetime.fromisoformat(f"{day}T12:00:00+00:00") + timedelta(seconds=self.entered))
        name = f"{subject}-{what}-{day}" + (f"-{facts['series']}" if what == "tombstone" else "")
        event = RegisterEvent(register=register, id=name, event=what, subject=subject, at=at, by="clerk", facts=facts)
        self.seal(register_key(register, VolumeId(day[:7]), name), event.to_bytes())
        return event

    def place(self, matter: str, day: str, **scope: object) -> None:
        covered = dict.fromkeys(("captured_from", "captured_until", "search")) | {"accounts": [], "future": True}
        notice = dict.fromkeys(("number", "acknowledge_by", "confidentiality"))
        self.enter(
            "holds",
            "placed",
            day,
            matter,
            kind="litigation",
            title="Roe against the City",
            notice=notice | {"attorney": "attorney", "contact": "records", "authority": "a claim"},
            custodians=["clerk"],
            scope=covered | {"persons": [], "series": []} | scope,
        )

    def adopt(self, version: str, day: str, period: str) -> None:
        body = SCHEDULE.replace("period: P2Y\n", f"period: {period}\n")
        self.enter(
            "schedules",
            "adopted",
            day,
            version,
            body=body,
            sha256=sha256(body.encode()).hexdigest(),
            effective_at=f"{day}T12:00:00.000000Z",
            adoption={"resolution": version, "adopted_on": day},
        )

    def destroy(self, volume: VolumeAddress, day: str) -> None:
        """Destroy *volume* as a disposition does: listed, signed, deleted by version, a tombstone, a certificate."""
        due = parse_instant("2023-02-01T08:00:00.000000Z")
        found = DueSum(
            address=volume, row="CA-SM-01", cutoff_at=due, due_at=due, lock_until=due, waits_for=None, permanent=False,
            steps=(),
        )  # fmt: skip
        frozen = FrozenList(
            disposition="d-1", agency=AgencyId(AGENCY), action="destroy", series=volume.series, row="CA-SM-01",
            schedule_version="1", schedule_sha256="0" * 64, adoption_resolution="1", adopted_on=day,
            frozen_at=f"{day}T12:00:00.000000Z",
            volumes=(list_volume(find_volume(self.vault, None, volume), found, "CA-SM-01"),),
        )  # fmt: skip
        key = register_key("disposition-lists", VolumeId(day[:7]), "d-1")
        self.seal(key, frozen.to_bytes())
        self.enter(
            "dispositions", "proposed", day, "d-1",
            agency=AGENCY, action="destroy", series=volume.series, row="CA-SM-01", reason="due",
            volumes=[volume.prefix], list_key=key, list_sha256=frozen.sha256, versions=1, size_bytes=1,
            frozen_at=frozen.frozen_at, valid_until=frozen.frozen_at, dag_run="r", answers={},
        )  # fmt: skip
        self.enter("dispositions", "authorized", day, "d-1", grace_until=frozen.frozen_at)
        self.enter("dispositions", "began", day, "d-1", batch_versions=1000)
        self.shred(volume)
        self.enter(
            "dispositions", "tombstone", day, "d-1",
            volume=volume.prefix, key="registers/tombstones/x", sha256="0" * 64, outcome="gone", series=volume.series,
        )  # fmt: skip
        self.enter(
            "dispositions", "certified", day, "d-1",
            certificate_key="registers/certificates/x", certificate_sha256="1" * 64, outcome="whole",
        )  # fmt: skip

    def shred(self, volume: VolumeAddress) -> None:
        client = connect(self.settings.store.endpoint, REGION, *self.settings.store.shredder())
        shredder = Shredder(client, self.vault.bucket)
        versions = [version.name for version in shredder.list_versions(volume.prefix)]
        assert len(versions) == 10
        time.sleep(LOCK_S + 1)  # the locks end, which are whole seconds
        shredder.destroy(versions)
        assert list(self.vault.list_keys(volume.prefix)) == []

    def report(self, day: str, folder: Path) -> dict[str, bytes]:
        """Return everything that the command prints and writes of *day*."""
        files = ["--html", str(folder / "page.html"), "--csv", str(folder / "csv")]
        done = run_command(self.settings, "retention", "report", "--agency", AGENCY, "--as-of", day, "--json", *files)
        plain = run_command(self.settings, "retention", "report", "--agency", AGENCY, "--as-of", day)
        assert (done.stderr, plain.stderr) == ("", "")
        written = {path.name: path.read_bytes() for path in [folder / "page.html", *(folder / "csv").iterdir()]}
        return {"json": done.stdout.encode(), "text": plain.stdout.encode(), **written}


@pytest.fixture
def city(store, tmp_path: Path) -> City:
    name = f"report-{uuid.uuid4().hex[:8]}-"
    keys = replace(store_settings(store, name), shredder_file=store.credentials_file("shredder"))
    settings = replace(read_settings({"MUNIMENT_HOME": str(tmp_path / "home")}), store=keys)
    administrator = connect(store.endpoint, REGION, *store.credentials("administrator"))
    create_bucket(administrator, keys.bucket(AGENCY))
    restrict_bucket(administrator, keys.bucket(AGENCY))
    operator = connect(store.endpoint, REGION, *store.credentials("operator"))
    return City(settings, Vault(operator, keys.bucket(AGENCY)))


@pytest.mark.real
def test_the_report_of_a_past_day_is_byte_for_byte_the_same_after_sealing_holds_adoption_and_destruction(
    city: City, tmp_path: Path
) -> None:
    city.adopt("2021-1", "2021-01-02", "P2Y")
    city.seal_snapshot(POSTS, "2021-01-10", medium=b"a picture")
    city.seal_snapshot(COMMENTS, "2021-01-12")
    city.place("roe", "2021-01-20", series=["public-comments"], persons=[PERSON])
    january = city.report("2021-01-31", tmp_path)

    city.seal_snapshot(POSTS, "2021-02-03", medium=b"a picture")
    city.seal_snapshot(POSTS, "2021-02-04")
    city.enter("holds", "released", "2021-03-01", "roe", attorney="attorney", reason="settled")
    city.place("everything", "2022-01-01")
    city.enter("holds", "released", "2022-06-01", "everything", attorney="attorney", reason="over")
    spring = city.report("2023-04-30", tmp_path)
    city.adopt("2023-1", "2023-05-01", "P9Y")
    city.destroy(POSTS, "2023-06-01")

    assert city.report("2021-01-31", tmp_path) == january
    assert city.report("2023-04-30", tmp_path) == spring
    summer = city.report("2023-06-30", tmp_path)
    assert b"official-posts" not in summer["holdings.csv"]
    assert summer["destroyed.csv"].count(b"d-1") == 1
    assert b"official-posts" in spring["holdings.csv"]
    assert spring["holdings.csv"].splitlines()[1].startswith(b"official-posts,CA-SM-01,1,3,10,")
    assert b"roe,litigation" in january["on-hold.csv"]
    assert not any(PERSON.encode() in text for text in (*january.values(), *spring.values(), *summer.values()))


def test_the_report_of_the_present_says_of_each_volume_what_the_due_list_says(city: City) -> None:
    city.seal_snapshot(POSTS, "2021-01-10", medium=b"a picture")
    city.seal_snapshot(POSTS, "2021-01-11", medium=b"a picture")
    city.seal_snapshot(COMMENTS, "2021-01-12")
    city.place("roe", "2021-01-20", series=["public-comments"])

    listed = json.loads(run_command(city.settings, "due", "--agency", AGENCY, "--json").stdout)
    words = ["retention", "report", "--agency", AGENCY, "--json"]
    reported = json.loads(run_command(city.settings, *words).stdout)

    (table,) = (table for table in reported["tables"] if table["id"] == "due-volumes")
    mine = {(row["series"], row["due_at"], row["objects"], row["size_bytes"]) for row in table["rows"]}
    lines = [*listed["due"], *listed["stopped"]]
    assert mine == {(line["series"], line["due_at"], line["objects"], line["size_bytes"]) for line in lines}
    assert len(mine) == 2
    for line in lines:
        (row,) = (row for row in table["rows"] if row["series"] == line["series"])
        assert all(stop["code"] in row["stopped_by"] for stop in line["stops"])


def test_a_register_is_read_as_it_stood_on_a_day_and_never_shows_persons(city: City) -> None:
    city.place("roe", "2021-01-20", persons=[PERSON])
    city.enter("holds", "released", "2021-03-01", "roe", attorney="attorney", reason="settled")

    listed = run_command(city.settings, "registers", "list", "--agency", AGENCY)
    then = run_command(city.settings, "registers", "show", "holds", "--agency", AGENCY, "--as-of", "2021-02-28")
    now = run_command(city.settings, "registers", "show", "holds", "--agency", AGENCY, "--json")

    assert (listed.returncode, then.returncode, now.returncode) == (0, 0, 0)
    assert "holds" in listed.stdout
    assert "placed" in then.stdout
    assert "released" not in then.stdout
    assert "released" in now.stdout
    assert PERSON not in then.stdout + now.stdout


@pytest.mark.parametrize("words", [["show", "findings"], ["show", "nothing-of-that-name"], ["list", "holds"], ["show"]])
def test_what_is_no_register_of_events_is_refused(city: City, words: list[str]) -> None:
    assert run_command(city.settings, "registers", *words, "--agency", AGENCY).returncode == 2


def test_locks_that_the_store_lacks_are_found_only_when_it_is_asked(city: City) -> None:
    city.seal_snapshot(POSTS, "2021-01-10")
    recorded = run_command(city.settings, "retention", "report", "--agency", AGENCY)
    live = run_command(city.settings, "retention", "report", "--agency", AGENCY, "--live")

    assert recorded.returncode == 0  # its manifest says 2023
    assert live.returncode == 0  # the store's own lock is of this minute, and longer
    assert live.stdout != recorded.stdout


def test_a_past_day_has_no_locks_on_the_store(city: City) -> None:
    words = ["retention", "report", "--agency", AGENCY, "--live", "--as-of", "2021-01-31"]

    assert run_command(city.settings, *words).returncode == 2
