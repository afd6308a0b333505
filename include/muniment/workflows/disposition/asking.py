"""Asking: what a step says to the people who must answer it, and who they are. No personal data but sign-in names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from muniment.errors import ConfigurationError
from muniment.records.agency import Agency
from muniment.records.names import format_instant, parse_instant
from muniment.records.schedule import ApprovalStep
from muniment.retention.approvals import in_office
from muniment.retention.dispositions import Disposition, DispositionState, FrozenList
from muniment.retention.periods import zone_named
from muniment.workflows.disposition.scene import Scene, open_scene
from muniment.workflows.wiring import now

ASK, NOT_NEEDED, GIVEN = "ask", "not-needed", "given"
PROPOSERS = ("records-officer", "city-clerk")  # the offices whose holders may propose


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of whom: `state` is `ASK`, or `NOT_NEEDED` or `GIVEN`, and then the rest is empty."""

    state: str
    subject: str = ""
    body: str = ""  # Markdown
    assigned: tuple[str, ...] = ()  # sign-in names
    expires_at: str = ""  # an instant
    list_sha256: str = ""


def check_proposer(agency_id: str, sign_in: str) -> None:
    """Return when *sign_in* holds an office today that may propose.

    Raises:
        ConfigurationError: they do not.
    """
    check_proposer_in(open_scene(agency_id).agency, sign_in, now())


def check_proposer_in(agency: Agency, sign_in: str, moment: datetime) -> None:
    """Check at *moment* (aware), as `check_proposer` does."""
    day = moment.astimezone(zone_named(agency.zone)).date()
    offices = {one.office for one in agency.officers if one.sign_in == sign_in and in_office(one, day)}
    if offices.isdisjoint(PROPOSERS):
        expected = " or ".join(PROPOSERS)
        raise ConfigurationError(f"proposer: expected one who holds the office {expected} today, found {sign_in!r}")


def ask(agency_id: str, disposition_id: str, step_id: str, *, again: bool = False) -> Question:
    """Return what *step_id* asks now; *again* when an answer to it could not be taken.

    Raises:
        ConfigurationError: the disposition is not open any more, or nobody may answer the step.
    """
    return ask_in(open_scene(agency_id), disposition_id, step_id, moment=now(), again=again)


def ask_in(scene: Scene, disposition_id: str, step_id: str, *, moment: datetime, again: bool) -> Question:
    """Ask at *moment* (aware), as `ask` does."""
    found = scene.read(disposition_id)
    steps = {step.id: step for step in scene.signing(scene.row(found.series)).steps if not step.standing}
    if step_id not in steps:
        return Question(state=NOT_NEEDED)
    if found.approval(step_id) is not None:
        return Question(state=GIVEN)
    if found.state is not DispositionState.PROPOSED:
        raise ConfigurationError(f"disposition {found.id}: expected it proposed, found it {found.state}")
    step = steps[step_id]
    assigned = _assigned(scene, found, step, moment)
    if not assigned:
        expected = "expected somebody who holds it today and neither proposed nor approved"
        raise ConfigurationError(f"office {step.office}: {expected}, found nobody")
    frozen = scene.read_list(found)
    return Question(
        state=ASK,
        subject=f"{step.title}: {frozen.action} {_count(len(frozen.volumes), 'volume')} of {frozen.series}?",
        body="\n".join(_body(scene, found, frozen, step, again=again)),
        assigned=assigned,
        expires_at=found.valid_until or format_instant(moment),
        list_sha256=found.list_sha256 or "",
    )


def _assigned(scene: Scene, found: Disposition, step: ApprovalStep, moment: datetime) -> tuple[str, ...]:
    day = moment.astimezone(zone_named(scene.agency.zone)).date()
    spent = {found.proposed_by, *(given.by for given in found.approvals)}
    holders = {one.sign_in for one in scene.agency.officers if one.office == step.office and in_office(one, day)}
    return tuple(sorted(holders - spent))


def _body(scene: Scene, found: Disposition, frozen: FrozenList, step: ApprovalStep, *, again: bool) -> Iterator[str]:
    if again:
        yield "**This is asked again: the answer before could not be taken. Every field below is needed.**\n"
    yield f"**{step.question}**\n"
    yield from _facts(scene, found, frozen)
    yield f"\nThe whole list: `muniment dispose show {found.id} --agency {scene.agency.id}`"
    if step.document:
        yield f"\nNeeded with an approval: the SHA-256 of {step.document} (`sha256sum FILE` prints it)."
    if step.reference:
        yield f"\nNeeded with an approval: {step.reference}."
    yield "\nWhat is approved by every step is gone for good when its days of grace are over. Silence approves nothing."


def _facts(scene: Scene, found: Disposition, frozen: FrozenList) -> Iterator[str]:
    volumes = frozen.volumes
    zone = scene.agency.zone
    first, last = min(one.first_taken for one in volumes), max(one.last_taken for one in volumes)
    totals = [
        _count(sum(getattr(one, name) for one in volumes), name[:-1]) for name in ("snapshots", "rows", "objects")
    ]
    yield f"- Agency: {scene.agency.name}"
    yield f"- What: {_count(len(volumes), 'volume')} of {frozen.series}, row {frozen.row}: {', '.join(totals)}"
    yield f"- Size: {sum(one.size_bytes for one in volumes):,} bytes in the vault, and the second copy of them"
    yield f"- Captured: from {_day(first, zone)} to {_day(last, zone)}"
    yield f"- Accounts: {', '.join(sorted({one.account for one in volumes}))}"
    due = _day(max(one.due_at for one in volumes), zone)
    yield f"- Due since: {due} at the latest, by the schedule {frozen.schedule_version}"
    yield f"- Proposed by: {found.proposed_by}, on {_day(found.proposed_at or '', zone)}: {found.reason}"
    yield f"- Signed so far: {', '.join(f'{given.step} by {given.by}' for given in found.approvals) or 'by nobody'}"
    yield f"- SHA-256 of the list: `{found.list_sha256}`"
    yield f"- Answer until: {_minute(found.valid_until or '', zone)}"


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _minute(instant: str, zone: str) -> str:
    return f"{parse_instant(instant).astimezone(zone_named(zone)):%Y-%m-%d %H:%M} ({zone})"


def _day(instant: str, zone: str) -> str:
    return parse_instant(instant).astimezone(zone_named(zone)).date().isoformat()
