"""``python -m benchmarks.changes``: what changed between two snapshots, beside a bare anti-join of DuckDB."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.changes_document import render_section
from benchmarks.changes_figures import BARE, HEADERS, RATIO_HEADERS, Comparison, middle_of, ratios_of, rows_of
from benchmarks.measure import describe_machine
from benchmarks.processes import ROOT, StepFailedError, run_step
from benchmarks.report import render_table
from benchmarks.sections import put_section

ITEMS, FULL = (1_000_000,), (1_000_000, 5_000_000)
_STEPS = "benchmarks.changes_steps"
_OURS = "two baselines"
_POINTING = "a month's last snapshot and the next baseline"


def main(arguments: list[str] | None = None) -> int:
    """Measure, print and write the figures; 2 when it could not be done."""
    options = _read_options(arguments)
    about, runs = describe_machine(), list[Comparison]()
    try:
        for items in sorted(options.items or (FULL if options.full else ITEMS)):
            runs += _measure(options.folder, items, options.repeats)
    except StepFailedError as error:
        print(error, file=sys.stderr)
        return 2
    finally:
        if not options.keep:
            _clear(options.folder)
        about["load after"] = os.getloadavg()
        _tell(about, runs)
    if options.publish:
        section = render_section(runs, about, repeats=options.repeats)
        put_section(ROOT / "docs" / "performance.md", section)
    return 0


def _measure(folder: Path, items: int, repeats: int) -> Iterator[Comparison]:
    """Yield the middle run of each comparison; they take turns, so that what else runs disturbs all alike."""
    _say(f"{items:,} items: making the snapshots")
    run_step([_STEPS, "make", str(folder), str(items)], {})
    before, pointing, after = (str(folder / f"{items}-{name}.parquet") for name in ("before", "pointing", "after"))
    steps = {
        _OURS: ["compare", before, after],
        _POINTING: ["compare", pointing, after, before],
        BARE: ["bare", before, after],
    }
    runs: dict[str, list[Comparison]] = {what: [] for what in steps}
    for _ in range(repeats):
        for what, step in steps.items():
            runs[what].append(_run(what, items, step))
    yield from (middle_of(found) for found in runs.values())


def _clear(folder: Path) -> None:
    for name in ("before", "pointing", "after"):
        for path in folder.glob(f"*-{name}.parquet"):
            path.unlink()


def _run(what: str, items: int, step: Sequence[str]) -> Comparison:
    cost, said = run_step([_STEPS, *step], {})
    told = json.loads(said)
    _say(f"{items:,} items, {what}: {told['wall_s']:.1f} s, {told['cpu_s']:.1f} s of processor, {cost.peak_mb:.0f} MB")
    return Comparison(what=what, items=items, peak_mb=cost.peak_mb, **told)


def _tell(about: dict[str, object], runs: list[Comparison]) -> None:
    print(render_table(HEADERS, rows_of(runs)))
    print()
    print(render_table(RATIO_HEADERS, ratios_of(runs)))
    results = ROOT / "benchmarks" / "results" / f"{datetime.now(UTC):%Y-%m-%d}-changes.json"
    results.parent.mkdir(exist_ok=True)
    results.write_text(json.dumps({"about": about, "runs": [asdict(run) for run in runs]}, indent=1), "utf-8")


def _read_options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.changes", description=__doc__)
    parser.add_argument("--items", type=int, action="append", help=f"items in a snapshot, by the hundred; else {ITEMS}")
    parser.add_argument("--full", action="store_true", help=f"{FULL} items: some ten minutes, most to make them")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each comparison")
    parser.add_argument("--folder", type=Path, default=ROOT / ".muniment" / "bench-changes", help="for the snapshots")
    parser.add_argument("--keep", action="store_true", help="leave the snapshots there for next time")
    parser.add_argument("--publish", action="store_true", help="write the section in docs/performance.md anew")
    return parser.parse_args(arguments)


def _say(what: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S}  {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
