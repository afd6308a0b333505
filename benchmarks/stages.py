"""One stage of the real path, in a process of its own: ``python -m benchmarks.stages <stage> <argument> ...``."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.workspace import AGENCY
from muniment.evidence.layout import ROWS
from muniment.records.names import format_instant
from muniment.workflows import snapshot
from muniment.workflows.orders import read_order
from muniment.workflows.wiring import now, open_workplace

_STAGES = {"capture": snapshot.capture, "parse": snapshot.parse, "seal": snapshot.seal}


def plan(account: str, series: str) -> object:
    """Order *series* of *account*."""
    taken_at = format_instant(now())
    return snapshot.plan_captures(AGENCY, [account], [series], run_id=f"bench {taken_at}", taken_at=taken_at)[-1]


def list_sizes(order: dict[str, Any]) -> dict[str, int]:
    """Return the bytes of each object that the order's snapshot has in the store, by name."""
    place, wanted = open_workplace(AGENCY), read_order(order)
    prefix = place.address(wanted).prefix
    return {record.name.key.removeprefix(prefix): record.size_bytes for record in place.vault.list_objects(prefix)}


def fetch_rows(order: dict[str, Any], path: str) -> None:
    """Copy the order's sealed rows to *path*."""
    place, wanted = open_workplace(AGENCY), read_order(order)
    place.vault.download(place.address(wanted).key(ROWS), Path(path))


def main(stage: str, *arguments: str) -> None:
    """Carry out *stage* and print its result with the processor seconds that the start took."""
    start_s, start_wall = time.process_time(), time.monotonic()
    result: object
    if stage == "plan":
        result = plan(*arguments)
    elif stage == "sizes":
        result = list_sizes(json.loads(arguments[0]))
    elif stage == "rows":
        result = None
        fetch_rows(json.loads(arguments[0]), arguments[1])
    else:
        result = _STAGES[stage](json.loads(arguments[0]))
    print(json.dumps({"start_s": start_s, "work_s": time.monotonic() - start_wall, "result": result}))


if __name__ == "__main__":
    main(*sys.argv[1:])
    # As Airflow ends a task's process: without taking Python apart.
    sys.stdout.flush()
    os._exit(0)
