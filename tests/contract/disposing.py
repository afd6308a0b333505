"""A stage of a disposition on two real stores: a vault and a second copy, each with a shredder's key of its own."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING

from muniment.custody.client import connect
from muniment.custody.shredder import Shredder
from muniment.custody.vault import Vault
from muniment.embedded.ports import pick_free_ports
from muniment.embedded.seaweed import REGION, SeaweedFS
from muniment.evidence.layout import VolumeAddress
from muniment.records.names import parse_instant
from muniment.retention.frozen_list import SECOND, VAULT
from muniment.settings import Settings, read_settings
from muniment.workflows.disposition.doors import open_shredders
from muniment.workflows.doctor import make_bucket
from muniment.workflows.wiring import open_second, open_vault
from tests.contract.keeping import store_settings
from tests.unit.workflows.disposition.stage import Stage, make_agency

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

AGENCY = "claremont"
LOCKED = timedelta(seconds=8)  # for sealing some ninety objects on a busy machine
FAR = timedelta(days=4000)


@dataclass
class ShiftedClock:
    """The real time, and as much later as somebody said it were: the stores do not see it."""

    later: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.later

    def reach(self, until: str) -> None:
        self.later = max(self.later, parse_instant(until) - datetime.now(UTC))


@dataclass
class Disposing:
    """One installation, and the stage on it."""

    settings: Settings
    stage: Stage
    administrators: dict[str, S3Client]

    def seal_volumes(self, addresses: Iterable[VolumeAddress], *, locked: timedelta = LOCKED, **sizes: int) -> None:
        """Seal volumes side by side in both copies, and wait until their locks have ended."""
        addresses, until = list(addresses), datetime.now(UTC) + locked
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda address: self.stage.seal_volume(address, until, **sizes), addresses))
        self.wait_for_locks(*addresses)

    def wait_for_locks(self, *addresses: VolumeAddress) -> None:
        """Wait until the stores' own dates on everything in the volumes have passed."""
        locks = [
            vault.lock_of(key)
            for vault in (self.stage.vault, self.stage.second)
            for address in addresses
            for key in vault.list_keys(address.prefix)
        ]
        last = max(lock.until for lock in locks if lock is not None)
        assert last < datetime.now(UTC) + timedelta(minutes=2)
        sleep(max(0.0, (last - datetime.now(UTC)).total_seconds()) + 0.1)


def open_disposing(home: Path, store: SeaweedFS, second: SeaweedFS) -> Disposing:
    """Make both buckets as an installation does, with their policies."""
    name = uuid.uuid4().hex[:8]
    settings = replace(
        read_settings({"MUNIMENT_HOME": str(home)}),
        store=store_settings(store, f"goes-{name}-"),
        second=store_settings(second, f"copy-{name}-"),
    )
    assert settings.second is not None
    for one in (settings.store, settings.second):
        make_bucket(AGENCY, one)
    stage = open_stage(settings)
    stage.adopt()
    return Disposing(settings, stage, _connect_administrators(settings))


def open_stage(settings: Settings) -> Stage:
    """Open the stage of an installation whose buckets are there."""
    clock, administrators = ShiftedClock(), _connect_administrators(settings)
    vault, second = open_vault(AGENCY, settings), open_second(AGENCY, settings)
    assert second is not None
    buckets = {VAULT: vault.bucket, SECOND: second.bucket}

    def dead() -> tuple[Vault, Shredder]:
        client = connect(f"http://127.0.0.1:{pick_free_ports(1)[0]}", REGION, "nobody", "nothing", attempts=1)
        return Vault(client, second.bucket), Shredder(client, second.bucket)

    def put(copy: str, key: str, body: bytes) -> None:
        administrators[copy].put_object(Bucket=buckets[copy], Key=key, Body=body)

    def lock(copy: str, key: str) -> None:
        {VAULT: vault, SECOND: second}[copy].extend_lock(key, datetime.now(UTC) + FAR)

    def hold(copy: str, key: str) -> None:
        administrators[copy].put_object_legal_hold(Bucket=buckets[copy], Key=key, LegalHold={"Status": "ON"})

    return Stage(
        agency=make_agency(),
        vault=vault,
        second=second,
        shredders=dict(open_shredders(AGENCY, settings)),
        clock=clock,
        pass_time=clock.reach,
        dead=dead,
        put=put,
        lock=lock,
        hold=hold,
    )


def _connect_administrators(settings: Settings) -> dict[str, S3Client]:
    stores = {VAULT: settings.store, SECOND: settings.second}
    keys = {copy: one.administrator_or_none() for copy, one in stores.items() if one is not None}
    return {
        copy: connect(one.endpoint, REGION, *key)
        for copy, one in stores.items()
        if one is not None and (key := keys[copy]) is not None
    }
