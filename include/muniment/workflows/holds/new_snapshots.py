"""A new snapshot in the scope of an open matter is held at once, narrowed matters by its new rows."""

from __future__ import annotations

from muniment.evidence.findings import Finding
from muniment.evidence.layout import MANIFEST, SnapshotAddress
from muniment.evidence.manifest import Manifest
from muniment.retention.holds import Matter, is_settled, matters_over, may_cover
from muniment.workflows.findings_register import open_findings
from muniment.workflows.holds.bits import hold_keys
from muniment.workflows.holds.matters import CHECK, silent
from muniment.workflows.holds.room import HoldRegister, HoldRoom, room_of
from muniment.workflows.holds.search import find_in_snapshot
from muniment.workflows.holds.settle import settle_volumes
from muniment.workflows.wiring import Workplace

BY = "muniment"


def hold_new(place: Workplace, address: SnapshotAddress, manifest: Manifest) -> bool:
    """Hold the snapshot at *address*, just sealed, where an open matter covers it; return whether one does.

    Where no matter was ever placed this is one listing. What the store did not hold is a finding
    and holds up no record: the nightly reconciliation tries again.

    Raises:
        CustodyError: the vault did not answer, or did not keep an event.
    """
    if not HoldRegister(place.vault).matters():
        return False
    return hold_snapshot(room_of(place), address, manifest)


def hold_snapshot(room: HoldRoom, address: SnapshotAddress, manifest: Manifest) -> bool:
    """Do as `hold_new` says in *room*."""
    volume = address.volume
    matters = [matter for matter in room.register.matters() if matter.is_open]
    found = [
        matter
        for matter in matters
        if _is_to_search(matter, address, zone=room.zone) and find_in_snapshot(room, matter, address, by=BY)
    ]
    if found:
        # The whole volume is in scope from now on, what was sealed before it included.
        settled = settle_volumes(room, [volume], announced=True, progress=silent)
        open_findings(room.place, settled.findings, check=CHECK)
        return True
    if not any(is_settled(matter.coverage, volume) for matter in matters_over(matters, volume, zone=room.zone)):
        return False
    keys = [*(sealed.key for sealed in manifest.objects), address.key(MANIFEST)]
    bits = hold_keys(room.keeper, keys, progress=silent)
    refused = [Finding("R012", bit.key, bit.refused) for bit in bits if bit.refused is not None]
    open_findings(room.place, refused, check=CHECK)
    return True


def _is_to_search(matter: Matter, address: SnapshotAddress, *, zone: str) -> bool:
    coverage = matter.coverage
    if not coverage.scope.is_narrowed or not coverage.scope.future:
        return False
    known = coverage.early if coverage.found is None else coverage.found
    return address.volume.prefix not in known and may_cover(coverage, address.volume, zone=zone)
