"""Time the due list and the reconciliation of holds, over a catalog and over a store of growing size."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median_low

from benchmarks import retention_catalog, retention_vault
from benchmarks.processes import StepFailedError
from benchmarks.retention_figures import Timing
from benchmarks.workspace import AGENCY, POSTS, Workspace
from muniment.custody.buckets import create_bucket
from muniment.custody.client import connect
from muniment.embedded.seaweed import REGION, SeaweedFS
from muniment.records.canonical import JsonValue
from muniment.records.names import SeriesId
from muniment.register.load import load_agency
from muniment.retention.holds import Scope
from muniment.settings import read_settings
from muniment.workflows.clocks.due import reckon, summarize
from muniment.workflows.clocks.known import Known, read_known
from muniment.workflows.holds.reconcile import plan_holds, prepare_holds, reconcile_share
from muniment.workflows.holds.room import HoldRoom, room_of
from muniment.workflows.volumes import VolumeState, read_volumes, read_volumes_of_catalog
from muniment.workflows.wiring import open_workplace

_REPEATS = 3  # of what takes seconds; the middle one counts
_LOCKED = timedelta(days=1)  # longer than any filling takes; in the end the store's folder is removed
Counted = tuple[int, int]  # objects, volumes


def measure_catalog(folder: Path, sizes: Sequence[int]) -> Iterator[Timing]:
    """Time the due list over a catalog of each of *sizes* objects.

    Raises:
        StepFailedError: PostgreSQL did not start.
    """
    place = Workspace(folder / "home", "http://127.0.0.1:9", "http://127.0.0.1:9")
    place.write()
    agency = load_agency(folder / "home" / "agencies" / AGENCY, simulator=None)
    known = Known(agency=agency, at=datetime.now(UTC), triggers=(), matters=(), dispositions=(), extended={})
    with retention_catalog.open_catalog() as catalog:
        for size in sizes:
            _say(f"catalog of {size:,} objects")
            retention_catalog.fill(catalog, size)
            runs = [
                _time("due list from the catalog", lambda: _list_due(known, read_volumes_of_catalog(catalog, AGENCY)))
                for _ in range(_REPEATS)
            ]
            middle = median_low(run.wall_s for run in runs)
            yield next(run for run in runs if run.wall_s == middle)


def measure_store(folder: Path, sizes: Sequence[int]) -> Iterator[Timing]:
    """Time the due list and reconciliations over a real store of each of *sizes* objects, the smallest first.

    Raises:
        StepFailedError: a reconciliation found what it should not.
    """
    store = SeaweedFS(folder / "home", memory="1GiB")
    try:
        store.start()
        for size in sizes:
            _say(f"store: {size:,} objects, sealed")
            room = _open_room(store, size)
            _fill(store, room.place.vault.bucket, size)
            yield from _measure_room(room, size)
    finally:
        store.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _open_room(store: SeaweedFS, size: int) -> HoldRoom:
    """Open the holds of an agency with a bucket of its own."""
    place = Workspace(store.home, store.endpoint, store.endpoint)
    place.write()
    settings = read_settings(place.environment())
    settings = replace(settings, store=replace(settings.store, bucket_prefix=f"bench-{size}-"), second=None)
    create_bucket(connect(store.endpoint, REGION, *store.credentials("administrator")), settings.store.bucket(AGENCY))
    return room_of(open_workplace(AGENCY, settings))


def _fill(store: SeaweedFS, bucket: str, size: int) -> None:
    key = retention_vault.Store(store.endpoint, REGION, store.credentials("operator"), bucket)
    volumes = list(retention_vault.list_addresses(size // retention_vault.PER_VOLUME))
    retention_vault.fill(key, volumes, datetime.now(UTC) + _LOCKED)


def _measure_room(room: HoldRoom, size: int) -> Iterator[Timing]:
    _say(f"store of {size:,} objects: due list")
    known = read_known(room.place, datetime.now(UTC))
    yield _time("due list from the vault", lambda: _list_due(known, read_volumes(room.place.vault)))
    _say(f"store of {size:,} objects: reconciliation")
    yield _time("reconciliation with nothing to do", lambda: _reconcile(room))
    _say(f"store of {size:,} objects: a matter over half of them")
    room.enter("placed", "invented", "placed", by="bench", facts=_placing())
    yield _time("reconciliation that holds half", lambda: _reconcile(room))


def _placing() -> dict[str, JsonValue]:
    notice: dict[str, JsonValue] = {
        **dict.fromkeys(("number", "acknowledge_by", "confidentiality")),
        **dict.fromkeys(("attorney", "contact", "authority"), "invented"),
    }
    # Every other volume is of posts.
    scope = Scope(series=(SeriesId(POSTS),)).to_json()
    return {"kind": "litigation", "title": "invented", "notice": notice, "custodians": [], "scope": scope}


def _list_due(known: Known, states: Iterator[VolumeState]) -> Counted:
    lines = list(reckon(known, states))
    summarize(known, lines)
    return sum(line.state.objects for line in lines), len(lines)


def _reconcile(room: HoldRoom) -> Counted:
    """Reconcile as the nightly run does, its shares one after the other."""
    prepared = prepare_holds(AGENCY, room=room)
    results = [reconcile_share(share, room=room) for share in plan_holds(AGENCY, prepared, room=room)]
    findings = [result["findings"] for result in results if result["findings"]]
    if findings:
        raise StepFailedError(f"reconciliation: expected no finding, found {findings}")
    return sum(result["objects"] for result in results), sum(result["volumes"] for result in results)


def _time(what: str, act: Callable[[], Counted]) -> Timing:
    wall, cpu = time.monotonic(), time.process_time()
    objects, volumes = act()
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    _say(f"{what}: {objects:,} objects in {wall:.1f} s, {cpu:.1f} s of processor")
    return Timing(what=what, objects=objects, volumes=volumes, wall_s=wall, cpu_s=cpu)


def _say(what: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S}  {what}", file=sys.stderr, flush=True)
