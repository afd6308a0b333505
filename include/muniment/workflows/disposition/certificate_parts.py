"""Writing a certificate: every field of it from the list, the events, the schedule and what was shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from muniment import __version__
from muniment.custody.vault import Vault
from muniment.evidence.destruction_certificate import (
    GONE,
    PARTIAL,
    WHOLE,
    Certificate,
    CertifiedApproval,
    CertifiedCopy,
    CertifiedExclusion,
    CertifiedMatter,
    CertifiedTransfer,
    CertifiedVolume,
)
from muniment.records.names import format_instant
from muniment.records.schedule import ApprovalStep
from muniment.retention.dispositions import Disposition, FrozenList
from muniment.retention.frozen_list import SECOND, VAULT
from muniment.retention.holds import matters_over
from muniment.workflows.disposition.absence import Shown
from muniment.workflows.disposition.doors import Doors
from muniment.workflows.disposition.scene import Scene

METHOD = (
    "Every version and delete marker of every object on the list was deleted by its version id through the store's "
    "own interface, in the vault and in the second copy. No key was destroyed and no medium was overwritten."
)
STANDARD = "NIST SP 800-88, clear by the storage service; Gov. Code 34090 counts it as destruction"
VERIFICATION = (
    "Afterwards every prefix of the list was listed again in each copy, versions and delete markers, and every "
    "version was asked for by its version id. Those counted as shown absent were found by neither."
)
BACKUPS = (
    "Muniment keeps two copies and no other. Backups that the operator of a store makes outside of it are not known "
    "to it, and are not covered."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What only the end of a destruction knows."""

    volumes: tuple[CertifiedVolume, ...]
    shown: Shown
    ended_at: datetime
    log_entry: str


def write_certificate(doors: Doors, found: Disposition, frozen: FrozenList, written: Written) -> Certificate:
    """Write the certificate of *found*."""
    scene, volumes = doors.scene, written.volumes
    return Certificate(
        id=found.id,
        outcome=WHOLE if all(volume.outcome == GONE for volume in volumes) else PARTIAL,
        action=frozen.action,
        copies=tuple(_copies(scene, written.shown)),
        backups=BACKUPS,
        volumes=volumes,
        versions=len(written.shown.gone),
        transfer=_transfer(found),
        log_entry=written.log_entry,
        **_of_agency(scene, frozen, volumes),
        **_of_records(volumes),
        **_of_proposal(scene, found, frozen),
        **_of_course(scene, found, written),
    )


def _of_agency(scene: Scene, frozen: FrozenList, volumes: Sequence[CertifiedVolume]) -> dict[str, Any]:
    """Return whose records they were, and by which law and which schedule they went."""
    row, profile = scene.row(frozen.series), scene.profile()
    accounts = [scene.agency.account(volume.account) for volume in volumes]
    return {
        "agency": scene.agency.id,
        "agency_name": scene.agency.name,
        "zone": scene.agency.zone,
        "departments": tuple(sorted({account.department for account in accounts if account is not None})),
        "series": frozen.series,
        "series_title": row.title,
        "row": row.id,
        "pii_class": row.pii_class,
        "confidentiality": row.confidentiality,
        "schedule_version": frozen.schedule_version,
        "schedule_sha256": frozen.schedule_sha256,
        "adoption_resolution": frozen.adoption_resolution,
        "adopted_on": frozen.adopted_on,
        "authority": (*row.authority, *profile.authority),
        "route": profile.route,
        "trigger": row.trigger,
        "below_floor": row.below_floor,
    }


def _of_records(volumes: Sequence[CertifiedVolume]) -> dict[str, Any]:
    """Return when the records were captured, and how many they were."""
    counts = ("snapshots", "objects", "rows", "size_bytes")
    return {
        "first_taken": min(volume.first_taken for volume in volumes),
        "last_taken": max(volume.last_taken for volume in volumes),
        **{name: sum(getattr(volume, name) for volume in volumes) for name in counts},
    }


