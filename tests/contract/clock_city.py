"""An exercise: a city whose volumes are minutes and whose periods are seconds, on two real stores."""

from __future__ import annotations

import shutil
import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from muniment.custody.buckets import create_bucket
from muniment.custody.client import connect
from muniment.custody.vault import Vault
from muniment.embedded.seaweed import REGION, SeaweedFS
from muniment.evidence.layout import MANIFEST, PAGES, ROWS, SnapshotAddress, VolumeAddress, snapshot_id
from muniment.evidence.manifest import Manifest
from muniment.evidence.register_event import RegisterEvent
from muniment.records.names import AccountId, SeriesId, format_instant, parse_instant
from muniment.records.schedule import Cutoff
from muniment.retention.locks import compute_volume_lock, volume_of
from muniment.settings import Settings, read_settings
from muniment.workflows import copy_vault
from muniment.workflows.clocks import extend_share, plan_extend
from muniment.workflows.registers import enter
from muniment.workflows.wiring import Workplace, now, open_second, open_workplace
from tests.contract.keeping import AGENCY, store_settings
from tests.end_to_end.city import settings_in_force
from tests.unit.evidence.vault_folder import build_manifest

AGENCIES = Path(__file__).parents[2] / "include/agencies"
ACCOUNT = AccountId("bluesky-city")
WAITING, PLAIN, UNSCHEDULED = SeriesId("official-posts"), SeriesId("public-comments"), SeriesId("direct-messages")
PERIOD_S = 230
# Cut off two to three minutes ago: less than half of the period is left of the lock, and it has not ended.
AGO = timedelta(minutes=3)


@dataclass(frozen=True)
class ClockCity:
    """One installation, with a second copy."""

    settings: Settings

    @property
    def place(self) -> Workplace:
        return open_workplace(AGENCY, self.settings)

    @property
    def copies(self) -> list[Vault]:
        second = open_second(AGENCY, self.settings)
        assert second is not None
        return [self.place.vault, second]

    def seal(self, series: SeriesId, *, lasts: timedelta | None = None) -> Manifest:
        """Seal a snapshot of *series* in the volume of some minutes ago, as the schedule locks it or so long."""
        place, taken = self.place, now() - AGO
        address = VolumeAddress(series, ACCOUNT, volume_of(taken, Cutoff.UTC_MINUTE, place.agency.zone))
        kept = compute_volume_lock(address.volume, series if lasts is None else WAITING, place.agency)
        until = parse_instant(kept.locked_until) if lasts is None else now() + lasts
        snapshot = SnapshotAddress(address, snapshot_id(uuid.uuid4().hex, taken, series, ACCOUNT))
        lock = {"lock_until": until, "content_type": "x/y"}
        objects = [place.vault.seal_bytes(snapshot.key(name), name.encode(), **lock) for name in (PAGES, ROWS)]
        manifest = build_manifest(snapshot, tuple(objects), None)
        kept = replace(kept, locked_until=objects[0].locked_until)
        manifest = replace(manifest, agency=AGENCY, zone=place.agency.zone, retention=kept)
        place.vault.seal_bytes(snapshot.key(MANIFEST), manifest.to_bytes(), **lock)
        return manifest

    def adopt(self) -> None:
        """Enter the adoption of the schedule as it stands."""
        place, moment = self.place, format_instant(now())
        body = (self.settings.agencies / AGENCY / "retention.yaml").read_text("utf-8")
        adoption = {"resolution": "D-1", "adopted_on": "2026-01-01"}
        facts = {"body": body, "sha256": place.agency.schedule_sha256, "adoption": adoption, "effective_at": moment}
        event = RegisterEvent(
            register="schedules",
            id="drill-1-adopted",
            event="adopted",
            subject="drill-1",
            at=moment,
            by="A. Clerk",
            facts=facts,
        )
        enter(place.vault, place.agency, event)

    def copy(self) -> None:
        with settings_in_force(self.settings):
            for share in copy_vault.plan_copy(AGENCY, whole=True):
                copy_vault.copy_share(share)

    def plan(self) -> list[dict[str, Any]]:
        with settings_in_force(self.settings):
            return plan_extend(AGENCY)

    def extend(self) -> list[dict[str, Any]]:
        """Plan and do, as the daily run does."""
        with settings_in_force(self.settings):
            return [extend_share(share) for share in plan_extend(AGENCY)]

    def locks(self, prefix: str) -> list[set[datetime]]:
        """The dates of the locks under *prefix*, in each copy."""
        found = []
        for copy in self.copies:
            locks = [copy.lock_of(key) for key in copy.list_keys(prefix)]
            found.append({lock.until for lock in locks if lock is not None})
        return found


def open_clock_city(
    home: Path, store: SeaweedFS, second: SeaweedFS, *, second_endpoint: str | None = None
) -> ClockCity:
    """Make the city's files and its bucket; nothing is sealed."""
    shutil.copytree(AGENCIES / AGENCY, home / "agencies" / AGENCY)
    _make_drill(home / "agencies" / AGENCY / "retention.yaml")
    name = uuid.uuid4().hex[:8]
    settings = replace(
        read_settings({"MUNIMENT_HOME": str(home), "MUNIMENT_AGENCIES": str(home / "agencies")}),
        store=store_settings(store, f"clock-{name}-"),
        second=store_settings(second, f"clock2-{name}-", second_endpoint),
    )
    create_bucket(connect(store.endpoint, REGION, *store.credentials("administrator")), settings.store.bucket(AGENCY))
    return ClockCity(settings)


def _make_drill(path: Path) -> None:
    schedule = yaml.safe_load(path.read_text("utf-8"))
    schedule |= {
        "version": "drill-1",
        "jurisdiction": "drill",
        "adoption": {"resolution": "D-1", "adopted_on": "2026-01-01"},
    }
    schedule["disposition"] |= {"floor": {"period": "PT5S", "authority": "an exercise"}, "grace": "PT1S"}
    rows = [row for row in schedule["rows"] if row["series"] != UNSCHEDULED]
    for row in rows:
        row |= {"cutoff": "utc-minute", "starts": "cutoff", "period": f"PT{PERIOD_S}S", "action": "destroy"}
        row |= {"approvals": ["city-clerk"], "lock_mode": "COMPLIANCE", "below_floor": None}
        if row["series"] == WAITING:
            row["starts"] = "account-terminated"
    schedule["rows"] = rows
    path.write_text(yaml.safe_dump(schedule, sort_keys=False), "utf-8")
