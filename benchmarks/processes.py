"""Run a step in a process of its own, and say what it took."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).absolute().parent.parent
_TICKS = os.sysconf("SC_CLK_TCK")


class StepFailedError(RuntimeError):
    """A step ended otherwise than well."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process took: seconds on the clock, seconds of processor, most memory resident at once."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def run_step(command: Sequence[str], environment: Mapping[str, str], *, python: Path | None = None) -> tuple[Cost, str]:
    """Run ``python -m <command>`` and return its cost and what it printed.

    The peak is the kernel's (getrusage(2), ru_maxrss), which counts this process's own memory
    at the fork too: nothing large is imported here.

    Raises:
        StepFailedError: it exited otherwise than with 0.
    """
    env = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'include'}"} | dict(environment)
    began = time.monotonic()
    # Not Popen.wait: only wait4 tells what this one child took.
    argv = [str(python or sys.executable), "-m", *command]
    with subprocess.Popen(argv, env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        said = process.stdout.read() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise StepFailedError(f"{' '.join(command)}: ended with {process.returncode}")
    return Cost(time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024), said


def processor_seconds(pid: int) -> float:
    """Return the processor seconds that the process *pid* has used (proc_pid_stat(5), utime and stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
