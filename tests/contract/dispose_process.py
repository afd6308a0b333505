"""A process that carries a disposition out, to be killed: `python -m tests.contract.dispose_process HANDED`."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from muniment.custody.shredder import Destroyed
from muniment.custody.versions import VersionName
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


class Telling:
    """A shredder that says on standard output when it begins to delete and when it has."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def destroy(self, versions: Sequence[VersionName]) -> tuple[Destroyed, ...]:
        tell("deletes")
        done: tuple[Destroyed, ...] = self.inner.destroy(versions)
        tell("has deleted")
        return done


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    handed: Handed = pickle.loads(Path(sys.argv[1]).read_bytes())
    stage = open_stage(handed.settings)
    stage.answered = handed.answered
    stage.shredders = {copy: Telling(shredder) for copy, shredder in stage.shredders.items()}
    assert isinstance(stage.clock, ShiftedClock)
    stage.clock.later = handed.later
    tell("begins")
    stage.destroy(handed.disposition)