def _of_proposal(scene: Scene, found: Disposition, frozen: FrozenList) -> dict[str, Any]:
    """Return what was proposed, and what everybody who was asked has answered."""
    steps, profile = scene.signing(scene.row(frozen.series)).steps, scene.profile()
    return {
        "list_key": found.list_key,
        "list_sha256": found.list_sha256,
        "frozen_at": frozen.frozen_at,
        "proposed_by": found.proposed_by,
        "proposed_at": found.proposed_at,
        "statement": found.reason,
        "approvals": tuple(_approval(step, found) for step in steps),
        "exclusions": tuple(
            CertifiedExclusion(
                id=item.id, question=item.question, authority=item.authority, excluded=found.answers.get(item.id, True)
            )
            for item in profile.exclusions
        ),
        "authorized_at": found.authorized_at,
        "grace_until": found.grace_until,
        "distribution": tuple(dict.fromkeys(step.office for step in steps)),
    }


def _of_course(scene: Scene, found: Disposition, written: Written) -> dict[str, Any]:
    """Return what was done, by what, and how it went."""
    ended_at = format_instant(written.ended_at)
    return {
        "holds_checked_at": ended_at,
        "holds_considered": tuple(_matters(scene, written)),
        "method": METHOD,
        "standard": STANDARD,
        "began_at": found.began_at,
        "ended_at": ended_at,
        "executed_by": f"muniment {__version__}, with the shredder's key, on the authority of those who approved",
        "run": " ".join(found.dag_runs),
        "verified_by": f"muniment {__version__}, with the shredder's key",
        "verification": VERIFICATION,
        "failures": found.failures,
        "anomalies": found.anomalies,
        "stops": tuple(str(gate) for gate in found.stopped),
    }


def _copies(scene: Scene, shown: Shown) -> Iterator[CertifiedCopy]:
    gone = Counter(one.copy for one in shown.gone)
    kept = Counter(one.copy for one in shown.kept)
    stores: list[tuple[str, Vault | None]] = [(VAULT, scene.vault), (SECOND, scene.second)]
    for name, store in stores:
        if store is not None:
            yield CertifiedCopy(
                name=name,
                endpoint=store.endpoint,
                bucket=store.bucket,
                destroyed=gone[name],
                kept=kept[name],
                size_bytes=sum(max(one.size_bytes, 0) for one in shown.gone if one.copy == name),
                shown_absent=gone[name],
            )


def _approval(step: ApprovalStep, found: Disposition) -> CertifiedApproval:
    given = None if step.standing else found.approval(step.id)
    return CertifiedApproval(
        step=step.id,
        title=step.title,
        question=step.question,
        office=step.office,
        standing=step.standing is True,
        by=given.by if given else None,
        name=given.name if given else None,
        officer_title=given.title if given else None,
        answered_at=given.answered_at if given else None,
        document=step.document,
        document_sha256=given.document_sha256 if given else None,
        reference=given.reference if given else None,
        reason=given.reason if given else None,
        recorded=f"{given.dag_id} / {given.run_id} / {given.task_id}" if given else None,
    )


def _matters(scene: Scene, written: Written) -> Iterator[CertifiedMatter]:
    matters, zone = scene.matters(), scene.agency.zone
    over = {matter.id for volume in written.volumes for matter in matters_over(matters, volume.address, zone=zone)}
    for matter in matters:
        yield CertifiedMatter(
            id=matter.id, kind=matter.kind.value, is_open=matter.is_open, over_the_list=matter.id in over
        )


def _transfer(found: Disposition) -> CertifiedTransfer | None:
    receipt = found.acknowledged
    if receipt is None:
        return None
    return CertifiedTransfer(
        receiver=str(receipt.get("receiver", "")),
        bag_sha256=str(receipt.get("bag_sha256", "")),
        acknowledged_by=str(receipt.get("by", "")),
        acknowledged_at=str(receipt.get("at", "")),
    )
