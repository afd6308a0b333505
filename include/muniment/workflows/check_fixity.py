"""Fixity: every sealed byte of both copies is read again within the period that the agency sets.

What was read when stands in the vault, an event for each unit:

    registers/fixity/<month>/<instant>-<unit>.json

so any worker, and any night, goes on where another was cut off.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from muniment.custody.vault import Vault
from muniment.errors import ConfigurationError, CustodyError
from muniment.evidence.digest import sha256_hex
from muniment.evidence.findings import Finding
from muniment.evidence.layout import register_key
from muniment.records.canonical import canonical_json
from muniment.records.names import AgencyId, VolumeId, format_instant
from muniment.workflows.check_fixity_share import DueUnit, choose_share, deal_out, due_on
from muniment.workflows.check_fixity_unit import Reading, read_unit
from muniment.workflows.check_store_units import is_ours, weigh_units
from muniment.workflows.copy_vault import check_second
from muniment.workflows.doctor import longest_lock
from muniment.workflows.excused import read_excused
from muniment.workflows.findings_register import open_findings
from muniment.workflows.wiring import Workplace, now, open_second, open_vault, open_workplace

Json = dict[str, Any]

CHECK = "check_fixity"
REGISTER = "fixity"
FORMAT = "muniment.fixity/1"
FIRST, SECOND = "vault", "second copy"
_TASKS = 4
_ATTEMPTS = 2  # a store may try for a quarter of a minute to read what its disk has lost
_STAMP = "%Y%m%dt%H%M%S%fz"
_EVENT = re.compile(r"(\d{8}t\d{12}z)-([0-9a-f]{16})\.json")


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far one copy was read again: its units, the bytes, when the one read longest ago was read."""

    copy: str
    units: int
    size_bytes: int
    oldest: datetime | None  # when it was sealed, where it was never read again; None where there is nothing
    overdue: int


def plan_fixity(agency_id: str, *, whole: bool = False) -> list[Json]:
    """Choose what is read tonight (everything where *whole*) and deal it out; what is overdue is a finding.

    A second copy that is not there is a finding too, and stops nothing.

    Raises:
        StoreUnavailableError: the vault's store did not answer.
    """
    place = open_workplace(agency_id)
    chosen: list[DueUnit] = []
    for copy, vault in copies_of(place):
        units, overdue = _due_units(place, copy, vault)
        if overdue:
            days = place.agency.fixity.reread_within_days
            detail = f"expected everything read within {days} days, found {overdue} units that were not"
            open_findings(place, [Finding("F005", vault.bucket, detail, overdue)], check=CHECK)
        chosen += units if whole else choose_share(units, now().toordinal())
    return [
        {"agency": agency_id, "units": [unit.name.split("\0") for unit in load]} for load in deal_out(chosen, _TASKS)
    ]


def check_fixity_share(share: Json) -> Json:
    """Read the units of *share* again, enter each when it is done, and enter the findings.

    Raises:
        StoreUnavailableError: a store did not answer.
    """
    place = open_workplace(share["agency"])
    total = Reading()
    opened: list[dict[str, str]] = []
    for copy, prefix in share["units"]:
        open_copy = open_vault if copy == FIRST else open_second
        vault = open_copy(AgencyId(share["agency"]), place.settings, attempts=_ATTEMPTS)
        if vault is None:
            raise ConfigurationError("second copy: expected a second store configured, found none")
        reading = read_unit(vault, prefix, is_first=copy == FIRST)
        if reading.findings:  # what began to go meanwhile is known by now
            reading = replace(reading, findings=read_excused(place.vault).select(reading.findings))
        # Findings first: a unit counts as read when nothing of it can be lost any more.
        opened += open_findings(place, reading.findings, check=CHECK)
        _enter(place, copy, vault, prefix, reading)
        total = total.plus(reading)
    return {
        "units": len(share["units"]),
        "objects": total.objects,
        "size_bytes": total.size_bytes,
        "findings": sorted({finding.code for finding in total.findings}),
        "opened": opened,
    }


