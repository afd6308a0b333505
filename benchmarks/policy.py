"""``python -m benchmarks.policy``: the checks of the clauses over very many items, beside a bare scan of DuckDB."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.changes_figures import CAP_MB, HEADERS, Comparison, middle_of, rows_of
from benchmarks.measure import describe_machine
from benchmarks.policy_steps import HUNDRED
from benchmarks.processes import ROOT, StepFailedError, run_step
from benchmarks.report import render_table
from benchmarks.sections import put_section

ITEMS, FULL = (1_000_000,), (1_000_000, 5_000_000)
TITLE = "## The checks of the clauses"
BARE, GATHER, CHECK = "bare DuckDB scan of the same columns", "making the items of them", "every check of the clauses"
RATIO_HEADERS = ("times the bare scan", "by the clock", "by CPU seconds", "CPU µs an item", "peak MB", "cap MB")
_STEPS = "benchmarks.policy_steps"
_TEXT = """\
{title}

Written by `python -m benchmarks.policy --publish` from one run; do not edit.

{ratios}

{table}

{machine}

- **The snapshot** is that of the benchmark of changes: a month's last, in which every row points to the month's
  baseline. Its items count as comments; a hundredth as many are official posts.
- **Bare** is a scan of the columns that checks read, of the baseline, to the last Arrow batch; no value of it becomes
  one of Python's.
- **Making the items** reads the same columns and makes of each row what a check judges. No item is held: memory does
  not grow with their number.
- **Every check** runs all that the demonstration's clauses name, one after the other. Those that judge items read them
  anew. By CPU seconds the slowest were {slowest}.
- Each is a process of its own; ours may have a gibibyte of data (`RLIMIT_DATA`). **Peak** is the kernel's figure for
  that process (`ru_maxrss`), Python included. Of {repeats} run(s) the one of the middle CPU time counts.
- **The load** says what else ran: seconds by the clock grow with it, CPU seconds hardly.
"""


def main(arguments: list[str] | None = None) -> int:
    """Measure, print and, where asked, publish the figures; 2 when it could not be done."""
    options = _read_options(arguments)
    about, runs, slowest = describe_machine(), list[Comparison](), list[str]()
    try:
        for items in sorted(options.items or (FULL if options.full else ITEMS)):
            runs += _measure(options.folder, items, options.repeats, slowest)
    except StepFailedError as error:
        print(error, file=sys.stderr)
        return 2
    about["load after"] = os.getloadavg()
    print(render_table(HEADERS, rows_of(runs)))
    print(render_table(RATIO_HEADERS, _ratios_of(runs)))
    if options.publish:
        section = _render(runs, about, slowest, repeats=options.repeats)
        put_section(ROOT / "docs" / "performance.md", section)
    return 0


def _measure(folder: Path, items: int, repeats: int, slowest: list[str]) -> Iterator[Comparison]:
    run_step([_STEPS, "make", str(folder), str(items)], {})
    holder, rows = (str(folder / f"{items}-{name}.parquet") for name in ("before", "pointing"))
    posts = str(folder / f"{items // HUNDRED}-before.parquet")
    for what, step in {
        BARE: ["bare", holder],
        GATHER: ["gather", rows, holder],
        CHECK: ["check", rows, holder, posts],
    }.items():
        found = [_run(what, items, step, slowest) for _ in range(1 if what == CHECK else repeats)]
        yield middle_of(found)


def _run(what: str, items: int, step: Sequence[str], slowest: list[str]) -> Comparison:
    cost, said = run_step([_STEPS, *step], {})
    told = json.loads(said)
    slowest[:] = told.pop("slowest", slowest)
    print(f"{items:,} items, {what}: {told['wall_s']:.1f} s, {cost.peak_mb:.0f} MB", file=sys.stderr, flush=True)
    return Comparison(what=what, items=items, peak_mb=cost.peak_mb, **told)


def _ratios_of(runs: Sequence[Comparison]) -> Iterator[tuple[str, ...]]:
    bare = {run.items: run for run in runs if run.what == BARE}
    for run in runs:
        if run.what != BARE:
            wall, cpu = run.wall_s / bare[run.items].wall_s, run.cpu_s / bare[run.items].cpu_s
            each = f"{run.cpu_s / run.items * 1_000_000:.1f}"
            yield (
                f"{run.what}, {run.items:,} items",
                f"{wall:.1f}",
                f"{cpu:.1f}",
                each,
                f"{run.peak_mb:.0f}",
                f"{CAP_MB}",
            )


def _render(runs: Sequence[Comparison], about: Mapping[str, object], slowest: list[str], *, repeats: int) -> str:
    machine = [(name, _spell(value)) for name, value in about.items() if name != "peer"]
    return _TEXT.format(
        title=TITLE,
        ratios=render_table(RATIO_HEADERS, _ratios_of(runs)),
        table=render_table(HEADERS, rows_of(runs)),
        machine=render_table(("machine", ""), machine),
        slowest=", ".join(slowest) or "none",
        repeats=repeats,
    )


def _spell(value: object) -> str:
    return ", ".join(f"{number:.1f}" for number in value) if isinstance(value, tuple) else str(value)


def _read_options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.policy", description=__doc__)
    parser.add_argument(
        "--folder", type=Path, default=ROOT / ".muniment" / "bench-changes", help="where files are made"
    )
    parser.add_argument("--items", type=int, action="append", help="how many items; may be repeated")
    parser.add_argument("--full", action="store_true", help="one million and five million items")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each, of which the middle counts")
    parser.add_argument("--publish", action="store_true", help="write the section of docs/performance.md")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
