"""What vanishes in the simulated city is told apart, dated, kept, and stands like every other record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import httpx
import pyarrow.parquet as pq
import pytest

from muniment.custody.vault import Vault
from muniment.embedded.seaweed import SeaweedFS
from muniment.errors import ConfigurationError
from muniment.evidence.layout import MEDIA, PAGES, ROWS
from muniment.evidence.verify import verify
from muniment.records.changes import ChangeKind, Confidence, ItemState, Removal, Window
from muniment.records.names import AccountId, SnapshotId
from muniment.records.series import PUBLIC_COMMENTS, REMOVED_CONTENT
from muniment.workflows.findings_register import list_entries
from muniment.workflows.history import read_manifest_or_none
from muniment.workflows.orders import new_order
from muniment.workflows.removed import enter_decision, plan_probes
from muniment.workflows.removed.earlier import list_runs
from muniment.workflows.seal_snapshot import seal_snapshot
from muniment.workflows.take_pages import take_pages
from muniment.workflows.take_rows import take_rows
from muniment.workflows.wiring import open_workplace
from tests.contract.keeping import AGENCY, run_command
from tests.contract.overlay_vault import Killed, OverlayVault
from tests.contract.vanishing_city import BLUESKY, MASTODON, START, VanishingCity, open_vanishing_city
from tests.end_to_end.city import settings_in_force

HAPPENED = START + timedelta(hours=2)


@pytest.fixture(scope="module")
def lived(store: SeaweedFS, tmp_path_factory: pytest.TempPathFactory) -> Iterator[VanishingCity]:
    """Captured, everything vanishes two hours later, captured, probed, and probed again a day later."""
    with open_vanishing_city(store, tmp_path_factory.mktemp("city")) as city:
        city.capture(BLUESKY)
        city.capture(MASTODON, PUBLIC_COMMENTS)
        assert city.probe(BLUESKY)["snapshot"] is None
        city.advance(3)
        city.capture(BLUESKY)
        city.capture(MASTODON, PUBLIC_COMMENTS)
        for hours in (25, 1):
            for account in (BLUESKY, MASTODON):
                city.probe(account)
            city.advance(hours)
        yield city


def told(city: VanishingCity, account: AccountId) -> dict[str, Removal]:
    """The removals by what was said."""
    texts: dict[str, str] = {}
    for run in list_runs(city.place, account):
        for row in rows_of(city, account, run.snapshot):
            texts.setdefault(row["item_id"], row["text"] or "never captured")
    return {texts[one.change.item_id].removeprefix("@cityhall "): one for one in city.removals(account)}


def rows_of(city: VanishingCity, account: AccountId, snapshot: str) -> list[dict[str, object]]:
    run = next(one for one in list_runs(city.place, account) if one.snapshot == snapshot)
    path = city.settings.scratch / f"{snapshot}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    city.place.vault.download(run.address.key(ROWS), path)
    found: list[dict[str, object]] = pq.read_table(path).to_pylist()
    return found


@pytest.mark.real
def test_bluesky_tells_one_vanishing_from_another(lived: VanishingCity) -> None:
    removals = told(lived, BLUESKY)
    assert {text: (one.change.kind, one.state, one.change.confidence) for text, one in removals.items()} == {
        "deleted": (ChangeKind.REMOVED, ItemState.GONE, Confidence.CONFIRMED),
        "deleted post": (ChangeKind.REMOVED, ItemState.GONE, Confidence.CONFIRMED),
        "taken down": (ChangeKind.TAKEN_DOWN, ItemState.TAKEN_DOWN, Confidence.CONFIRMED),
        "author gone": (ChangeKind.AUTHOR_GONE, ItemState.AUTHOR_GONE, Confidence.CONFIRMED),
        "author away": (ChangeKind.AUTHOR_DEACTIVATED, ItemState.AUTHOR_DEACTIVATED, Confidence.CONFIRMED),
        "author banned": (ChangeKind.TAKEN_DOWN, ItemState.TAKEN_DOWN, Confidence.CONFIRMED),
        "author blocked": (ChangeKind.AUTHOR_BLOCKED, ItemState.AUTHOR_BLOCKED, Confidence.SEEN),
        "hidden": (ChangeKind.HIDDEN, ItemState.HIDDEN, Confidence.SEEN),
        "never captured": (ChangeKind.REMOVED, ItemState.GONE, Confidence.CONFIRMED),
    }


@pytest.mark.real
def test_mastodon_tells_what_it_can(lived: VanishingCity) -> None:
    removals = told(lived, MASTODON)
    assert {text: (one.change.kind, one.change.confidence) for text, one in removals.items()} == {
        "deleted": (ChangeKind.REMOVED, Confidence.CONFIRMED),
        "taken down": (ChangeKind.REMOVED, Confidence.CONFIRMED),
        "author gone": (ChangeKind.AUTHOR_GONE, Confidence.CONFIRMED),
        "author away": (ChangeKind.AUTHOR_GONE, Confidence.CONFIRMED),
        "author banned": (ChangeKind.TAKEN_DOWN, Confidence.CONFIRMED),
    }


@pytest.mark.real
@pytest.mark.parametrize("account", [BLUESKY, MASTODON])
def test_every_window_contains_the_moment(lived: VanishingCity, account: AccountId) -> None:
    for removal in [one for one in lived.removals(account) if one.captured_before]:
        window = removal.change.window
        assert window.last_seen <= HAPPENED <= window.first_missing <= START + timedelta(hours=3)


@pytest.mark.real
def test_the_originator_is_named_with_date_and_time(lived: VanishingCity) -> None:
    deleted = told(lived, BLUESKY)["deleted"]
    assert deleted.author_handle == "ana.people.example"
    assert deleted.published_at == START - timedelta(days=2) + timedelta(hours=1)
    assert (deleted.unavailable_reason, deleted.captured_before) == (None, True)


@pytest.mark.real
def test_what_no_capture_had_is_known_by_its_answer_and_says_why_its_time_is_not(lived: VanishingCity) -> None:
    never = told(lived, BLUESKY)["never captured"]
    assert (never.captured_before, never.unavailable_reason, never.published_at) == (False, "never-captured", None)
    assert never.author_id == never.change.item_id.split("/")[2]
    # Nobody saw it: it vanished at some time since the account was opened.
    assert never.change.window.last_seen == datetime.fromisoformat("2026-02-02T08:00:00+00:00")
    assert never.change.window.first_missing >= HAPPENED
    assert "H002" in {entry.finding.code for entry in list_entries(lived.place.vault)}


@pytest.mark.real
def test_a_medium_of_a_removed_item_lies_beside_it(lived: VanishingCity) -> None:
    for account in (BLUESKY, MASTODON):
        first = list(list_runs(lived.place, account))[-1]
        manifest = read_manifest_or_none(lived.place.vault, first.address)
        assert manifest is not None
        names = {one.key.rsplit("/", 1)[-1] for one in manifest.objects}
        assert {PAGES, ROWS, MEDIA} < names
        (medium,) = [one for one in manifest.objects if "/media/" in one.key]
        assert f"series={REMOVED_CONTENT}" in medium.key


@pytest.mark.real
def test_the_whole_vault_verifies(lived: VanishingCity) -> None:
    done = run_command(lived.settings, "verify", "--agency", AGENCY, "--json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["findings"]) == (0, []), done.stdout + done.stderr
    assert report["snapshots"] == 6 + 4


@pytest.mark.real
def test_what_is_confirmed_is_not_asked_for_again(lived: VanishingCity) -> None:
    for account in (BLUESKY, MASTODON):
        assert lived.probe(account)["snapshot"] is None


LISTED = """
scenario: 1
name: short
seed: v
people:
  ana: {name: Ana Ruiz}
  away: {name: Away Awhile, closed: +2h, reopened: +5h}
