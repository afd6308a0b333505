"""``make drill``: months of two accounts lived at speed, scored against what happened."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from drills.chart import draw
from drills.document import write_document
from drills.drill import Outcome, drill
from drills.months import Month, plan_month
from drills.report import (
    FIGURE_HEADERS,
    KIND_HEADERS,
    SEED_HEADERS,
    render_text,
    rows_by_kind,
    rows_by_seed,
    rows_of_figures,
    tell_faults,
)
from drills.servers import ServerError
from muniment.embedded.seaweed import SeaweedFS
from muniment.errors import MunimentError
from platform_simulator.errors import ScenarioError

_ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Drill, print, keep and, when told, publish; 1 when a seed has faults, 2 when one could not be done."""
    options = _read_options(arguments)
    # What is killed leaves a library's semaphore behind, of which Python's tracker would warn at the end.
    os.environ.setdefault("PYTHONWARNINGS", "ignore:resource_tracker:UserWarning")
    home = Path(tempfile.mkdtemp(prefix="muniment-drill-"))
    try:
        outcomes = sorted(
            _drill_all(_months(options), home, options.at_once, options.minutes), key=lambda one: one.seed
        )
    except (MunimentError, ServerError, ScenarioError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    finally:
        if not options.keep:
            shutil.rmtree(home, ignore_errors=True)
    _tell(outcomes, as_json=options.json, publish=options.publish)
    if options.keep:
        print(f"kept: {home}", file=sys.stderr)
    return 1 if any(one.faults for one in outcomes) else 0


def _read_options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="drills", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="how many seeds, from --first on")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--seed", type=int, action="append", help="only this seed; may be given again")
    parser.add_argument("--scenario", type=Path, help="live this scenario file, with the captures of each seed")
    parser.add_argument(
        "--start", type=datetime.fromisoformat, help="when the scenario starts: ISO 8601 with an offset"
    )
    parser.add_argument("--at-once", type=int, default=2, help="how many months are lived at the same time")
    parser.add_argument("--minutes", type=float, help="begin no more months once one ends after so many minutes")
    parser.add_argument("--json", action="store_true", help="print the outcomes as JSON")
    parser.add_argument("--publish", action="store_true", help="write docs/drills.md and its chart anew")
    parser.add_argument("--keep", action="store_true", help="leave the archives in their folder")
    return parser.parse_args(arguments)


def _months(options: argparse.Namespace) -> list[Month]:
    seeds = options.seed or range(options.first, options.first + options.seeds)
    text = None if options.scenario is None else options.scenario.read_text("utf-8")
    return [plan_month(seed, scenario=text, start=options.start) for seed in seeds]


def _drill_all(months: Sequence[Month], home: Path, at_once: int, minutes: float | None) -> Iterator[Outcome]:
    store, began = SeaweedFS(home), time.monotonic()
    workers = min(at_once, len(months))
    try:
        store.start()
        # A clean process each: one that has threads cannot be forked.
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            waiting = iter(months)
            lived = {_begin(pool, month, home, store) for month in islice(waiting, workers)}
            while lived:
                done, lived = wait(lived, return_when=FIRST_COMPLETED)
                if minutes is None or time.monotonic() - began < 60 * minutes:
                    lived |= {_begin(pool, month, home, store) for month in islice(waiting, len(done))}
                yield from (_tell_progress(one.result()) for one in done)
    finally:
        store.stop(grace_s=0)


def _begin(pool: ProcessPoolExecutor, month: Month, home: Path, store: SeaweedFS) -> Future[Outcome]:
    return pool.submit(drill, month, home / f"seed-{month.seed}", store)


def _tell_progress(outcome: Outcome) -> Outcome:
    word = "sound" if not outcome.faults else f"{len(outcome.faults)} faults"
    print(f"seed {outcome.seed}: {word}, {outcome.seconds:.0f} s", file=sys.stderr, flush=True)
    if outcome.faults:
        print(tell_faults(outcome), file=sys.stderr, flush=True)
    return outcome


def _tell(outcomes: Sequence[Outcome], *, as_json: bool, publish: bool) -> None:
    if as_json:
        print(_to_json(outcomes))
    else:
        print(render_text(SEED_HEADERS, rows_by_seed(outcomes)), end="\n\n")
        print(render_text(KIND_HEADERS, rows_by_kind(outcomes)), end="\n\n")
        print(render_text(FIGURE_HEADERS, rows_of_figures(outcomes)))
    stem = _keep(outcomes)
    print(f"kept: {stem}.json and its chart, {stem}.png", file=sys.stderr)
    if publish:
        draw(outcomes, _ROOT / "docs" / "img" / "drill")
        write_document(outcomes, _ROOT / "docs" / "drills.md")


def _keep(outcomes: Sequence[Outcome]) -> Path:
    """Write the outcomes and their chart to the folder of results, by the instant; return the path without suffix."""
    stem = _ROOT / "drills" / "results" / f"{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}"
    draw(outcomes, stem)
    stem.with_suffix(".json").write_text(_to_json(outcomes), "utf-8")
    return stem


def _to_json(outcomes: Sequence[Outcome]) -> str:
    return json.dumps([asdict(one) for one in outcomes], indent=1, default=str)


if __name__ == "__main__":
    sys.exit(main())
