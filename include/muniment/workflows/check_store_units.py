"""What nightly work is cut by: a volume, a month of a register, a folder of the log."""

from __future__ import annotations

from datetime import datetime

from muniment.custody.second_copy import KEPT, REWRITTEN
from muniment.custody.vault import Vault

_DOCTOR = "doctor/"  # throwaways of the store's examination
_DEPTH = {"records": 4, "registers": 3, "log": 2}  # parts of a key that name its unit


def unit_of(key: str) -> str:
    """Return the prefix of the unit that the object at *key* belongs to; a stray is a unit of its own."""
    parts = key.split("/")
    depth = _DEPTH.get(parts[0], 1)
    return "/".join(parts[:depth]) + "/" if len(parts) > depth else key


def weigh_units(vault: Vault) -> dict[str, tuple[int, datetime]]:
    """Return every unit of *vault* by prefix: the bytes of its objects, and when the oldest was stored.

    Raises:
        ObjectMissingError: the bucket is not there.
        StoreUnavailableError: the store did not answer.
    """
    units: dict[str, tuple[int, datetime]] = {}
    for record in vault.list_objects(""):
        if not record.key.startswith(_DOCTOR) and record.key not in REWRITTEN:
            unit = unit_of(record.key)
            size, stored = units.get(unit, (0, record.stored_at))
            units[unit] = size + record.size_bytes, min(stored, record.stored_at)
    return units


def is_ours(unit: str) -> bool:
    """Tell whether *unit* is of the vault's own layout, and no stray."""
    return unit.startswith(KEPT) and unit.endswith("/")