accounts:
  bluesky-city:
    platform: bluesky
    handle: city.claremont.example
    name: City
    description: A city.
    created: -900d
posts:
  - id: one
    at: -2d
    text: Hello
    replies:
      - {by: ana, after: 1h, text: deleted, deleted: +2h}
      - {by: away, after: 5h, text: away}
      - {by: ana, after: 8h, text: hidden, hidden: +2h, unhidden: +5h}
""" + "".join(
    f"      - {{by: ana, after: {10 + number}h, text: many {number}, deleted: +8h}}\n" for number in range(12)
)


@pytest.fixture(scope="module")
def captured(store: SeaweedFS, tmp_path_factory: pytest.TempPathFactory) -> Iterator[VanishingCity]:
    """Captured before and after a reply was deleted, one hidden, one author gone away."""
    with open_vanishing_city(store, tmp_path_factory.mktemp("short"), LISTED) as city:
        city.capture(BLUESKY, PUBLIC_COMMENTS)
        city.advance(3)
        city.capture(BLUESKY, PUBLIC_COMMENTS)
        yield city


@pytest.fixture
def short(captured: VanishingCity) -> VanishingCity:
    """The same, with what is sealed from now on in memory. Its clock goes on: who moves it comes last."""
    now = datetime.fromisoformat(httpx.get(f"{captured.simulator}/simulator/truth").json()["now"])
    hours = (now - START) / timedelta(hours=1)
    return replace(captured, vault=OverlayVault(under(captured)), hours=hours)


def test_what_a_host_does_not_say_is_never_called_gone(short: VanishingCity) -> None:
    short.fault("com.atproto.repo.getRecord", "server-error", times=2)
    done = short.probe(BLUESKY)
    assert done["changes"] == {"hidden": 1, "missing": 2}
    assert [one.change.confidence for one in short.removals(BLUESKY) if one.state is ItemState.UNKNOWN] == [
        Confidence.UNCONFIRMED
    ] * 2
    assert {entry.finding.code for entry in list_entries(short.place.vault)} == {"H003"}


def test_a_hidden_reply_for_which_nobody_answered_is_asked_for_until_somebody_does(short: VanishingCity) -> None:
    hidden: list[tuple[ItemState, Window]] = []
    for run, times in enumerate((6, 6, 0)):
        if times:
            short.fault("app.bsky.feed.getPosts", "server-error", times=times)
        short.hours += 0.1
        short.probe(BLUESKY, f"try {run}")
        httpx.delete(f"{short.simulator}/simulator/faults").raise_for_status()
        hidden += [
            (one.state, one.change.window) for one in short.removals(BLUESKY) if one.change.kind is ChangeKind.HIDDEN
        ]

    assert [state for state, _ in hidden] == [ItemState.UNKNOWN, ItemState.UNKNOWN, ItemState.HIDDEN]
    assert len({window for _, window in hidden}) == 1
    short.hours += 0.1
    assert short.probe(BLUESKY, "once more")["snapshot"] is None


@pytest.mark.real
def test_a_run_killed_at_any_write_ends_whole_with_the_next(short: VanishingCity) -> None:
    whole = OverlayVault(under(short))
    expected = probe_over(short, whole, "whole")
    assert (expected["asked"], whole.writes) == (3, 3)
    for at in range(1, whole.writes + 1):
        vault = OverlayVault(under(short), at=at)
        with pytest.raises(Killed):
            probe_over(short, vault, "killed")
        vault.at = 0
        probe_over(short, vault, "next")
        short.vault = vault
        (run,) = list_runs(short.place, BLUESKY)
        told = [(one.change.kind, one.change.window) for one in short.removals(BLUESKY)]
        manifest = read_manifest_or_none(vault, run.address)  # type: ignore[arg-type]
        assert manifest is not None
        assert (manifest.verdict.outcome, manifest.rows.new, len(told)) == ("accepted", 3, 3)
        assert verify(vault).findings == ()


def under(city: VanishingCity) -> Vault:
    return open_workplace(AGENCY, city.settings).vault


def probe_over(city: VanishingCity, vault: OverlayVault, run: str) -> dict[str, object]:
    city.vault = vault
    return city.probe(BLUESKY, run)


@pytest.mark.real
def test_what_comes_back_is_told_to_be_back(short: VanishingCity) -> None:
    short.probe(BLUESKY)
    before = {one.change.item_id: one.change.kind for one in short.removals(BLUESKY)}
    short.advance(3)
    short.capture(BLUESKY)
    done = short.probe(BLUESKY)
    assert done["changes"] == {"reappeared": 1, "unhidden": 1}
    after = {one.change.item_id: one.change for one in short.removals(BLUESKY)}
    back = START + timedelta(hours=5)
    assert sorted((before[name].value, change.kind.value) for name, change in after.items()) == [
        ("author-deactivated", "reappeared"),
        ("hidden", "unhidden"),
        ("removed", "removed"),
    ]
    for change in after.values():
        if change.kind is not ChangeKind.REMOVED:
            assert change.window.last_seen <= back <= change.window.first_missing
    assert {entry.finding.code for entry in list_entries(short.place.vault)} == {"H004"}


@pytest.mark.real
def test_very_many_at_once_wait_for_a_person(short: VanishingCity) -> None:
    short.advance(3)
    short.capture(BLUESKY, PUBLIC_COMMENTS)
    run = short.probe(BLUESKY)["snapshot"]
    many = {one.change.item_id: one.change.confidence for one in short.removals(BLUESKY)}
    assert list(many.values()) == [Confidence.OUTAGE] * 13
    (finding,) = list_entries(short.place.vault)
    assert (finding.finding.code, finding.finding.count) == ("H001", 13)
    with pytest.raises(ConfigurationError, match="expected a run of probes"):
        enter_decision(short.place, BLUESKY, SnapshotId("other"), outage=False, reason="seen", by="A. Clerk")
    with pytest.raises(ConfigurationError, match="expected a reason in words"):
        enter_decision(short.place, BLUESKY, run, outage=False, reason=" ", by="A. Clerk")

    was_outage = replace(short, vault=deepcopy_of(short))
    enter_decision(was_outage.place, BLUESKY, run, outage=True, reason="their server was down", by="A. Clerk")
    kinds = {(one.change.kind, one.state) for one in was_outage.removals(BLUESKY)}
    assert kinds == {(ChangeKind.MISSING, ItemState.UNKNOWN)}
    assert was_outage.probe(BLUESKY, "after the outage")["asked"] == 13

    enter_decision(short.place, BLUESKY, run, outage=False, reason="the writer took all back", by="A. Clerk")
    assert {one.change.confidence for one in short.removals(BLUESKY)} == {Confidence.UNCONFIRMED}
    assert list_entries(short.place.vault) == []
    with pytest.raises(ConfigurationError, match="expected it undecided"):
        enter_decision(short.place, BLUESKY, run, outage=True, reason="no", by="A. Clerk")
    short.advance(25)
    short.probe(BLUESKY)
    assert {one.change.confidence for one in short.removals(BLUESKY)} == {Confidence.CONFIRMED}


def test_what_a_capture_no_longer_lists_is_asked_for_though_it_is_sealed_after_a_run_of_probes(
    short: VanishingCity,
) -> None:
    # A killed capture is ended by the next run, which may come after probes that did not know its listing.
    short.advance(6)
    short.probe(BLUESKY)
    broken_off = new_order(short.place.agency.id, BLUESKY, PUBLIC_COMMENTS, run_id="killed", taken_at=short.now())
    take_pages(short.place, broken_off)
    take_rows(short.place, broken_off)
    short.advance(1)
    assert short.probe(BLUESKY)["asked"] < 12
    assert seal_snapshot(short.place, broken_off) is not None
    short.advance(1)
    assert short.probe(BLUESKY)["changes"]["removed"] == 12


def deepcopy_of(city: VanishingCity) -> OverlayVault:
    assert city.vault is not None
    return OverlayVault(city.vault.under, kept=dict(city.vault.kept))


@pytest.mark.real
def test_the_command_lists_what_vanished_without_names(lived: VanishingCity) -> None:
    done = run_command(lived.settings, "removed", "list", "--agency", AGENCY, "--json")
    listed = json.loads(done.stdout)
    assert (done.returncode, len(listed)) == (0, 14)
    assert "people.example" not in done.stdout
    deleted = told(lived, BLUESKY)["deleted"].change.item_id
    words = ("removed", "show", "--agency", AGENCY, "--account", BLUESKY)
    shown = run_command(lived.settings, *words, "--item", deleted)
    assert shown.returncode == 0
    assert "ana.people.example" in shown.stdout
    assert run_command(lived.settings, *words, "--item", "none").returncode == 2
    assert run_command(lived.settings, "removed", "list", "--agency", AGENCY, "--account", "none").returncode == 2


@pytest.mark.real
def test_every_active_account_that_can_be_asked_is_planned_and_a_late_run_for_now(lived: VanishingCity) -> None:
    with settings_in_force(lived.settings):
        planned = plan_probes(AGENCY, run_id="run", taken_at="2026-01-01T00:00:00+00:00")
        with pytest.raises(ConfigurationError, match="expected an aware time"):
            plan_probes(AGENCY, run_id="run", taken_at="2026-01-01T00:00:00")
    assert [order["account"] for order in planned] == [BLUESKY, MASTODON]
    assert {datetime.fromisoformat(order["taken_at"]) > START for order in planned} == {True}
