"""The register of lengthened locks: which volume's objects were all locked until when, in both copies.

    registers/locks/<month>/<volume>-<until>-<objects>.json

``<volume>`` is made from the volume's prefix. So the keys alone say what is known, and a
volume whose locks are long enough is not asked for them again, object by object, every night.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from muniment.custody.vault import Vault
from muniment.errors import AlreadySealedError
from muniment.evidence.digest import sha256_hex
from muniment.evidence.layout import VolumeAddress
from muniment.evidence.register_event import RegisterEvent
from muniment.records.names import format_instant
from muniment.retention.clock import DueSum
from muniment.workflows.registers import enter
from muniment.workflows.wiring import Workplace, now

REGISTER = "locks"
EXTENDED = "extended"
SERVICE = "apply_retention"
_STAMP = "%Y%m%dt%H%M%Sz"
_EVENT = re.compile(r"([0-9a-f]{16})-([0-9]{8}t[0-9]{6}z)-([0-9]{1,15})\.json")


@dataclass(frozen=True, slots=True)
class Extended:
    """Every one of so many objects of a volume was locked at least until *until* (aware UTC)."""

    until: datetime
    objects: int


def read_extended(vault: Vault) -> Mapping[str, Extended]:
    """Return the latest of each volume's extensions, by `volume_name`.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    latest: dict[str, Extended] = {}
    for key in vault.list_keys(f"registers/{REGISTER}/"):
        name = _EVENT.fullmatch(key.rsplit("/", 1)[-1])
        if name is not None:
            found = Extended(datetime.strptime(name[2], _STAMP).replace(tzinfo=UTC), int(name[3]))
            before = latest.get(name[1])
            if before is None or (before.until, before.objects) < (found.until, found.objects):
                latest[name[1]] = found
    return latest


def volume_name(address: VolumeAddress) -> str:
    """Return the name of the volume at *address* in the ids of the register."""
    return sha256_hex(address.prefix.encode())[:16]


def enter_extended(place: Workplace, prefix: str, due: DueSum, *, objects: int, copies: int) -> None:
    """Enter that all of so many objects under *prefix* are locked as long as *due* says, in so many copies.

    Raises:
        CustodyError: the vault did not keep it.
    """
    event = RegisterEvent(
        register=REGISTER,
        id=f"{volume_name(due.address)}-{due.lock_until:{_STAMP}}-{objects}",
        event=EXTENDED,
        subject=prefix,
        at=format_instant(now()),
        by=SERVICE,
        facts={
            "until": format_instant(due.lock_until),
            "objects": objects,
            "copies": copies,
            "row": due.row,
            "schedule_version": place.agency.schedule.version,
            "schedule_sha256": place.agency.schedule_sha256,
            "steps": list(due.steps),
        },
    )
    # A task that is tried again says the same at another time.
    with suppress(AlreadySealedError):
        enter(place.vault, place.agency, event)
