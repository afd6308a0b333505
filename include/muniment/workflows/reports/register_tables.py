"""The tables over registers: matters on hold, what was destroyed, what failed. Never a person in a matter's scope."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from muniment.records.names import parse_instant
from muniment.retention.disposition import Disposition, DispositionState
from muniment.retention.holds import Matter
from muniment.workflows.findings_register import Entry
from muniment.workflows.reports.standing import Standing
from muniment.workflows.reports.table import Cell, Column, Kind, Table, count, name
from muniment.workflows.volumes import VolumeState

_SIZE = Column("size_bytes", "size", Kind.BYTES)
_CODES = {DispositionState.REJECTED: "R030", DispositionState.EXPIRED: "R031"}


def list_on_hold(matters: Iterable[Matter], standings: Sequence[Standing]) -> Table:
    """Return each open matter with what it holds. A volume under two matters counts with both."""
    return Table(
        id="on-hold",
        title="On hold",
        about="Open matters and what they hold; a volume under two matters is counted with each. "
        "Titles and persons: `muniment hold show`.",
        columns=(
            name("matter", "matter"),
            name("kind", "kind"),
            Column("placed_at", "placed", Kind.INSTANT),
            Column("future", "holds future captures"),
            count("custodians", "custodians"),
            count("acknowledged", "acknowledged"),
            count("volumes", "volumes"),
            count("objects", "objects"),
            _SIZE,
        ),
        rows=tuple(_on_hold(matter, standings) for matter in matters if matter.is_open),
        empty="No matter is open, so nothing is on hold. `muniment hold place` opens one.",
    )


def list_destroyed(dispositions: Iterable[Disposition], gone: Mapping[str, Sequence[VolumeState]]) -> Table:
    """Return each certified disposition; *gone* has by its id the volumes that it destroyed."""
    certified = [one for one in dispositions if one.state is DispositionState.CERTIFIED]
    return Table(
        id="destroyed",
        title="Destroyed or transferred",
        about="Dispositions that ended in a certificate; a tombstone stands for each volume that went.",
        columns=(
            name("disposition", "disposition"),
            Column("certified_at", "certified", Kind.INSTANT),
            name("action", "action"),
            name("series", "series"),
            name("row", "row"),
            name("outcome", "outcome"),
            count("tombstones", "tombstones"),
            count("objects", "objects"),
            _SIZE,
            Column("certificate_sha256", "SHA-256 of the certificate", Kind.HASH),
            Column("list_sha256", "SHA-256 of the list", Kind.HASH),
        ),
        rows=tuple(_destroyed(one, gone.get(one.id, ())) for one in certified),
        empty="Nothing had been destroyed by then: there is no certificate.",
    )


def list_failed(dispositions: Iterable[Disposition], findings: Iterable[Entry]) -> Table:
    """Return the dispositions that were stopped or failed, and the findings of the checks that were open."""
    rows = [row for one in dispositions for row in _failed(one)]
    rows += [
        ("finding", entry.id, entry.finding.code, parse_instant(entry.opened_at), "yes", entry.finding.type.sentence)
        for entry in findings
    ]
    return Table(
        id="failed",
        title="Failed",
        about="Dispositions that a gate stopped or that failed, and findings of the nightly checks that were open.",
        columns=(
            name("what", "what"),
            name("id", "which"),
            name("code", "code"),
            Column("since", "since", Kind.INSTANT),
            Column("open", "to be done"),
            Column("why", "why"),
        ),
        rows=tuple(rows),
        empty="No disposition was stopped or failed, and no check had an open finding. Nothing is to be done.",
    )


def _on_hold(matter: Matter, standings: Sequence[Standing]) -> tuple[Cell, ...]:
    held = [one for one in standings if matter.id in one.matters]
    return (
        matter.id,
        matter.kind.value,
        parse_instant(matter.placed_at),
        "yes" if matter.scope.future else "no",
        len(matter.custodians),
        len(matter.custodians) - len(matter.unacknowledged),
        len(held),
        sum(one.objects for one in held),
        sum(one.size_bytes for one in held),
    )


def _destroyed(one: Disposition, gone: Sequence[VolumeState]) -> tuple[Cell, ...]:
    return (
        one.id,
        _instant(one.certified_at),
        one.action,
        one.series,
        one.row,
        one.outcome,
        len(one.tombstones),
        sum(volume.objects for volume in gone),
        sum(volume.size_bytes for volume in gone),
        one.certificate_sha256,
        one.list_sha256,
    )


def _failed(one: Disposition) -> Iterator[tuple[Cell, ...]]:
    state = one.state.value
    if one.stopped:
        codes = ", ".join(dict.fromkeys(gate.code for gate in one.stopped))
        why = "; ".join(dict.fromkeys(gate.detail for gate in one.stopped))
        still = "yes" if one.is_open else "no"
        yield ("disposition", one.id, codes, _instant(one.stopped_at), still, f"{state}: {why}")
    for given in one.approvals:
        if one.state in _CODES and given.answer == state:
            code, at = _CODES[one.state], parse_instant(given.answered_at)
            yield ("disposition", one.id, code, at, "no", f"{state}: {given.step}")
    if one.state is not DispositionState.CERTIFIED:  # else what failed once was done in the end
        for text in one.failures:
            at_text, _, detail = text.partition(": ")
            yield ("disposition", one.id, None, parse_instant(at_text), "yes", f"{state}, failed: {detail}")


def _instant(text: str | None) -> datetime | None:
    return None if text is None else parse_instant(text)
