"""A city where everything that can vanish does: a simulator of its own, a fresh bucket, a clock that the test moves."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from muniment.embedded.seaweed import SeaweedFS
from muniment.records.agency import Account
from muniment.records.changes import Removal
from muniment.records.names import AccountId, SeriesId
from muniment.records.series import OFFICIAL_POSTS, PUBLIC_COMMENTS
from muniment.settings import Settings, read_settings
from muniment.workflows.doctor import examine_store
from muniment.workflows.orders import new_order
from muniment.workflows.removed import list_removals, probe_account
from muniment.workflows.seal_snapshot import seal_snapshot
from muniment.workflows.take_pages import take_pages
from muniment.workflows.take_rows import take_rows
from muniment.workflows.wiring import Workplace, open_workplace
from tests.contract.keeping import AGENCY, store_settings
from tests.contract.overlay_vault import OverlayVault

BLUESKY, MASTODON = AccountId("bluesky-city"), AccountId("mastodon-city")
START = datetime.now(UTC).replace(hour=6, minute=0, second=0, microsecond=0) - timedelta(days=1)
PEOPLE = """
scenario: 1
name: vanishing
seed: v
media: {sun: {width: 64, height: 40}}
people:
  ana: {name: Ana Ruiz}
  gone: {name: Gone Away, deleted: +2h}
  away: {name: Away Awhile, closed: +2h, reopened: +60h}
  banned: {name: Banned, suspended: +2h}
  troll: {name: Troll}
accounts:
  bluesky-city:
    platform: bluesky
    handle: city.claremont.example
    name: City
    description: A city.
    created: -900d
    blocks: [{who: troll, since: +2h}]
  mastodon-city: {platform: mastodon, handle: cityhall, name: City, description: A city., created: -900d}
posts:
  - id: one
    at: -2d
    text: Hello
    replies:
      - {by: ana, after: 1h, text: deleted, deleted: +2h, media: [{medium: sun, alt: The sun}]}
      - {by: ana, after: 2h, text: taken down, taken_down: +2h}
      - {by: gone, after: 4h, text: author gone}
      - {by: away, after: 5h, text: author away}
      - {by: banned, after: 6h, text: author banned}
      - {by: troll, after: 7h, text: author blocked}
      - {by: ana, after: 8h, text: hidden, hidden: +2h, unhidden: +60h}
      - {by: ana, after: 9h, text: edited, edits: [{at: +2h, text: edited now}]}
      - {by: ana, after: 10h, text: stays}
      - {by: ana, at: +1h, text: never seen, deleted: +2h, replies: [{by: account, after: 10m, text: An answer}]}
  - {id: two, at: -1d, text: deleted post, deleted: +2h}
"""


@dataclass
class VanishingCity:
    """One installation. `hours` is how far its clock, and the simulator's, have gone since START."""

    settings: Settings
    simulator: str
    hours: float = 0
    runs: int = 0
    vault: OverlayVault | None = None
    ids: dict[str, str] = field(default_factory=dict)

    def now(self) -> datetime:
        return START + timedelta(hours=self.hours)

    @property
    def place(self) -> Workplace:
        place = open_workplace(AGENCY, self.settings)
        return replace(place, clock=self.now, vault=self.vault or place.vault)  # type: ignore[arg-type]

    def advance(self, hours: float) -> None:
        answer = httpx.post(f"{self.simulator}/simulator/clock", json={"advance_seconds": int(hours * 3600)})
        assert answer.status_code == 200
        self.hours += hours

    def fault(self, route: str, kind: str, **more: Any) -> None:
        body = {"route": route, "kind": kind, **more}
        assert httpx.post(f"{self.simulator}/simulator/faults", json=body).status_code == 200

    def capture(self, account: AccountId, *series: SeriesId) -> None:
        for one in series or (OFFICIAL_POSTS, PUBLIC_COMMENTS):
            self.runs += 1
            order = new_order(self.place.agency.id, account, one, run_id=f"run {self.runs}", taken_at=self.now())
            take_pages(self.place, order)
            take_rows(self.place, order)
            manifest = seal_snapshot(self.place, order)
            assert manifest is not None
            assert manifest.verdict.outcome == "accepted", manifest.verdict

    def probe(self, account: AccountId, run: str | None = None) -> dict[str, Any]:
        self.runs += run is None
        return probe_account(self.place, account, run_id=run or f"run {self.runs}", taken_at=self.now())

    def removals(self, account: AccountId) -> list[Removal]:
        return list(list_removals(self.place, account, since=START, until=START + timedelta(days=30)))

    def account(self, account: AccountId) -> Account:
        return self.place.account(account)


@contextmanager
def serve_scenario(text: str, folder: Path) -> Iterator[str]:
    path = folder / "scenario.yaml"
    path.write_text(text, "utf-8")
    command = [sys.executable, "-m", "platform_simulator", "--scenario", str(path), "--start", START.isoformat()]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())["simulator"]
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


@contextmanager
def open_vanishing_city(store: SeaweedFS, folder: Path, text: str = PEOPLE) -> Iterator[VanishingCity]:
    with serve_scenario(text, folder) as simulator:
        settings = read_settings({"MUNIMENT_HOME": str(folder), "MUNIMENT_SIMULATOR": simulator})
        settings = replace(settings, store=store_settings(store, f"gone-{uuid.uuid4().hex[:8]}-"))
        assert examine_store(AGENCY, settings).passed
        yield VanishingCity(settings, simulator)
