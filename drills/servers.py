"""The servers beside a month: the simulator that plays it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent


class ServerError(Exception):
    """A server did not start."""


@contextmanager
def open_simulator(scenario: Path, start: datetime) -> Iterator[str]:
    """Play the file *scenario* from *start* in a process of its own; lend its address.

    Raises:
        ServerError: it did not start; it has said why on the standard error.
    """
    command = [sys.executable, "-m", "platform_simulator", "--scenario", str(scenario), "--start", start.isoformat()]
    environment = {**os.environ, "PYTHONPATH": str(_ROOT / "include")}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line:
                raise ServerError("platform_simulator: ended before it was ready")
            yield json.loads(line)["simulator"]
        finally:
            process.terminate()
