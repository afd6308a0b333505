"""How one volume stands at an instant: what it holds, when it is due, what stops its disposition."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from muniment.evidence.layout import VolumeAddress
from muniment.records.schedule import TriggerEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One volume at an instant. `due_at` None: it waits for an event, is kept for ever, or no row governs it.

    `locked_until` is until when every object is known to be locked; `lock_until`, until when it must be
    by the date sum, None where there is no sum. `stops` has what stops a volume that is due: a code and words.
    """

    address: VolumeAddress
    snapshots: int
    objects: int
    size_bytes: int
    first_taken: datetime
    last_taken: datetime
    row: str
    locked_until: datetime | None
    lock_until: datetime | None
    due_at: datetime | None
    waits_for: TriggerEvent | None = None
    permanent: bool = False
    matters: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()

    def is_due(self, moment: datetime) -> bool:
        """Tell whether disposition may be proposed at *moment* (aware)."""
        return self.due_at is not None and self.due_at <= moment
