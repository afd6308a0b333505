"""On a real Bluesky network everything vanishes in its own way, and each way is told from the others by its two hosts.

Needs an empty network: see docs/real-bluesky-network.md. `MUNIMENT_ATPROTO_RECORD` names a file to record the
answers in, from which tests/unit/changes/test_recorded_probes.py judges them again.
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest

from muniment.embedded.seaweed import SeaweedFS
from muniment.evidence.layout import PAGES
from muniment.records.changes import ChangeKind, Confidence, ItemState, Removal
from muniment.records.names import AccountId, SeriesId
from muniment.records.series import OFFICIAL_POSTS, PUBLIC_COMMENTS, SUBSCRIBER_LISTS
from muniment.workflows.changes.listing import EVER, list_changes
from muniment.workflows.orders import new_order
from muniment.workflows.removed import list_removals, probe_account
from muniment.workflows.removed.earlier import list_runs
from muniment.workflows.seal_snapshot import seal_snapshot
from muniment.workflows.take_pages import take_pages
from muniment.workflows.take_rows import take_rows
from muniment.workflows.wiring import Workplace, now, open_workplace
from tests.atproto_network.third_act import third_act
from tests.end_to_end.city_of_x_run import AGENCY, SEED, install

NETWORK = os.environ.get("MUNIMENT_ATPROTO_NETWORK")
CITY = AccountId("bluesky-city")
SHOWN_WITHIN_S = 30
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(NETWORK is None, reason="MUNIMENT_ATPROTO_NETWORK names no network"),
]


@dataclass
class Lived:
    """The city after everything vanished and was asked for twice."""

    place: Workplace
    acts: dict[str, str]
    made: dict[str, Any]
    began: datetime

    def capture(self) -> None:
        for series in (OFFICIAL_POSTS, PUBLIC_COMMENTS, SUBSCRIBER_LISTS):
            order = new_order(self.place.agency.id, CITY, series, run_id=series, taken_at=now())
            take_pages(self.place, order)
            take_rows(self.place, order)
            manifest = seal_snapshot(self.place, order)
            assert manifest is not None
            assert manifest.verdict.outcome == "accepted", manifest.verdict

    def probe(self, later: timedelta) -> dict[str, Any]:
        place = replace(self.place, clock=lambda: now() + later)
        return probe_account(place, CITY, run_id=f"probe {later}", taken_at=place.clock())

    def removals(self) -> dict[str, Removal]:
        until = now() + timedelta(days=3)
        return {one.change.item_id: one for one in list_removals(self.place, CITY, since=EVER, until=until)}

    def kinds(self, series: SeriesId) -> dict[str, set[ChangeKind]]:
        found: dict[str, set[ChangeKind]] = {}
        for change in list_changes(self.place, CITY, series, since=EVER, until=now()):
            found.setdefault(change.item_id, set()).add(change.kind)
        return found


@pytest.fixture(scope="module")
def lived(store: SeaweedFS, tmp_path_factory: pytest.TempPathFactory) -> Lived:
    home = tmp_path_factory.mktemp("vanished")
    network = {
        name: str(value).replace("//localhost:", "//127.0.0.1:")
        for name, value in json.loads(Path(str(NETWORK)).read_text("utf-8")).items()
    }
    installation = install(store, home, api=network["appview"], directory=network["plc"])
    place, record = open_workplace(AGENCY, installation.settings), home / "made.json"
    # Between the acts the real command captures.
    between = " ".join(installation.capture_words)
    installation.run(sys.executable, str(SEED), str(NETWORK), str(record), between)
    made, began = json.loads(record.read_text("utf-8")), now()
    city = Lived(place, third_act(network, made), made, began)
    _wait_until_shown(network["appview"], city.acts)
    city.capture()
    city.probe(timedelta(0))
    city.probe(timedelta(hours=25))
    if recording := os.environ.get("MUNIMENT_ATPROTO_RECORD"):
        _record(city, Path(recording))
    return city


def _wait_until_shown(appview: str, acts: dict[str, str]) -> None:
    gone = [uri for act, uri in acts.items() if "deleted" in act or "deactivated" in act or "account taken" in act]
    gone.append(acts["record taken down by the AppView"])
    deadline = time.monotonic() + SHOWN_WITHIN_S
    while httpx.get(f"{appview}/xrpc/app.bsky.feed.getPosts", params={"uris": gone}).json()["posts"]:
        assert time.monotonic() < deadline, "the network does not show the third act"
        time.sleep(0.2)


def _record(city: Lived, path: Path) -> None:
    """Write down the answers of the first run of probes, for the ordinary tests."""
    first = list(list_runs(city.place, CITY))[-1]
    pages = city.place.settings.scratch / "pages.parquet"
    city.place.vault.download(first.address.key(PAGES), pages)
    kept = ("sequence", "purpose", "subject", "url", "status", "body")
    answers = []
    for page in pq.read_table(pages).to_pylist():
        told = {name: page[name] for name in kept}
        answers.append(told | {"body": json.loads(page["body"]) if page["body"] else None})
    path.write_text(json.dumps({"acts": city.acts, "answers": answers}, indent=1, sort_keys=True) + "\n", "utf-8")


SAID = {
    "deleted by its author": (ChangeKind.REMOVED, ItemState.GONE, Confidence.CONFIRMED),
    "post deleted by the city": (ChangeKind.REMOVED, ItemState.GONE, Confidence.CONFIRMED),
    "account deleted": (ChangeKind.AUTHOR_GONE, ItemState.AUTHOR_GONE, Confidence.CONFIRMED),
    "account deactivated": (ChangeKind.AUTHOR_DEACTIVATED, ItemState.AUTHOR_DEACTIVATED, Confidence.CONFIRMED),
    "hidden by the thread gate, before": (ChangeKind.HIDDEN, ItemState.HIDDEN, Confidence.SEEN),
    "hidden by the thread gate, after": (ChangeKind.HIDDEN, ItemState.HIDDEN, Confidence.SEEN),
    "author blocked, before": (ChangeKind.AUTHOR_BLOCKED, ItemState.AUTHOR_BLOCKED, Confidence.SEEN),
    "author blocked, after": (ChangeKind.AUTHOR_BLOCKED, ItemState.AUTHOR_BLOCKED, Confidence.SEEN),
    "record taken down by the AppView": (ChangeKind.TAKEN_DOWN, ItemState.TAKEN_DOWN, Confidence.CONFIRMED),
    "account taken down by its host": (ChangeKind.TAKEN_DOWN, ItemState.TAKEN_DOWN, Confidence.CONFIRMED),
    "record taken down by its host": None,  # the AppView shows it on, and so do the lists
}


@pytest.mark.parametrize("act", SAID)
def test_each_way_to_vanish_is_told_from_the_others(lived: Lived, act: str) -> None:
    found = lived.removals().get(lived.acts[act])
    assert (found and (found.change.kind, found.state, found.change.confidence)) == SAID[act]


def test_nothing_else_is_told_to_have_vanished(lived: Lived) -> None:
    assert set(lived.removals()) == {lived.acts[act] for act, said in SAID.items() if said is not None}


def test_each_originator_is_named_with_the_time(lived: Lived) -> None:
    for removal in lived.removals().values():
        assert removal.author_id == removal.change.item_id.split("/")[2]
        assert removal.author_handle
        assert removal.published_at is not None
        assert removal.captured_before


def test_edits_and_who_stopped_following_are_changes(lived: Lived) -> None:
    official = lived.kinds(OFFICIAL_POSTS)
    assert official[lived.made["posts"]["edited"]["uri"]] == {ChangeKind.EDITED}
    assert {ChangeKind.EDITED} in [
        kinds
        for name, kinds in official.items()
        if "app.bsky.actor.profile" in name or name == lived.made["accounts"]["cityofx"]["did"]
    ]
    followers = lived.kinds(SUBSCRIBER_LISTS)
    assert followers[lived.made["accounts"]["resident000"]["did"]] == {ChangeKind.MISSING}
