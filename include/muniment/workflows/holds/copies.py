"""A copy of a held object is held: copying would else lose the hold, since it is no part of an object's bytes."""

from __future__ import annotations

from muniment.custody.holds import HoldKeeper
from muniment.errors import CustodyError, ObjectMissingError
from muniment.evidence.findings import Finding
from muniment.workflows.holds.bits import RECORDS, hold_keys


def hold_copy(first: HoldKeeper, second: HoldKeeper, key: str) -> Finding | None:
    """Hold the copy of *key*, just made, where the vault's object is held; return what stood in the way.

    The bit is read after the copy is there: whoever sets it meanwhile finds the copy.
    """
    if not key.startswith(RECORDS):
        return None
    try:
        versions = [version.name for version in first.list_versions(key) if version.key == key]
        if not any(first.hold_of(version) for version in versions):
            return None
        refused = [bit.refused for bit in hold_keys(second, [key], progress=lambda _more: None) if bit.refused]
    except ObjectMissingError:
        return None  # destroyed since
    except CustodyError as error:
        refused = [str(error)]
    return Finding("R012", f"second copy: {key}", refused[0]) if refused else None
