"""``python -m benchmarks.retention``: the due list and the reconciliation of holds as the number of objects grows."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime

from benchmarks.measure import describe_machine
from benchmarks.processes import ROOT, StepFailedError
from benchmarks.report import render_table
from benchmarks.retention_document import render_section
from benchmarks.retention_figures import HEADERS, RATIO_HEADERS, Timing, ratios_of, rows_of
from benchmarks.retention_measure import measure_catalog, measure_store
from benchmarks.sections import put_section

CATALOG = (10_000, 100_000, 1_000_000)
STORE, FULL_STORE = (1_000, 10_000), (5_000, 50_000)
_FOLDER = ROOT / ".muniment" / "bench-retention"


def main(arguments: list[str] | None = None) -> int:
    """Measure, print and write the figures; 2 when it could not be done."""
    options = _read_options(arguments)
    about, timings = describe_machine(), list[Timing]()
    shutil.rmtree(_FOLDER, ignore_errors=True)
    try:
        for timing in _measure(options):
            timings.append(timing)
    except StepFailedError as error:
        print(error, file=sys.stderr)
        return 2
    finally:
        # What was measured in a quarter of an hour is not lost with what failed or was stopped.
        about["load after"] = os.getloadavg()
        _tell(about, timings)
    if options.publish:
        put_section(ROOT / "docs" / "performance.md", render_section(timings, about))
    return 0


def _measure(options: argparse.Namespace) -> Iterator[Timing]:
    yield from measure_catalog(_FOLDER, sorted(options.catalog or CATALOG))
    yield from measure_store(_FOLDER, sorted(options.store or (FULL_STORE if options.full else STORE)))


def _tell(about: dict[str, object], timings: list[Timing]) -> None:
    print(render_table(HEADERS, rows_of(timings)))
    print()
    print(render_table(RATIO_HEADERS, ratios_of(timings)))
    results = ROOT / "benchmarks" / "results" / f"{datetime.now(UTC):%Y-%m-%d}-retention.json"
    results.write_text(json.dumps({"about": about, "timings": [asdict(one) for one in timings]}, indent=1), "utf-8")


def _read_options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.retention", description=__doc__)
    parser.add_argument(
        "--catalog", type=int, action="append", help=f"objects in the catalog, in multiples of 500; else {CATALOG}"
    )
    parser.add_argument(
        "--store", type=int, action="append", help=f"objects in the store, in multiples of 50; else {STORE}"
    )
    parser.add_argument("--full", action="store_true", help=f"{FULL_STORE} objects in the store: some ten minutes")
    parser.add_argument("--publish", action="store_true", help="write the section in docs/performance.md anew")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
