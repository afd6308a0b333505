"""The real path, capture to seal, stage by stage, over a store and a platform that run beside it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import PathRun, Stage
from benchmarks.processes import StepFailedError, run_step
from benchmarks.services import Server
from benchmarks.workspace import Workspace

STAGES = ("capture", "parse", "seal")


@dataclass(frozen=True, slots=True)
class Bench:
    """A workspace with its servers."""

    place: Workspace
    store: Server
    platform: Server

    def ask(self, *command: str) -> object:
        """Return what a step prints that is not measured."""
        return json.loads(run_step(["benchmarks.stages", *command], self.place.environment())[1])["result"]


def take_snapshot(bench: Bench, account: str, series: str) -> tuple[str, PathRun]:
    """Capture, parse and seal *series* of *account*; return the order and what each stage took.

    Raises:
        StepFailedError: a stage failed, or the snapshot was quarantined.
    """
    order = json.dumps(bench.ask("plan", account, series))
    stages, said = [], ""
    for name in STAGES:
        stage, said = _run_stage(bench, name, order)
        stages.append(stage)
    sealed = json.loads(said)["result"]
    if sealed["verdict"] != "accepted":
        raise StepFailedError(f"{account}: expected an accepted snapshot, found {sealed['findings']}")
    sizes = bench.ask("sizes", order)
    return order, PathRun(records=sealed["rows"], stages=tuple(stages), sizes=sizes)  # type: ignore[arg-type]


def _run_stage(bench: Bench, name: str, order: str) -> tuple[Stage, str]:
    store, platform = bench.store.processor_seconds(), bench.platform.processor_seconds()
    cost, said = run_step(["benchmarks.stages", name, order], bench.place.environment())
    told = json.loads(said)
    stage = Stage(
        name=name,
        cost=cost,
        start_cpu_s=told["start_s"],
        work_wall_s=told["work_s"],
        store_cpu_s=bench.store.processor_seconds() - store,
        platform_cpu_s=bench.platform.processor_seconds() - platform,
    )
    return stage, said


def fetch_rows(bench: Bench, order: str, path: Path) -> None:
    """Copy the sealed rows of *order* to *path*."""
    bench.ask("rows", order, str(path))
