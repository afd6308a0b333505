"""How `muniment schedule` puts schedules and previews into words and tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from muniment.cli.output import print_table
from muniment.records.agency import Agency
from muniment.records.period import parse_period
from muniment.records.schedule import PERMANENT, DispositionProfile, ScheduleRow, TriggerEvent
from muniment.retention.schedule_changes import Change, VolumeMove, due_in_words
from muniment.retention.schedules import ScheduleVersion
from muniment.workflows.schedules.preview import Preview
from muniment.workflows.schedules.versions import InForce

Json = dict[str, Any]
_MEANS = {
    Change.LONGER: "kept longer: its locks grow with the next nightly run",
    Change.SHORTER: "due earlier, and not before its locks end",
    Change.KEEPS_LOCK: "would be due earlier, and keeps its locks: nothing sealed is shortened",
    Change.FIRST: "has a row for the first time",
    Change.SAME: "stays as it is",
    Change.LOST: "would have no row or no date: such a schedule is not adopted",
}


def describe_schedule(agency: Agency, standing: InForce, note: str | None) -> Json:
    """Return the agency's schedule as JSON."""
    schedule = agency.schedule
    return {
        "agency": agency.id,
        "in_service": agency.in_service,
        "version": schedule.version,
        "sha256": agency.schedule_sha256,
        "jurisdiction": schedule.jurisdiction,
        "retain_only": standing.retain_only,
        "adoption": _plain(asdict(schedule.adoption)) if schedule.adoption else None,
        "adopted_versions": [_describe_version(version) for version in standing.versions],
        "note": note,
        "findings": [{"code": item.code, "detail": item.detail} for item in standing.findings],
        "disposition": _plain(asdict(schedule.disposition)) if schedule.disposition else None,
        "rows": [{**_plain(asdict(row)), "period_in_words": period_in_words(row)} for row in schedule.rows],
    }


def print_schedule(agency: Agency, standing: InForce, note: str | None) -> None:
    """Print the agency's schedule: first whether it is adopted, then its gates, then its rows."""
    schedule = agency.schedule
    print(f"{agency.name}: schedule {schedule.version} ({schedule.jurisdiction})")
    print(tell_standing(standing, note))
    for line in filter(
        None, (note, *(f"{item.code}: {item.type.sentence} {item.detail}" for item in standing.findings))
    ):
        print(line)
    for line in _gates(schedule.disposition):
        print(line)
    columns = ("row", "series", "kept for", "from", "authority", "then", "approved by")
    print_table(columns, [_line(row) for row in schedule.rows], empty="The schedule has no row.")
    print()


def tell_standing(standing: InForce, unread: str | None = None) -> str:
    """Say by which act the schedule is in force, or RETAIN-ONLY and why; nothing where the register is *unread*."""
    if standing.retain_only:
        return f"RETAIN-ONLY: {standing.retain_only}"
    current = standing.current
    if current is None and unread:
        return "Whether it is in force is not known."
    if current is None:
        return "NOT IN FORCE: no adoption of it is in the register of schedules (`muniment schedule adopt`)."
    return (
        f"In force since {current.effective_at:%Y-%m-%d %H:%M:%S} UTC: version {current.version}, adopted by "
        f"resolution {current.resolution} of {current.adopted_on}, entered by {current.by}."
    )


def describe_versions(versions: Iterable[ScheduleVersion]) -> list[Sequence[object]]:
    """Return the adopted versions as lines of a table."""
    return [(one.version, one.effective_at, f"{one.resolution} of {one.adopted_on}", one.by) for one in versions]


def period_in_words(row: ScheduleRow) -> str:
    """Say how long *row* keeps."""
    return "ever" if row.period == PERMANENT else parse_period(row.period, drill=True).in_words()


def print_preview(preview: Preview, note: str) -> None:
    """Print what the file would change, the volumes that move, and the SHA-256 of it all."""
    print(f"{preview.agency}: from {preview.before or 'no adopted schedule'} to {preview.after}")
    print(note)
    for what in ("added", "removed"):
        names = preview.rows[what]
        if isinstance(names, list) and names:
            print(f"Rows {what}: {', '.join(map(str, names))}.")
    changed = preview.rows["changed"]
    if isinstance(changed, dict):
        for name, fields in changed.items():
            print(f"Row {name} changes: {', '.join(map(str, fields if isinstance(fields, list) else ()))}.")
    if preview.profile:
        print(f"The disposition profile changes: {', '.join(preview.profile)}.")
    columns = ("volume", "row", "due before", "due after", "by the row alone", "what becomes of it")
    print_table(columns, [_move(move) for move in preview.moves], empty="No volume moves.")
    print(f"{preview.same} volumes stay as they are.")
    print(f"SHA-256 of this preview: {preview.sha256}")


def _move(move: VolumeMove) -> Sequence[object]:
    rows = [due.row for due in (move.before, move.after) if due is not None]
    return (
        f"{move.address.series} {move.address.account} {move.address.volume}",
        " -> ".join(dict.fromkeys(rows)) or "none",
        due_in_words(move.before) or "-",
        due_in_words(move.after) or "-",
        due_in_words(move.by_row) or "-",
        f"{move.change}: {_MEANS[move.change]}",
    )


def _gates(profile: DispositionProfile | None) -> list[str]:
    if profile is None:
        return ["Gates: not decided."]
    floor = f"nothing under {profile.floor.period} ({profile.floor.authority})" if profile.floor else "no floor"
    how = "by the schedule itself" if profile.automatic else "by approval"
    steps = [f"  {step.id}: {step.title} ({step.office}), {_asked(step.standing)}" for step in profile.steps]
    excluded = ", ".join(exclusion.id for exclusion in profile.exclusions) or "none"
    waits = f"a list waits {profile.list_valid}, destruction {profile.grace} more"
    return [
        f"Gates ({profile.route}): {how}; {floor}; {waits}.",
        *steps,
        f"  exclusions answered for each batch: {excluded}",
    ]


def _asked(standing: bool | None) -> str:
    if standing is None:
        return "NOT DECIDED whether standing or for each batch"
    return "standing, by the act of adoption" if standing else "asked for each batch"


def _line(row: ScheduleRow) -> Sequence[object]:
    start = row.cutoff.value if row.starts is TriggerEvent.CUTOFF else f"{row.starts} after {row.cutoff}"
    approvals = ", ".join(row.approvals) or "-"
    return (row.id, row.series, period_in_words(row), start, "; ".join(row.authority), row.action.value, approvals)


def _describe_version(version: ScheduleVersion) -> Json:
    return {name: str(value) for name, value in asdict(version).items() if name != "body"}


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {name: _plain(item) for name, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case None | bool() | int():
            return value
        case _:
            return str(value)
