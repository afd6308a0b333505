"""``make bench``: capture to seal beside its floors and a peer, as a table, a chart and JSON."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from dataclasses import asdict
from datetime import UTC, datetime

from benchmarks import peer
from benchmarks.chart import draw
from benchmarks.document import write_document
from benchmarks.measure import Plan, Results, check_sizes, measure
from benchmarks.processes import ROOT, StepFailedError
from benchmarks.report import HEADERS, ratios_of, render_table, rows_of

_RESULTS = ROOT / "benchmarks" / "results"


def main(arguments: list[str] | None = None) -> int:
    """Measure, print and write the results; 2 when it could not be done."""
    options = _read_options(arguments)
    sizes = check_sizes(options.records or (100_000, 1_000_000))
    plan = Plan(
        sizes=sizes,
        repeats=options.repeats,
        peer_sizes=sizes if options.full else sizes[:1],
        folder=ROOT / ".muniment" / "bench",
    )
    shutil.rmtree(plan.folder / "home", ignore_errors=True)
    plan.folder.mkdir(parents=True, exist_ok=True)
    try:
        peer.find_python()
        results = measure(plan)
    except StepFailedError as error:
        print(error, file=sys.stderr)
        return 2
    finally:
        shutil.rmtree(plan.folder / "home" if options.keep else plan.folder, ignore_errors=True)
    _tell(results, publish=options.publish)
    return 0


def _read_options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument(
        "--records", type=int, action="append", help="a size, in multiples of 4,000; may be given again"
    )
    parser.add_argument("--repeats", type=int, default=3, help="runs of everything but the peer's ordinary path")
    parser.add_argument(
        "--full", action="store_true", help="the peer's ordinary path at every size, which takes minutes"
    )
    parser.add_argument("--keep", action="store_true", help="keep the rendered answers, three gigabytes, for next time")
    parser.add_argument("--publish", action="store_true", help="write docs/performance.md and its chart anew")
    return parser.parse_args(arguments)


def _tell(results: Results, *, publish: bool) -> None:
    print(render_table(HEADERS, rows_of(results)))
    print()
    print(render_table(("measure", "found", "target"), ratios_of(results)))
    stem = _RESULTS / f"{datetime.now(UTC):%Y-%m-%d}"
    draw(results, stem)
    stem.with_suffix(".json").write_text(json.dumps(asdict(results), indent=1), "utf-8")
    print(f"\n{stem.relative_to(ROOT)}: .json, .png, .svg")
    if publish:
        draw(results, ROOT / "docs" / "img" / "bench")
        write_document(results, ROOT / "docs" / "performance.md")


if __name__ == "__main__":
    sys.exit(main())
