"""Destroy: the last check, the batches, the proof of absence, the certificate. Killed anywhere, it goes on.

It trusts the sealed events alone, each approval compared with the response as it was recorded;
no task's state and nothing that a task handed on counts.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from muniment.errors import ClosedGate, EvidenceError, GateError, ObjectMissingError
from muniment.evidence.destruction_certificate import parse_certificate
from muniment.records.canonical import JsonValue
from muniment.retention.approvals import Recorded
from muniment.retention.batches import BATCH_VERSIONS, Batch, cut_batches
from muniment.retention.dispositions import (
    ANOMALY,
    OPEN_STATES,
    WAITING_STATES,
    Disposition,
    DispositionState,
    FrozenList,
)
from muniment.retention.frozen_list import SECOND
from muniment.retention.gates import PASSING, check_matters
from muniment.retention.holds import matters_over
from muniment.workflows.catalog_record import forget_destroyed
from muniment.workflows.disposition.absence import show_absence
from muniment.workflows.disposition.certify import certify
from muniment.workflows.disposition.deleting import fail, run_batch
from muniment.workflows.disposition.doors import Doors, open_shredders
from muniment.workflows.disposition.last_check import check_last
from muniment.workflows.disposition.listing import list_copy
from muniment.workflows.disposition.scene import after, open_scene
from muniment.workflows.wiring import now

Json = dict[str, Any]


def destroy(agency_id: str, disposition_id: str, *, recorded: Recorded) -> Json:
    """Carry out an authorized disposition, or go on with one that was cut off; return ids and counts.

    *recorded* finds the response that was recorded for the ids of a DAG, a run and a task.

    Raises:
        GateError: the last check found gates closed, all of them named; nothing was deleted.
        CustodyError: something could not be deleted or is still there; another run goes on.
        StoreUnavailableError: a store did not answer; another run goes on.
        ConfigurationError: there is no such disposition, or this machine has no shredder's key.
    """
    doors = Doors(
        scene=open_scene(agency_id),
        shredders=open_shredders(agency_id),
        recorded=recorded,
        now=now,
        wait=time.sleep,
        most=BATCH_VERSIONS,
    )
    done = destroy_in(doors, disposition_id)
    forget_destroyed(agency_id, parse_certificate(doors.scene.vault.read(done["certificate"])))
    return done


def destroy_in(doors: Doors, disposition_id: str) -> Json:
    """Carry out a disposition through *doors*, as `destroy` does."""
    found = doors.scene.read(disposition_id)
    if found.state is DispositionState.CERTIFIED:
        return _tell(found)
    if found.state not in OPEN_STATES:
        raise GateError(found.id, found.stopped or [ClosedGate("R029", found.id, f"found it {found.state}")])
    frozen = _read_list(doors, found)
    if found.state is not DispositionState.DESTROYING:
        _begin(doors, found, frozen)
    else:
        _check_resumed(doors, found, frozen)
    for batch in cut_batches(frozen, doors.scene.read(found.id).batch_versions):
        _run(doors, doors.scene.read(found.id), batch)
    found = doors.scene.read(found.id)
    certify(doors, found, frozen, show_absence(doors, found, frozen))
    return _tell(doors.scene.read(found.id))


def _read_list(doors: Doors, found: Disposition) -> FrozenList:
    try:
        return doors.scene.read_list(found)
    except (EvidenceError, ObjectMissingError) as error:
        closed = [ClosedGate("R028", found.id, str(error))]
        _stop(doors, found, closed)
        raise GateError(found.id, closed) from None


def _begin(doors: Doors, found: Disposition, frozen: FrozenList) -> None:
    closed = check_last(doors, found, frozen)
    if closed:
        _stop(doors, found, closed)
        raise GateError(found.id, closed)
    facts: dict[str, JsonValue] = {"list_sha256": found.list_sha256, "batch_versions": doors.most}
    doors.scene.enter(found.id, "began", facts, at=after(found, doors.now()))


def _stop(doors: Doors, found: Disposition, closed: Sequence[ClosedGate]) -> None:
    """Seal what stopped it; it ends for that, unless all that is closed may open by itself."""
    if found.state not in WAITING_STATES or set(found.stopped) == set(closed):
        return
    moment = after(found, doors.now())
    facts: dict[str, JsonValue] = {
        "findings": [[gate.code, gate.subject, gate.detail] for gate in closed],
        "ends": any(gate.code not in PASSING for gate in closed) and found.state is DispositionState.AUTHORIZED,
        "volume": None,
    }
    doors.scene.enter(found.id, "stopped", facts, at=moment, name=f"stopped-{moment:%Y%m%dt%H%M%S%f}z")


def _check_resumed(doors: Doors, found: Disposition, frozen: FrozenList) -> None:
    """Find what went that no batch of ours had begun to delete: the certificate states it."""
    if any(one.copy == SECOND for one in frozen.versions()) and SECOND not in doors.shredders:
        raise GateError(found.id, [ClosedGate("R036", found.id, "expected a second copy, found none configured")])
    there = {
        one
        for volume in frozen.volumes
        for copy, shredder in doors.shredders.items()
        for one in list_copy(shredder, copy, volume.address.prefix)
    }
    for batch in cut_batches(frozen, found.batch_versions):
        if found.batch(batch.number) is None and (missing := len(set(batch.versions) - there)):
            _note_missing(doors, found, batch, missing)


def _note_missing(doors: Doors, found: Disposition, batch: Batch, missing: int) -> None:
    detail = f"batch {batch.number} of {batch.volume.prefix}: {missing} versions were gone before it had begun"
    if not any(told.endswith(detail) for told in found.anomalies):
        fail(doors, found, ANOMALY, detail)


def _run(doors: Doors, found: Disposition, batch: Batch) -> None:
    known, prefix = found.batch(batch.number), batch.volume.prefix
    if (known is not None and known.ended_at is not None) or prefix in found.stopped_volumes:
        return
    scene = doors.scene
    closed = [*check_matters(batch.volume, matters_over(scene.matters(), batch.volume, zone=scene.agency.zone))]
    if closed:
        findings: list[JsonValue] = [[gate.code, gate.subject, gate.detail] for gate in closed]
        facts: dict[str, JsonValue] = {"findings": findings, "ends": False, "volume": prefix}
        scene.enter(found.id, "stopped", facts, at=doors.now(), name=f"stopped-before-{batch.number:04}")
        return
    if missing := run_batch(doors, found, batch):
        _note_missing(doors, doors.scene.read(found.id), batch, missing)


def _tell(found: Disposition) -> Json:
    return {
        "disposition": found.id,
        "state": found.state.value,
        "outcome": found.outcome,
        "certificate": found.certificate_key,
        "certificate_sha256": found.certificate_sha256,
        "deleted": sum(batch.deleted for batch in found.batches),
        "stopped": sorted({gate.code for gate in found.stopped}),
        "anomalies": len(found.anomalies),
    }
