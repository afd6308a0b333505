"""The servers beside the path: a real store that its doctor has passed, and a platform."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.processes import ROOT, StepFailedError, processor_seconds, run_step
from benchmarks.workspace import AGENCY, Workspace
from muniment.embedded.seaweed import SeaweedFS


@dataclass(frozen=True, slots=True)
class Server:
    """A server's address and process."""

    address: str
    pid: int

    def processor_seconds(self) -> float:
        """Return what the server's process has used so far."""
        return processor_seconds(self.pid)


@contextmanager
def open_store(store: SeaweedFS) -> Iterator[Server]:
    """Start *store* and stop it in the end."""
    try:
        store.start()
        yield Server(store.endpoint, store.find_pid() or 0)
    finally:
        store.stop()


@contextmanager
def open_platform(command: Sequence[str]) -> Iterator[tuple[Server, dict[str, object]]]:
    """Start the platform server ``python -m <command>``; stop it in the end. Beside it, what it says of itself.

    Raises:
        StepFailedError: it did not start.
    """
    environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'include'}"}
    argv = [sys.executable, "-m", *command]
    with subprocess.Popen(argv, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line:
                raise StepFailedError(f"{' '.join(command)}: ended before it was ready")
            said = json.loads(line)
            yield Server(said["simulator"], process.pid), said
        finally:
            process.terminate()


def pass_doctor(place: Workspace) -> None:
    """Examine the store as `muniment doctor` does: captures refuse a store that has not passed."""
    run_step(["muniment.cli.main", "doctor", "--agency", AGENCY, "--json"], place.environment())
