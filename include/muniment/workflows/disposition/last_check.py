"""The last check: every gate once more, against the frozen list and both stores, before anything is deleted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from muniment.errors import ClosedGate, CustodyError, HeldError, ObjectMissingError, StillLockedError
from muniment.records.names import format_instant, parse_instant
from muniment.records.schedule import Action
from muniment.retention.approvals import judge_recorded
from muniment.retention.dispositions import Disposition, DispositionState, FrozenList, ListedVersion, ListedVolume
from muniment.retention.frozen_list import SECOND, VAULT
from muniment.workflows.disposition.authorize import judge_signatures
from muniment.workflows.disposition.doors import Doors
from muniment.workflows.disposition.listing import list_copy
from muniment.workflows.disposition.standing import Asked, check_standing

_AT_ONCE = 8  # locks read side by side
_ACKNOWLEDGED = ("receiver", "bag_sha256", "receiver_sha256")


def check_last(doors: Doors, found: Disposition, frozen: FrozenList) -> list[ClosedGate]:
    """Return every gate that is closed now.

    Raises:
        StoreUnavailableError: the vault did not answer.
    """
    scene, moment = doors.scene, doors.now()
    asked = Asked(
        own=found.id,
        addresses=tuple(volume.address for volume in frozen.volumes),
        action=frozen.action,
        answers=found.answers,
    )
    closed, _ = check_standing(scene, asked, moment)
    closed += _check_times(doors, found)
    closed += _check_schedule(doors, frozen)
    if scene.agency.schedule.disposition is not None and scene.agency.schedule.row_for(frozen.series) is not None:
        closed += judge_signatures(found, scene.signing(scene.row(frozen.series)), scene.profile())
    closed += judge_recorded(found, doors.recorded)
    closed += _check_transfer(found)
    for volume in frozen.volumes:
        closed += _check_volume(doors, volume)
    return list(dict.fromkeys(closed))


def _check_times(doors: Doors, found: Disposition) -> Iterator[ClosedGate]:
    scene, moment = doors.scene, doors.now()
    if found.state is not DispositionState.AUTHORIZED or found.grace_until is None:
        yield ClosedGate("R029", found.id, f"expected it authorized, found it {found.state}")
        return
    if moment < parse_instant(found.grace_until):
        yield ClosedGate("R038", found.id, f"expected {found.grace_until} to be past, found {format_instant(moment)}")
    profile = scene.agency.schedule.disposition
    if profile is not None:
        # An approval does not keep for ever either: as long again as the list was valid.
        until = scene.wait_end(parse_instant(found.grace_until), profile.list_valid)
        if moment > until:
            detail = f"expected it carried out until {format_instant(until)}, found {format_instant(moment)}"
            yield ClosedGate("R031", found.id, detail)


def _check_schedule(doors: Doors, frozen: FrozenList) -> Iterator[ClosedGate]:
    if doors.scene.agency.schedule_sha256 != frozen.schedule_sha256:
        expected = f"{frozen.schedule_version} ({frozen.schedule_sha256[:12]})"
        found = f"{doors.scene.agency.schedule.version} ({doors.scene.agency.schedule_sha256[:12]})"
        yield ClosedGate("R043", frozen.disposition, f"expected the schedule {expected}, found {found}")


def _check_transfer(found: Disposition) -> Iterator[ClosedGate]:
    if found.action != Action.TRANSFER:
        return
    receipt = found.acknowledged
    if receipt is None:
        yield ClosedGate("R039", found.id, "expected the receiver's acknowledgement, found none")
    elif any(not receipt.get(name) for name in _ACKNOWLEDGED):
        yield ClosedGate("R039", found.id, "expected receiver and both checksums, found one missing")
    elif receipt["bag_sha256"] != receipt["receiver_sha256"]:
        yield ClosedGate("R039", found.id, "expected the receiver's checksum to be the bag's, found another")


def _check_volume(doors: Doors, volume: ListedVolume) -> Iterator[ClosedGate]:
    """Find that a copy holds something else than was listed (R028), or holds it under a lock or a hold (R037)."""
    prefix, there = volume.address.prefix, set[ListedVersion]()
    for copy in (VAULT, SECOND):
        shredder = doors.shredders.get(copy)
        try:
            if shredder is not None:
                there |= set(list_copy(shredder, copy, prefix))
        except CustodyError as error:
            if copy == VAULT:
                raise
            detail = f"expected the second copy to answer, found {type(error).__name__}"
            yield ClosedGate("R036", prefix, detail)
            there |= {one for one in volume.versions if one.copy == SECOND}
    listed = set(volume.versions)
    if there != listed:
        missing, added = len(listed - there), len(there - listed)
        detail = f"expected the {len(listed)} versions that were listed, found {missing} of them gone or changed"
        yield ClosedGate("R028", prefix, f"{detail} and {added} others")
    yield from _check_locks(doors, prefix, sorted(listed & there))


def _check_locks(doors: Doors, prefix: str, versions: list[ListedVersion]) -> Iterator[ClosedGate]:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = Counter(filter(None, pool.map(lambda one: _lock_of(doors, one), versions)))
    for (code, copy, what), count in sorted(answers.items()):
        yield ClosedGate(code, prefix, f"{copy}: expected no lock and no hold, found {count} versions {what}")


def _lock_of(doors: Doors, version: ListedVersion) -> tuple[str, str, str] | None:
    try:
        doors.shredders[version.copy].check(doors.name(version))
    except StillLockedError:
        return "R037", version.copy, "locked"
    except HeldError:
        return "R037", version.copy, "held"
    except ObjectMissingError:
        return None  # gone between the list and now: the delete itself says so
    except CustodyError:
        if version.copy == VAULT:
            raise
        return "R036", version.copy, "that cannot be asked about"
    return None
