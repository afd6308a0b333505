"""The notice of a hold, and of its release, as plain text for custodians. Pure: what it says is in the register."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from muniment.evidence.register_event import RegisterEvent
from muniment.records.agency import Agency
from muniment.retention.holds import HELD, LET_GO, RELEASED, Matter, Scope

KINDS = (
    "posts, comments and replies, hidden and withheld ones among them; subscriber lists; direct messages; pictures and "
    "other media; pages as the platforms gave them; logs, filter lists; personal accounts used for City business"
)
SUPERSEDES = (
    "This hold supersedes the retention schedule: nothing in its scope may be destroyed, whatever the schedule says, "
    "until it is released in writing."
)
ACTIONS = (
    "Suspend every disposition of what is in scope; approvals already given do not override this notice.",
    "Do not edit, hide or delete posts, comments or messages in scope on any platform.",
    "Block nobody, and remove nobody from a list, without asking counsel first.",
    "Preserve what is on the platforms, on your devices and in your own accounts.",
    "Tell counsel at once of anything in scope that is about to be lost.",
)
CAPTURE_REMARK = (
    "The dates are of capture. A later capture also shows what was published earlier, so a last date of capture "
    "leaves out captures that may still show it."
)
WHOLE = "Records are held by whole volumes, the months or years that dispositions destroy them by."


def scope_lines(scope: Scope) -> Iterator[tuple[str, str]]:
    """Yield the name and the words of each part of *scope*; persons are named, as the hold file must."""
    yield "accounts", ", ".join(scope.accounts) or "all"
    yield "series", ", ".join(scope.series) or "all"
    if scope.captured_from or scope.captured_until:
        yield "captured", f"{scope.captured_from or 'from the first'} to {scope.captured_until or 'the last'}"
    if scope.persons:
        yield "persons", ", ".join(scope.persons)
    if scope.search is not None:
        yield "with the words", scope.search
    yield "future captures", "yes" if scope.future else "no: only volumes that had begun"


def render_notice(agency: Agency, matter: Matter, events: Iterable[RegisterEvent]) -> str:
    """Return the notice of *matter*: of its release where it was released, else of the hold.

    *events* are those of the register of holds; only this matter's are used.
    """
    own = [event for event in events if event.subject == matter.id]
    lines = _release_lines(matter, own) if matter.release else _hold_lines(matter, own)
    title = "RELEASE OF A LEGAL HOLD" if matter.release else "LEGAL HOLD"
    head = [matter.notice.confidentiality] if matter.notice.confidentiality else []
    return "\n".join((*head, title, agency.name, "", *lines)) + "\n"


def _hold_lines(matter: Matter, own: list[RegisterEvent]) -> Iterator[str]:
    yield from _identity(matter)
    yield f"Authority or trigger: {matter.notice.authority}"
    yield from ("", SUPERSEDES, "", "Scope")
    yield from (f"  {name}: {words}" for name, words in scope_lines(matter.scope))
    yield f"  kinds of data: {KINDS}"
    yield f"  {WHOLE}"
    if matter.scope.captured_from or matter.scope.captured_until:
        yield f"  {CAPTURE_REMARK}"
    yield from ("", "What you must do")
    yield from (f"  {number}. {action}" for number, action in enumerate(ACTIONS, 1))
    yield from ("", "What was done by itself", *_system_lines(own), "", "Custodians and stewards")
    yield from (_custodian(matter, name) for name in matter.custodians)
    if not matter.custodians:
        yield "  none named"
    due = matter.notice.acknowledge_by
    yield f"Acknowledge by: {due or 'no day was set'}" + (
        "; whoever has not is reported every night after" if due else ""
    )
    yield f"Questions: {matter.notice.attorney}, {matter.notice.contact}"
    yield "The hold stands until its release; counsel certifies it anew or releases it, and it never lapses by itself."


def _release_lines(matter: Matter, own: list[RegisterEvent]) -> Iterator[str]:
    yield from _identity(matter)
    released = next(event for event in own if event.event == RELEASED)
    remaining = released.facts.get("remaining")
    others = ", ".join(str(item) for item in remaining) if isinstance(remaining, list) else ""
    yield f"Released: {released.at} by {released.facts['attorney']}; entered by {released.by}"
    yield f"Reason: {released.facts['reason']}"
    yield from ("", "Scope released")
    yield from (f"  {name}: {words}" for name, words in scope_lines(matter.scope))
    yield f"Other holds over the same records: {others or 'none'}"
    yield from _system_lines(own)
    yield "The retention schedule resumes for what no other hold covers."


def _identity(matter: Matter) -> Iterator[str]:
    number = f", {matter.notice.number}" if matter.notice.number else ""
    yield f"Hold: {matter.id}, version {matter.amendments + 1}"
    yield f"Matter: {matter.title}{number} ({matter.kind.value.replace('-', ' ')})"
    yield f"Issued by: {matter.notice.attorney}, {matter.notice.contact}"
    yield f"Placed: {matter.placed_at}, entered by {matter.placed_by}"


def _system_lines(own: list[RegisterEvent]) -> list[str]:
    told = []
    for event in own:
        facts = event.facts
        if event.event == HELD:
            copies = facts["copies_held"] if facts["copies_held"] is not None else "none, not reached"
            told.append(
                f"  {event.at}: {facts['volumes']} volumes, {facts['objects_held']} objects held in the vault, "
                f"in the second copy {copies}; query SHA-256 {facts['query_sha256']}"
            )
        elif event.event == LET_GO:
            told.append(f"  {event.at}: {facts['let_go']} objects let go in both copies")
    return told or ["  nothing is recorded yet; the nightly reconciliation sets what is missing"]


def _custodian(matter: Matter, name: str) -> str:
    at = matter.acknowledged.get(name)
    return f"  {name}: {'acknowledged on ' + at if at else 'not acknowledged'}"
