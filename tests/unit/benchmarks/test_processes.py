from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from benchmarks.processes import StepFailedError, processor_seconds, run_step


def a_module(folder: Path, source: str) -> dict[str, str]:
    """Write the module ``step`` and return the environment that finds it."""
    (folder / "step.py").write_text(source, "utf-8")
    return {"PYTHONPATH": str(folder)}


def test_a_step_is_told_by_its_own_cost_and_words(tmp_path: Path) -> None:
    busy = "import time\nheld = bytearray(80_000_000)\nend = time.process_time() + 0.2\n"
    environment = a_module(tmp_path, busy + "while time.process_time() < end: pass\nprint('done')")

    cost, said = run_step(["step"], environment)

    assert said == "done\n"
    assert 0.2 <= cost.cpu_s < 5
    assert cost.wall_s >= 0.2
    assert cost.peak_mb > 76


def test_a_step_that_fails_is_no_measurement(tmp_path: Path) -> None:
    with pytest.raises(StepFailedError, match="step: ended with 3"):
        run_step(["step"], a_module(tmp_path, "raise SystemExit(3)"), python=Path(sys.executable))


def test_the_processor_seconds_of_a_process_are_those_that_it_used() -> None:
    before = processor_seconds(os.getpid())
    end = time.process_time() + 0.1
    while time.process_time() < end:
        pass

    assert 0.05 <= processor_seconds(os.getpid()) - before < 5
