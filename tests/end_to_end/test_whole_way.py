"""The whole way of a record, by the real command, on a real store, from a platform with a clock of its own."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest
from botocore.exceptions import ClientError

from muniment.embedded.seaweed import SeaweedFS
from muniment.evidence.manifest import Manifest
from muniment.evidence.readers import FolderReader
from muniment.evidence.verify import verify
from muniment.records.names import format_instant
from tests.end_to_end.city import City, Simulator, open_city, start_simulator

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FAULT = {"route": "app.bsky.feed.getAuthorFeed"}
CITY = ZoneInfo("America/Los_Angeles")
POSTS = ("--account", "bluesky-city", "--series", "official-posts")


@pytest.fixture(scope="module")
def twice(store: SeaweedFS, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """The city captured, and captured again two hours later."""
    simulator = start_simulator()
    city = open_city(store, tmp_path_factory.mktemp("twice"), simulator)
    for _ in range(2):
        city.drop_newsletter()
        done = city.run("capture", "--agency", "claremont")
        assert done.returncode == 0, done.stdout + done.stderr
        city.advance(7200)
    yield city
    simulator.stop()


def ask(simulator: Simulator, method: str, path: str, body: object = None) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", int(simulator.address.rsplit(":", 1)[1]), timeout=30)
    connection.request(method, path, json.dumps(body), {"Content-Type": "application/json"})
    reply = connection.getresponse()
    assert reply.status < 300, reply.read()
    connection.close()


@pytest.fixture
def fault(simulator: Simulator) -> Iterator[None]:
    yield
    ask(simulator, "DELETE", "/simulator/faults")


def test_both_captures_of_every_account_and_series_are_sealed_and_accepted(twice: City) -> None:
    manifests = twice.manifests()

    assert len(manifests) == 16
    assert {manifest.verdict.outcome for manifest in manifests} == {"accepted"}
    assert all(manifest.origin.simulator for manifest in manifests if manifest.origin.platform != "newsletter")


def test_the_second_capture_is_a_delta_with_an_edit_and_a_removal(twice: City) -> None:
    second, first = twice.manifests("bluesky-city", "official-posts")

    assert (first.rows.changed, first.rows.unchanged, first.rows.gone) == (0, 0, 0)
    assert second.rows.changed >= 2  # a post and the profile
    assert second.rows.gone == 1
    assert second.rows.unchanged > 30
    assert second.reads == (first.snapshot,)
    assert second.previous is not None
    assert second.previous.manifest_sha256 == first.sha256()


def test_what_was_sealed_is_what_the_platform_showed(twice: City, tmp_path: Path) -> None:
    truth = twice.simulator.truth()["accounts"]
    assert isinstance(truth, dict)

    shown = truth["bluesky-city"]["visible"]
    twice.run("capture", "--agency", "claremont", *POSTS)
    day = twice.manifests("bluesky-city", "official-posts")[0]
    done = twice.run(
        "snapshots", "fetch", "--agency", "claremont", *POSTS, "--snapshot", day.snapshot, "--to", str(tmp_path / "x")
    )

    assert done.returncode == 0, done.stderr
    rows = pq.read_table(tmp_path / "x" / "rows.parquet", columns=["item_id", "kind"]).to_pylist()
    assert {row["item_id"] for row in rows if row["kind"] == "post"} == set(shown["posts"])
    assert {row["item_id"] for row in rows if row["kind"] == "reply"} == set(shown["own_replies"])


def test_every_sealed_object_shows_a_compliance_lock_until_the_schedules_date(
    twice: City, administrator_client: S3Client
) -> None:
    bucket = twice.settings.store.bucket("claremont")
    manifests = twice.manifests()
    assert len(manifests) >= 16

    for manifest in manifests:
        kept = manifest.retention
        # The sum by hand: the month of the capture in Los Angeles, its end, and two years.
        taken = (
            datetime.strptime(manifest.snapshot.partition("-")[0], "%Y%m%dT%H%M%S.%fZ")
            .replace(tzinfo=UTC)
            .astimezone(CITY)
        )
        year, month = (taken.year, taken.month + 1) if taken.month < 12 else (taken.year + 1, 1)
        until = datetime(year + 2, month, 1, tzinfo=CITY)
        assert (kept.period, kept.locked_until) == ("P2Y", format_instant(until))
        assert len(kept.steps) >= 2
        for key in (*(sealed.key for sealed in manifest.objects), manifest.address.key("manifest.json")):
            retention = administrator_client.get_object_retention(Bucket=bucket, Key=key)["Retention"]
            assert (retention["Mode"], retention["RetainUntilDate"]) == ("COMPLIANCE", until)


def test_the_administrator_can_delete_none_of_them_by_version_with_bypass_or_in_bulk(
    twice: City, administrator_client: S3Client
) -> None:
    bucket = twice.settings.store.bucket("claremont")
    listed = administrator_client.list_object_versions(Bucket=bucket, Prefix="records/")["Versions"]
    assert len(listed) > 40

    for version in listed:
        name = {"Bucket": bucket, "Key": version["Key"], "VersionId": version["VersionId"]}
        for more in ({}, {"BypassGovernanceRetention": True}):
            with pytest.raises(ClientError, match="AccessDenied"):
                administrator_client.delete_object(**name, **more)
    objects = [{"Key": version["Key"], "VersionId": version["VersionId"]} for version in listed]
    answer = administrator_client.delete_objects(
        Bucket=bucket, Delete={"Objects": objects}, BypassGovernanceRetention=True
    )
    assert len(answer["Errors"]) == len(listed)
    assert verify(twice.vault).findings == ()


def test_a_clerk_gets_a_day_in_a_folder_that_verifies_on_its_own(twice: City, tmp_path: Path) -> None:
    folder = tmp_path / "handover"
    day = datetime.now(UTC).astimezone(CITY).date()

    done = twice.run(
        "snapshots", "fetch", "--agency", "claremont", *POSTS, "--day", day.isoformat(), "--to", str(folder)
    )

    assert done.returncode == 0, done.stderr
    assert {"READ-ME.txt", "rows.csv", "rows.parquet", "media.csv", "records"} <= {p.name for p in folder.iterdir()}
    assert verify(FolderReader(folder)).findings == ()
    checked = twice.run("verify", str(folder))
    assert (checked.returncode, "Sound" in checked.stdout) == (0, True)
    note = (folder / "READ-ME.txt").read_text("utf-8")
    assert "a simulator answered" in note
    assert "CA-SM-01" in note


def test_a_day_without_a_capture_is_answered_with_the_nearest_ones(twice: City) -> None:
    done = twice.run("snapshots", "show", "--agency", "claremont", *POSTS, "--day", "2020-01-01")

    assert done.returncode == 2
    assert (
        "expected a snapshot of 2020-01-01, found none; the nearest before is none, the nearest after is 20"
        in done.stderr
    )


def test_a_subscribers_address_is_in_no_log_and_no_manifest(twice: City) -> None:
    for manifest in twice.manifests("newsletter-weekly", "subscriber-lists"):
        assert b"@" not in manifest.to_bytes().replace(b"newsletter@claremont.example", b"")
    done = twice.run("capture", "--agency", "claremont", "--account", "newsletter-weekly")
    assert "@" not in done.stdout + done.stderr


def capture_posts(city: City) -> tuple[int, str, Manifest | None]:
    done = city.run("capture", "--agency", "claremont", *POSTS)
    manifests = city.manifests("bluesky-city", "official-posts")
    return done.returncode, done.stdout + done.stderr, manifests[0] if manifests else None


@pytest.mark.parametrize("kind", ["html", "truncated"])
def test_a_page_that_cannot_be_read_is_sealed_as_quarantined_and_is_no_basis_for_the_next(
    city: City, simulator: Simulator, fault: None, kind: str
) -> None:
    ask(simulator, "POST", "/simulator/faults", FAULT | {"kind": kind, "times": 1})

    code, said, quarantined = capture_posts(city)
    again, _, accepted = capture_posts(city)

    assert code == 1, said
    assert "G001" in said
    assert quarantined is not None
    assert quarantined.verdict.outcome == "quarantined"
    assert again == 0
    assert accepted is not None
    assert (accepted.rows.gone, accepted.rows.unchanged) == (0, 0)
    assert accepted.previous is not None
    assert accepted.previous.snapshot == quarantined.snapshot
    assert verify(city.vault).findings == ()


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("expired-token", "401"),
        ("dropped", "expected"),
        ("loop", "found one that was fetched already"),
        ("foreign-link", "host"),
    ],
)
def test_what_cannot_be_captured_is_an_error_that_names_it_and_seals_nothing(
    city: City, simulator: Simulator, fault: None, kind: str, message: str
) -> None:
    route, account = (
        ("mastodon.followers", "mastodon-city")
        if kind in {"loop", "foreign-link"}
        else (
            "app.bsky.graph.getFollowers",
            "bluesky-city",
        )
    )
    ask(simulator, "POST", "/simulator/faults", {"route": route, "kind": kind, "times": None})

    done = city.run("capture", "--agency", "claremont", "--account", account, "--series", "subscriber-lists")

    assert done.returncode == 2
    assert message in done.stderr
    assert city.manifests() == []


def test_a_field_that_nobody_knew_is_kept_and_reported(city: City, simulator: Simulator, fault: None) -> None:
    ask(
        simulator,
        "POST",
        "/simulator/faults",
        {"route": "app.bsky.feed.getAuthorFeed", "kind": "unknown-field", "times": None},
    )

    code, said, manifest = capture_posts(city)

    assert code == 0, said
    assert manifest is not None
    assert "G003" in [finding.code for finding in manifest.verdict.findings]


def test_without_a_passed_examination_nothing_is_captured(store: SeaweedFS, city: City) -> None:

    elsewhere = replace(
        city, settings=replace(city.settings, store=replace(city.settings.store, bucket_prefix="none-"))
    )

    done = elsewhere.run("capture", "--agency", "claremont", *POSTS)

    assert done.returncode == 2
    assert "none-claremont" in done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("capture", "--agency", "nowhere"), "nowhere"),
        (("capture", "--agency", "claremont", "--account", "ghost"), "ghost"),
        (("snapshots", "fetch", "--agency", "claremont"), "--account"),
        (("snapshots", "list", "--agency", "claremont", "--day", "yesterday"), "expected a day as 2026-11-21"),
        (("verify",), "expected a folder or --agency"),
        (("verify", "/nowhere-at-all"), "expected a folder, found none at /nowhere-at-all"),
        (("frobnicate",), "invalid choice"),
    ],
)
def test_a_command_typed_wrong_says_what_was_expected(city: City, words: tuple[str, ...], message: str) -> None:
    done = city.run(*words)

    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_an_empty_vault_says_what_to_do_next(city: City) -> None:
    done = city.run("snapshots", "list", "--agency", "claremont")

    assert (done.returncode, done.stdout.strip()) == (
        0,
        "Nothing is sealed yet. Run `muniment capture`, or wait for the next scheduled capture.",
    )
