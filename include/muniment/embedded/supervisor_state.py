"""What the supervisor tells the outside: one small file, replaced whole at every change."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

Phase = Literal["starting", "running", "stopping", "stopped", "failed"]


@dataclass(slots=True)
class State:
    """Where the embedded default stands.

    `progress` is every line told so far; `restarts` counts by service; `failure` says why
    the phase is ``failed``.
    """

    phase: Phase
    pids: dict[str, int] = field(default_factory=dict)
    restarts: dict[str, int] = field(default_factory=dict)
    progress: list[str] = field(default_factory=list)
    failure: str | None = None


def write_state(path: Path, state: State) -> None:
    """Write *state* to *path*, whole or not at all."""
    draft = path.with_name(path.name + ".part")
    draft.write_text(json.dumps(asdict(state), indent=1), "utf-8")
    draft.replace(path)


def read_state_or_none(path: Path) -> State | None:
    """Read the state in *path*, or return None when nothing was written there."""
    if not path.is_file():
        return None
    return State(**json.loads(path.read_text("utf-8")))
