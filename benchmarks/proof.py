"""What the proof costs: commitments beside writing, verification beside plain SHA-256, the log as it grows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.processes import run_step

Said = dict[str, Any]  # what a step printed


def measure_commitments(rows: Path) -> Said:
    """Write the rows of the file *rows* alone and with commitments, in turn, beside that file."""
    return _ask("benchmarks.commitments", str(rows), str(rows.parent))


def measure_verification() -> Said:
    """Verify a gigabyte in a store of its own, and hash it plainly, in turn."""
    return _ask("benchmarks.verify_speed")


def measure_log() -> Said:
    """Count what appending to a log and proving from it takes, early and late."""
    return _ask("benchmarks.log_growth")


def _ask(*command: str) -> Said:
    said: Said = json.loads(run_step(command, {})[1])
    return said


def ratios_of_proof(proof: dict[str, Said]) -> Iterator[tuple[str, str, str]]:
    """Yield each measure, what was found and the target, in words."""
    if "commitments" in proof:
        found = proof["commitments"]
        processor = found["committed"]["cpu_s"] / found["alone"]["cpu_s"] - 1
        said = f"{found['added']:.0%} of the write by the clock, {processor:.0%} by CPU seconds"
        yield f"commitments to {found['rows']:,} rows, added to writing them", said, "under 50 %"
    if "verification" in proof:
        found = proof["verification"]
        said = f"{found['ratio']:.0%} of plain SHA-256 from the same store"
        yield f"verify of {found['size_bytes'] / 2**30:.0f} GiB in {found['objects']} objects", said, "80 %"
    if "log" in proof:
        grown = proof["log"]["ratios"]
        said = ", ".join(f"{name} x{grown[name]:.2f}" for name in ("append hashes", "prove hashes"))
        yield "the log at 10,000 entries against its first tenth", said, "logarithmic: linear is x10"
