"""An Object Lock as a store shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ObjectLock:
    """Until when (aware UTC) an object version is locked, in which mode, and whether it is held."""

    mode: str
    until: datetime
    legal_hold: bool = False
