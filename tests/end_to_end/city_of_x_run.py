"""The City of X through the whole product: the real command on a real store, against a network or its recording."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from muniment.embedded.seaweed import SeaweedFS
from muniment.evidence.layout import MEDIA, PAGES, ROWS
from muniment.evidence.manifest import Manifest, parse_manifest
from muniment.evidence.readers import FolderReader
from muniment.evidence.verify import verify
from muniment.records.page import MediaExchange
from muniment.settings import Settings, read_settings
from muniment.tables.media_file import read_media
from muniment.workflows.doctor import examine_store
from muniment.workflows.retrieve import find_by_id, hand_over
from muniment.workflows.wiring import open_workplace
from tests.replies.city_of_x import Made
from tests.replies.replay import key_of, recorded_answers
from tests.replies.replay_server import ReplayServer

AGENCY = "city-of-x"
SERIES = ("official-posts", "public-comments", "subscriber-lists")
AGENCY_FILES = Path(__file__).parents[1] / "agencies" / AGENCY
SEED = Path(__file__).parents[1] / "atproto_network" / "seed_city.py"
REPLIES = Path(__file__).parents[1] / "replies" / "bluesky-city-of-x"
SHOWN_WITHIN_S = 30  # how long the network may take to show what was done last


@dataclass(frozen=True)
class Sealed:
    """One sealed snapshot, handed over in a folder."""

    folder: Path
    manifest: Manifest

    @property
    def current(self) -> dict[str, dict[str, Any]]:
        """The rows in full, by id."""
        rows = pq.read_table(self.folder / "rows.parquet").to_pylist()
        name = "subscriber_id" if self.manifest.series == "subscriber-lists" else "item_id"
        found = {row[name]: row for row in rows}
        assert len(found) == len(rows)
        return found

    @property
    def states(self) -> dict[str, list[str]]:
        """The ids that the sealed rows file calls new, changed, unchanged and gone."""
        states: dict[str, list[str]] = {"new": [], "changed": [], "unchanged": [], "gone": []}
        rows = pq.read_table(self.folder / self.manifest.address.key(ROWS))
        for key, state in zip(rows[0].to_pylist(), rows["row_state"].to_pylist(), strict=True):
            states[state].append(key)
        return states

    @property
    def media(self) -> list[MediaExchange]:
        """What the capture asked for, in order."""
        path = self.folder / self.manifest.address.key(MEDIA)
        return list(read_media(path)) if path.exists() else []

    def medium(self, sha256: str) -> bytes:
        return (self.folder / self.manifest.address.volume.media_key(sha256)).read_bytes()

    def body(self, purpose: str) -> bytes:
        """The only page of *purpose*."""
        pages = pq.read_table(self.folder / self.manifest.address.key(PAGES)).to_pylist()
        (body,) = [page["body"] for page in pages if page["purpose"] == purpose]
        return bytes(body)


@dataclass(frozen=True)
class Act:
    """What was made, and what a capture sealed of it, by series."""

    made: Made
    sealed: dict[str, Sealed]
    shown: Callable[[str], bytes]  # what the platform itself answers for an address


@dataclass(frozen=True)
class Installation:
    """A bucket of its own on the store, and agency files that name the network's addresses."""

    home: Path
    settings: Settings

    @property
    def capture_words(self) -> list[str]:
        return [sys.executable, "-m", "muniment.cli.main", "capture", "--agency", AGENCY, "--json"]

    def run(self, *words: str) -> str:
        done = subprocess.run(
            words,
            env={**os.environ, **self.settings.as_environment()},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def fetch(self, captured: str) -> dict[str, Sealed]:
        """Hand over what the capture's answer *captured* names, and verify each folder."""
        answer = json.loads(captured)
        assert answer["failed"] == []
        place = open_workplace(AGENCY, self.settings)
        sealed: dict[str, Sealed] = {}
        for one in answer["sealed"]:
            folder = self.home / one["snapshot"]
            named = {name: one[name] for name in ("account", "series", "snapshot")}
            hand_over(place, find_by_id(place, **named), folder)
            assert verify(FolderReader(folder)).findings == ()
            (path,) = folder.glob(f"**/snapshot={one['snapshot']}/manifest.json")
            sealed[one["series"]] = Sealed(folder, parse_manifest(path.read_bytes()))
        return sealed


def install(store: SeaweedFS, home: Path, *, api: str, directory: str) -> Installation:
    """Make the installation; its store has passed the doctor."""
    files = home / "agencies" / AGENCY
    files.mkdir(parents=True)
    for path in AGENCY_FILES.iterdir():
        text = path.read_text("utf-8").replace("http://127.0.0.1:2584", api)
        (files / path.name).write_text(text.replace("http://127.0.0.1:2582", directory), "utf-8")
    settings = read_settings({"MUNIMENT_HOME": str(home), "MUNIMENT_AGENCIES": str(files.parent)})
    settings = replace(
        settings,
        store=replace(
            settings.store,
            endpoint=store.endpoint,
            credentials_file=store.credentials_file("operator"),
            administrator_file=store.credentials_file("administrator"),
            bucket_prefix=f"x-{uuid.uuid4().hex[:8]}-",
        ),
    )
    assert examine_store(AGENCY, settings).passed
    return Installation(home, settings)


def run_recorded(store: SeaweedFS, home: Path, server: ReplayServer) -> tuple[Act, Act]:
    """Capture the recorded network after its first act, and after its second."""
    place = install(store, home, api=server.address, directory=server.address)
    acts = []
    for name in ("before", "after"):
        warc = REPLIES / f"{name}.warc.gz"
        server.load(warc)
        captured = place.run(*place.capture_words)
        recorded = {key_of(url)[1:]: body for url, _, _, body in recorded_answers(warc)}
        acts.append(
            Act(
                Made.read(REPLIES / f"made-{name}.json"),
                place.fetch(captured),
                lambda url, recorded=recorded: recorded[key_of(url)[1:]],
            )
        )
    return acts[0], acts[1]


def run_live(store: SeaweedFS, home: Path, network_file: Path, seed: str | None = None) -> tuple[Act, Act]:
    """Have the program *seed* make the city on an empty network and capture between its acts; capture again after."""
    network = {
        name: str(value).replace("//localhost:", "//127.0.0.1:")
        for name, value in json.loads(network_file.read_text("utf-8")).items()
    }
    place = install(store, home, api=network["appview"], directory=network["plc"])
    first, record = home / "first.json", home / "made.json"
    between = f"{shlex.join(place.capture_words)} > {shlex.quote(str(first))}"
    place.run(*(shlex.split(seed) if seed else (sys.executable, str(SEED))), str(network_file), str(record), between)
    after = Made.read(record)
    _wait_until_shown(network["appview"], after)
    second = place.run(*place.capture_words)
    before = Made.read(home / "made-t1.json")
    return Act(before, place.fetch(first.read_text("utf-8")), _get), Act(after, place.fetch(second), _get)


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return bytes(answer.read())


def _wait_until_shown(appview: str, made: Made) -> None:
    """Wait for the network's index: what is asked here are other questions than a capture asks."""

    def ask(name: str, **query: str) -> Any:
        address = f"{appview}/xrpc/{name}?{urllib.parse.urlencode(query)}"
        return json.loads(_get(address))

    def posts(*uris: str) -> list[Any]:
        return [post for uri in uris for post in ask("app.bsky.feed.getPosts", uris=uri)["posts"]]

    gone = [made.uri("replies", name) for name in ("author_deleted", "goneuser", "dropout")]
    signs: list[Callable[[], bool]] = [
        lambda: [post["cid"] for post in posts(made.uri("posts", "edited"))] == [made.record["edited_new"]["cid"]],
        lambda: posts(made.uri("posts", "deleted"), *gone) == [],
        lambda: "2026" in ask("app.bsky.actor.getProfiles", actors=made.did)["profiles"][0]["description"],
    ]
    deadline = time.monotonic() + SHOWN_WITHIN_S
    while not all(sign() for sign in signs):
        assert time.monotonic() < deadline, "the network does not show the second act"
        time.sleep(0.2)
