"""What judging imports, and when: each in a Python of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_great_expectations_waits_until_it_is_needed_and_leaves_no_trace(tmp_path: Path) -> None:
    script = """
import sys
import muniment.validation, muniment.validation.judge, muniment.validation.suites
assert "great_expectations" not in sys.modules and "pandas" not in sys.modules
"""
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


def test_what_was_put_off_is_there_for_whoever_uses_it(tmp_path: Path) -> None:
    script = """
import sys
from muniment.validation.expectations import find_broken
assert "scipy.stats" not in sys.modules
from scipy import stats
assert stats.norm.cdf(0) == 0.5
"""
    run = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (run.returncode, run.stderr) == (0, "")