def measure_coverage(place: Workplace) -> list[Coverage]:
    """Say for each copy that is there how far it was read again.

    Raises:
        StoreUnavailableError: the vault's store did not answer.
    """
    found, second = [], open_second(place.agency.id, place.settings)
    copies = [(FIRST, place.vault), *([(SECOND, second)] if second is not None and _answers(second) else [])]
    for copy, vault in copies:
        read, oldest = _last_reads(place), _first_stored(vault)
        ages = {unit: read.get(unit_id(vault, unit), stored) for unit, (_, stored) in oldest.items()}
        limit = now() - timedelta(days=place.agency.fixity.reread_within_days + 1)
        size = sum(weight for weight, _ in oldest.values())
        late = sum(1 for moment in ages.values() if moment < limit)
        found.append(Coverage(copy, len(ages), size, min(ages.values(), default=None), late))
    return found


def copies_of(place: Workplace) -> Iterator[tuple[str, Vault]]:
    """Yield each copy that is there, with its vault; a second copy that is lost is entered as a finding."""
    yield FIRST, place.vault
    if place.settings.second is not None:
        try:
            yield SECOND, check_second(place, make=False)
        except CustodyError:
            return  # entered by the check


def _answers(second: Vault) -> bool:
    try:
        second.list_folders("")
    except CustodyError:
        return False
    return True


def unit_id(vault: Vault, prefix: str) -> str:
    """Name the unit *prefix* of one copy in events."""
    return sha256_hex("\0".join((vault.endpoint.rstrip("/"), vault.bucket, prefix)).encode())[:16]


def _due_units(place: Workplace, copy: str, vault: Vault) -> tuple[list[DueUnit], int]:
    read, period = _last_reads(place), place.agency.fixity.reread_within_days
    units, overdue, today = [], 0, now().toordinal()
    for prefix, (weight, stored) in _first_stored(vault).items():
        last = read.get(unit_id(vault, prefix), stored).toordinal()
        overdue += last + period < today
        units.append(DueUnit(f"{copy}\0{prefix}", weight, due_on(last, period)))
    return units, overdue


def _first_stored(vault: Vault) -> dict[str, tuple[int, datetime]]:
    return {unit: found for unit, found in weigh_units(vault).items() if is_ours(unit)}


def _last_reads(place: Workplace) -> dict[str, datetime]:
    """Return when each unit was read last; what was read before the period counts as long ago all the same."""
    since = now() - timedelta(days=place.agency.fixity.reread_within_days + 31)
    months = [
        folder for folder in place.vault.list_folders(f"registers/{REGISTER}/") if folder[-8:-1] >= f"{since:%Y-%m}"
    ]
    read: dict[str, datetime] = {}
    for month in months:
        for key in place.vault.list_keys(month):
            name = _EVENT.fullmatch(key.rsplit("/", 1)[-1])
            if name is not None:
                read[name[2]] = datetime.strptime(name[1], _STAMP).replace(tzinfo=UTC)
    return read


def _enter(place: Workplace, copy: str, vault: Vault, prefix: str, reading: Reading) -> None:
    moment = now()
    key = register_key(REGISTER, VolumeId(f"{moment:%Y-%m}"), f"{moment.strftime(_STAMP)}-{unit_id(vault, prefix)}")
    event: Json = {
        "format": FORMAT,
        "copy": copy,
        "endpoint": vault.endpoint,
        "bucket": vault.bucket,
        "unit": prefix,
        "at": format_instant(moment),
        "objects": reading.objects,
        "size_bytes": reading.size_bytes,
        "findings": [[finding.code, finding.subject] for finding in reading.findings],
    }
    until = longest_lock(place.agency, moment)
    place.vault.seal_bytes(key, canonical_json(event), lock_until=until, content_type="application/json")
