"""Propose: check every gate that can be checked, then freeze the list that people will sign."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from muniment.errors import ClosedGate, ConfigurationError, GateError
from muniment.evidence.digest import sha256_hex
from muniment.evidence.layout import VolumeAddress, register_key
from muniment.records.canonical import JsonValue
from muniment.records.names import VolumeId, format_instant
from muniment.retention.dispositions import Disposition, FrozenList
from muniment.workflows.disposition.listing import list_volume
from muniment.workflows.disposition.scene import Scene, open_scene, parse_volume
from muniment.workflows.disposition.standing import Asked, Looked, check_standing
from muniment.workflows.registers import lock_until
from muniment.workflows.wiring import now

Json = dict[str, Any]
LISTS = "disposition-lists"
_ROW_LETTERS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What somebody proposes; see `propose`."""

    volumes: tuple[str, ...]
    action: str
    reason: str
    answers: Mapping[str, bool]
    by: str
    dag_run: str


def propose(
    agency_id: str,
    *,
    volumes: Sequence[str],
    action: str,
    reason: str,
    answers: Mapping[str, bool],
    by: str,
    dag_run: str,
) -> Json:
    """Freeze the list of a disposition of *volumes* (prefixes of one row), and enter the proposal.

    *reason* says why the records are no longer required, *answers* whether each exclusion of the
    profile applies, *by* is the sign-in of the one who proposes. The same run proposes once.

    Raises:
        GateError: gates are closed; all of them are named and sealed, and nothing was listed.
        ConfigurationError: a volume is none, or nobody or nothing is given as *by* or *reason*.
        StoreUnavailableError: the vault did not answer.
    """
    return propose_in(
        open_scene(agency_id),
        Asking(volumes=tuple(volumes), action=action, reason=reason, answers=answers, by=by, dag_run=dag_run),
        now(),
    )


def take_up(agency_id: str, disposition_id: str, *, dag_run: str, by: str) -> Json:
    """Have the run *dag_run* go on with a disposition whose own run was lost; *by* is who started it.

    Raises:
        ConfigurationError: there is no such disposition, nothing may come of it any more, or the run has another.
    """
    scene = open_scene(agency_id)
    found = scene.read(disposition_id)
    others = [one.id for one in scene.dispositions() if dag_run in one.dag_runs and one.id != found.id]
    if not found.is_open or others:
        raise ConfigurationError(f"disposition {found.id}: expected it open and alone in this run, found {found.state}")
    if dag_run not in found.dag_runs:
        moment = now()
        name = f"taken-up-{sha256_hex(dag_run.encode())[:12]}"
        scene.enter(found.id, "taken-up", {"dag_run": dag_run}, at=moment, by=by, name=name)
    return _tell(scene, scene.read(found.id))


def propose_in(scene: Scene, asking: Asking, moment: datetime) -> Json:
    """Propose at *moment* (aware), as `propose` does."""
    for name in ("by", "reason", "dag_run"):
        if not str(getattr(asking, name)).strip():
            raise ConfigurationError(f"{name}: expected it to be stated, found nothing")
    addresses = tuple(sorted(set(map(parse_volume, asking.volumes))))
    own = disposition_id(scene, addresses, asking.dag_run)
    known = scene.find(own)
    if known is not None and known.list_key is not None:
        return _tell(scene, known)
    asked = Asked(own=own, addresses=addresses, action=asking.action, answers=asking.answers)
    closed, looked = check_standing(scene, asked, moment)
    if closed:
        _stop(scene, own, closed, moment)
        raise GateError(own, closed)
    frozen = _freeze(scene, asked, looked, moment)
    _enter(scene, frozen, asking, moment)
    return _tell(scene, scene.read(own))


def disposition_id(scene: Scene, addresses: Sequence[VolumeAddress], dag_run: str) -> str:
    """Name the disposition of the volumes at *addresses* that the run *dag_run* proposes."""
    rows = [scene.agency.schedule.row_for(address.series) for address in addresses[:1]]
    row = re.sub(r"[^a-z0-9]+", "-", rows[0].id.lower() if rows and rows[0] else "none").strip("-")[:_ROW_LETTERS]
    text = "\0".join((scene.agency.id, dag_run, *(address.prefix for address in addresses)))
    return f"{row.strip('-')}-{sha256_hex(text.encode())[:12]}"


def _stop(scene: Scene, own: str, closed: Sequence[ClosedGate], moment: datetime) -> None:
    known = scene.find(own)
    if known is not None and set(known.stopped) == set(closed):
        return  # the same run, tried again
    findings: list[JsonValue] = [[gate.code, gate.subject, gate.detail] for gate in closed]
    scene.enter(
        own,
        "stopped",
        {"findings": findings, "ends": True, "volume": None},
        at=moment,
        name=f"refused-{_stamp(moment)}",
    )


def _freeze(scene: Scene, asked: Asked, looked: Sequence[Looked], moment: datetime) -> FrozenList:
    schedule, row = scene.agency.schedule, scene.row(asked.addresses[0].series)
    adoption = schedule.adoption
    return FrozenList(
        disposition=asked.own,
        agency=scene.agency.id,
        action=asked.action,
        series=row.series,
        row=row.id,
        schedule_version=schedule.version,
        schedule_sha256=scene.agency.schedule_sha256,
        adoption_resolution=adoption.resolution if adoption else "",
        adopted_on=adoption.adopted_on.isoformat() if adoption else "",
        frozen_at=format_instant(moment),
        volumes=tuple(list_volume(one.found, one.due, row.id) for one in looked),
    )


def _enter(scene: Scene, frozen: FrozenList, asking: Asking, moment: datetime) -> None:
    body = frozen.to_bytes()
    digest = sha256_hex(body)
    # A try that was cut off after this leaves a list that nobody signs; the next one has another name.
    key = register_key(LISTS, VolumeId(f"{moment:%Y-%m}"), f"{frozen.disposition}-{digest[:12]}")
    until = lock_until(scene.agency, LISTS, moment)
    scene.vault.seal_bytes(key, body, lock_until=until, content_type="application/json")
    facts: dict[str, JsonValue] = {
        "agency": frozen.agency,
        "action": frozen.action,
        "series": frozen.series,
        "row": frozen.row,
        "reason": asking.reason.strip(),
        "volumes": [volume.address.prefix for volume in frozen.volumes],
        "list_key": key,
        "list_sha256": digest,
        "versions": sum(len(volume.versions) for volume in frozen.volumes),
        "size_bytes": sum(volume.size_bytes for volume in frozen.volumes),
        "frozen_at": frozen.frozen_at,
        "valid_until": format_instant(scene.wait_end(moment, scene.profile().list_valid)),
        "dag_run": asking.dag_run,
        "answers": dict(asking.answers),
    }
    scene.enter(frozen.disposition, "proposed", facts, at=moment, by=asking.by.strip())


def _tell(scene: Scene, found: Disposition) -> Json:
    steps = scene.signing(scene.row(found.series)).steps
    return {
        "disposition": found.id,
        "state": found.state.value,
        "list_key": found.list_key,
        "list_sha256": found.list_sha256,
        "volumes": list(found.volumes),
        "versions": found.versions,
        "size_bytes": found.size_bytes,
        "valid_until": found.valid_until,
        "steps": [step.id for step in steps if not step.standing],
    }


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dt%H%M%S%fz")
