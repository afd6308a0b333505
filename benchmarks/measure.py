"""What one run of the benchmark measures, in order."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import peer
from benchmarks.figures import Floor, PathRun, PeerRun
from benchmarks.path import Bench, fetch_rows, take_snapshot
from benchmarks.processes import run_step
from benchmarks.proof import Said, measure_commitments, measure_log, measure_verification
from benchmarks.services import Server, open_platform, open_store, pass_doctor
from benchmarks.workspace import ACCOUNTS, COMMENTS, POSTS, Workspace
from muniment.embedded.seaweed import SeaweedFS

QUIET_POSTS = 10_000
_THREAD_REPLIES = 4_000


@dataclass(frozen=True, slots=True)
class Plan:
    """How large, how often, and where files may lie."""

    sizes: tuple[int, ...]  # records, each a multiple of a thread's 4,000 replies; the smallest first
    repeats: int
    peer_sizes: tuple[int, ...]  # sizes of the peer's ordinary path
    folder: Path


@dataclass(slots=True)
class Results:
    """Everything measured."""

    about: dict[str, object]
    bodies: dict[int, int] = field(default_factory=dict)  # bytes of the platform's answers, by records
    runs: list[PathRun] = field(default_factory=list)
    floors: list[Floor] = field(default_factory=list)
    peers: list[PeerRun] = field(default_factory=list)
    quiet: list[PathRun] = field(default_factory=list)  # the baseline, then the unchanged account an hour on
    proof: dict[str, Said] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Session:
    """One run of the benchmark."""

    plan: Plan
    store: SeaweedFS
    server: Server
    accounts: Iterator[str]
    results: Results


def measure(plan: Plan) -> Results:
    """Measure everything of *plan*.

    Raises:
        StepFailedError: a step failed.
    """
    results = Results(about=describe_machine())
    store = SeaweedFS(plan.folder / "home", memory="1GiB")
    with open_store(store) as server:
        session = _Session(plan, store, server, iter(ACCOUNTS), results)
        for size in plan.sizes:
            bodies = _measure_path(session, size)
            _measure_peer(session, size, bodies)
        _measure_quiet(session)
    _say("verification of a gigabyte")
    results.proof["verification"] = measure_verification()
    _say("the log as it grows")
    results.proof["log"] = measure_log()
    results.about["load after"] = os.getloadavg()
    return results


def _measure_path(session: _Session, size: int) -> Path:
    """Measure the path and its floors, in turn; return the folder of the platform's answers."""
    plan, results = session.plan, session.results
    rows, out = plan.folder / "rows.parquet", plan.folder / "floor.out"
    with _open_bench(session, size // _THREAD_REPLIES, _THREAD_REPLIES) as (bench, bodies):
        results.bodies[size] = sum(path.stat().st_size for path in bodies.glob("*.json"))
        for _ in range(plan.repeats):
            _say(f"{size:,} records: capture to seal")
            order, run = take_snapshot(bench, next(session.accounts), COMMENTS)
            results.runs.append(run)
            fetch_rows(bench, order, rows)
            _say(f"{size:,} records: the floors")
            results.floors += [_run_floor("bytes", bodies, out, size), _run_floor("table", rows, out, size)]
    if size == max(plan.sizes):
        _say(f"{size:,} records: commitments")
        results.proof["commitments"] = measure_commitments(rows)
    rows.unlink()
    return bodies


def _measure_peer(session: _Session, size: int, bodies: Path) -> None:
    plan, ordinary = session.plan, ["ordinary"] if size in session.plan.peer_sizes else []
    for path in ["arrow"] * plan.repeats + ordinary:
        _say(f"{size:,} records: {peer.NAME}, {path}")
        home = plan.folder / "home" / peer.NAME
        session.results.peers.append(
            peer.load(path, bodies, size, store=session.store, server=session.server, home=home)
        )


def _measure_quiet(session: _Session) -> None:
    account = next(session.accounts)
    with _open_bench(session, QUIET_POSTS, 0) as (bench, _):
        for moment in ("baseline", "an hour on"):
            _say(f"a quiet account of {QUIET_POSTS:,} posts: {moment}")
            session.results.quiet.append(take_snapshot(bench, account, POSTS)[1])


@contextmanager
def _open_bench(session: _Session, posts: int, replies: int) -> Iterator[tuple[Bench, Path]]:
    plan, data = session.plan, session.plan.folder / "data"
    command = ["platform_simulator.bulk", "--posts", str(posts), "--replies", str(replies), "--directory", str(data)]
    _say(f"rendering {posts:,} posts with {replies:,} replies each")
    with open_platform(command) as (platform_server, said):
        place = Workspace(plan.folder / "home", session.server.address, platform_server.address)
        place.write()
        pass_doctor(place)
        yield Bench(place, session.server, platform_server), Path(str(said["directory"]))


def _run_floor(name: str, source: Path, out: Path, records: int) -> Floor:
    _, said = run_step(["benchmarks.floors", name, str(source), str(out)], {})
    told = json.loads(said)
    return Floor(name=name, records=records, wall_s=told["wall_s"], cpu_s=told["cpu_s"], bytes=told["bytes"])


def check_sizes(sizes: Sequence[int]) -> tuple[int, ...]:
    """Return *sizes* in order.

    Raises:
        ValueError: one is not a multiple of a thread's replies.
    """
    for size in sizes:
        if size <= 0 or size % _THREAD_REPLIES:
            raise ValueError(f"records: expected a multiple of {_THREAD_REPLIES}, found {size}")
    return tuple(sorted(set(sizes)))


def describe_machine() -> dict[str, object]:
    """Return what a reader must know of the machine and of what else ran on it."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    memory = int(Path("/proc/meminfo").read_text().split()[1]) // 1024
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "processor": model,
        "cores": os.cpu_count(),
        "memory MB": memory,
        "system": platform.platform(),
        "python": platform.python_version(),
        "peer": f"{peer.NAME} {peer.VERSION}",
        "load before": os.getloadavg(),
    }


def _say(what: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S}  {what}", file=sys.stderr, flush=True)
