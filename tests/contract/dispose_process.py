"""A process that carries a disposition out, to be killed: `python -m tests.contract.dispose_process HANDED`."""

from __future__ import annotations

import pickle
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from muniment.retention.gates import RecordedResponse
from muniment.settings import Settings
from tests.contract.disposing import ShiftedClock, open_stage


@dataclass
class Handed:
    """What the process is handed."""

    settings: Settings
    disposition: str
    answered: dict[tuple[str, str, str], RecordedResponse]
    later: timedelta


if __name__ == "__main__":
    handed: Handed = pickle.loads(Path(sys.argv[1]).read_bytes())  # noqa: S301 - our own file
    stage = open_stage(handed.settings)
    stage.answered = handed.answered
    assert isinstance(stage.clock, ShiftedClock)
    stage.clock.later = handed.later
    print("begins", flush=True)
    stage.destroy(handed.disposition)
