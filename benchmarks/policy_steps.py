"""One step of the benchmark of policy checks, a process of its own: ``python -m benchmarks.policy_steps STEP FILE...``.

``bare`` is a scan of DuckDB over the columns that checks read, to the last batch; ``gather`` makes
of the same rows the items that checks judge; ``check`` runs every check of the demonstration's
clauses over them. None counts the start of Python. Ours may take a gibibyte of data and no more.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from benchmarks.changes_snapshots import BASELINE, snapshots_of
from benchmarks.floors import Stopwatch
from muniment.evidence.layout import snapshot_id
from muniment.policy.registry import CHECKS
from muniment.policy.scene import ItemFact, Scene, SnapshotFact
from muniment.records.names import AccountId, SeriesId
from muniment.records.series import OFFICIAL_POSTS, PUBLIC_COMMENTS
from muniment.settings import read_settings
from muniment.workflows.planning import open_agency
from muniment.workflows.policy.items import COLUMNS, read_items
from muniment.workflows.policy.run import choose_checks, judge
from muniment.workflows.policy.shelf import Held

CAP_BYTES = 1 << 30
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
CITY = AccountId("bluesky-city")
HUNDRED = 100  # comments to an official post


@dataclass(frozen=True, slots=True)
class _Files:
    """The rows files that stand for one series of a city."""

    rows: Path
    holders: dict[str, Path]

    def read(self, series: SeriesId) -> Iterator[ItemFact]:
        with tempfile.TemporaryDirectory(dir=self.rows.parent) as scratch:
            held = Held(self.rows, self.holders, {})
            yield from read_items(_fact(series), held, scratch=Path(scratch))


def _fact(series: SeriesId) -> SnapshotFact:
    at = NOW - timedelta(hours=1)
    snapshot = snapshot_id("benchmark", at, series, CITY)
    return SnapshotFact(
        account=CITY,
        series=series,
        snapshot=snapshot,
        key=f"records/{series}",
        began_at=at,
        ended_at=at,
        accepted=True,
        listed=1,
        gaps=0,
    )


def make(folder: str, items: str) -> dict[str, object]:
    """Make the snapshots of *items* comments, and of a hundredth of them for posts."""
    made = snapshots_of(Path(folder), int(items))
    snapshots_of(Path(folder), int(items) // HUNDRED)
    return {"bytes": [path.stat().st_size for path in (made.before, made.before_pointing)]}


def bare(rows: str) -> dict[str, object]:
    """Scan the columns with a bare DuckDB, to the last batch."""
    watch, found = Stopwatch(), 0
    with watch, duckdb.connect(":memory:", config={"memory_limit": "900MB", "threads": "2"}) as engine:
        chosen = ", ".join(COLUMNS)
        scan = engine.sql(f"SELECT {chosen} FROM read_parquet($1)", params=[rows])
        for batch in scan.to_arrow_reader(4096):
            found += batch.num_rows
    return {"wall_s": watch.wall_s, "cpu_s": watch.cpu_s, "found": {"rows": found}}


def gather(rows: str, holder: str = "") -> dict[str, object]:
    """Make an item of each row that *rows* lists, or points to in *holder*, to the last."""
    watch, files = Stopwatch(), _files(rows, holder)
    with watch:
        found = sum(1 for _ in files.read(PUBLIC_COMMENTS))
    return {"wall_s": watch.wall_s, "cpu_s": watch.cpu_s, "found": {"items": found}}


def check(rows: str, holder: str, posts: str) -> dict[str, object]:
    """Run every check that the demonstration's clauses name; each reads the items anew."""
    files, own, agency = _files(rows, holder), _files(posts, ""), open_agency("claremont", read_settings({}))
    scene = Scene(
        agency=agency,
        since=NOW - timedelta(days=90),
        now=NOW,
        snapshots=(_fact(OFFICIAL_POSTS), _fact(PUBLIC_COMMENTS)),
        profiles={},
        posts=lambda: own.read(OFFICIAL_POSTS),
        comments=lambda: files.read(PUBLIC_COMMENTS),
        changes=(),
        events=lambda _register: (),
        pages={},
        page_changes=(),
        open_findings=(),
        scopes={},
    )
    total, each = Stopwatch(), dict[str, float]()
    with total:
        for name, one in choose_checks(agency.policy, ()).items():
            watch = Stopwatch()
            with watch:
                judge(one, scene)
            each[name] = watch.cpu_s
    slowest = sorted(each, key=lambda name: each[name], reverse=True)[:6]
    told = [f"{name} {each[name]:.1f} s" for name in slowest]
    return {"wall_s": total.wall_s, "cpu_s": total.cpu_s, "found": {"checks": len(CHECKS)}, "slowest": told}


def _files(rows: str, holder: str) -> _Files:
    return _Files(Path(rows), {BASELINE: Path(holder)} if holder else {})


def main(step: str, *arguments: str) -> None:
    """Do *step* under the cap and print what it took."""
    if step in ("gather", "check"):
        resource.setrlimit(resource.RLIMIT_DATA, (CAP_BYTES, CAP_BYTES))
    steps = {"make": make, "bare": bare, "gather": gather, "check": check}
    print(json.dumps(steps[step](*arguments)))


if __name__ == "__main__":
    main(*sys.argv[1:])
