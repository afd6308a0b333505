"""The status of the clauses as one HTML page that needs nothing else and prints to PDF. No script runs in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from muniment.policy.check import Outcome
from muniment.records.policy import ClauseState
from muniment.workflows.policy.status import NEVER, ClauseStatus, PolicyStatus

_WORDS = {
    Outcome.KEPT.value: "kept",
    Outcome.NOT_KEPT.value: "not kept",
    Outcome.CANNOT_TELL.value: "cannot tell",
    Outcome.NOTHING_TO_CHECK.value: "nothing to check",
    NEVER: "never checked",
    ClauseState.PERSON_ACTS.value: "a person acts",
    ClauseState.LATER.value: "later",
    ClauseState.NONE_NEEDED.value: "none needed",
}
_STYLE = """
:root { --ink: #1b1f24; --quiet: #57606a; --line: #d0d7de; --bad: #a40e26; --doubt: #7a4b00; --good: #116329; }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: #fff; max-width: 76rem;
       margin: 2.5rem auto; padding: 0 1.5rem; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.05rem; margin: 2.2rem 0 .4rem; border-bottom: 1px solid var(--line); padding-bottom: .25rem; }
p { margin: .3rem 0; }
.quiet { color: var(--quiet); }
.numbers { display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; margin: 1.2rem 0; }
.numbers strong { display: block; font-size: 1.4rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .45rem .8rem .45rem 0; border-bottom: 1px solid var(--line);
         overflow-wrap: break-word; }
th { font-weight: 600; color: var(--quiet); }
.id { white-space: nowrap; font-weight: 600; width: 11rem; }
.id span { display: block; font-weight: 400; color: var(--quiet); white-space: normal; }
.state { white-space: nowrap; width: 10rem; }
.state span { display: block; color: var(--quiet); }
.state .not-kept, .state .never-ran, p.never-ran { color: var(--bad); font-weight: 600; }
.state .cannot-tell { color: var(--doubt); font-weight: 600; }
.state .kept { color: var(--good); }
.who { width: 9rem; }
.key { font: .8em ui-monospace, monospace; color: var(--quiet); overflow-wrap: anywhere; }
@page { size: landscape; margin: 15mm 12mm; }
@media print { body { margin: 0; max-width: none; padding: 0; font-size: 9pt; } tr { break-inside: avoid; }
  h2 { break-after: avoid; } thead { display: table-header-group; } }
"""


def render_page(status: PolicyStatus) -> str:
    """Return *status* as a page."""
    title = f"How the policies are kept: {escape(status.name)}"
    return "".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title><style>{_STYLE}</style></head><body><h1>{title}</h1>",
            f"<p>As of {_moment(status.at, status.zone)}, by the clock of {escape(status.zone)}. {_ran(status)}</p>",
            *_remarks(status),
            *_numbers(status),
            *_table("What is to be done", [one for one in status.clauses if not one.is_sound], status.zone),
            *_table("What checks watch", [one for one in status.clauses if one.is_sound and one.outcome], status.zone),
            *_table("What no check watches", [one for one in status.clauses if one.outcome is None], status.zone),
            *_tensions(status),
            "<h2>To check this page</h2><p>It proves nothing by itself: it repeats what the last run of the checks has "
            f"sealed and what is open since. <code>muniment policy status --agency {escape(status.agency)}</code> "
            "says it anew.</p></body></html>\n",
        )
    )


def _moment(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%d %B %Y, %H:%M}"


def _ran(status: PolicyStatus) -> str:
    if status.last_run is None:
        return "No check has ever run: nothing is known to be kept."
    return f"The checks last ran on {_moment(status.last_run, status.zone)}."


def _remarks(status: PolicyStatus) -> Iterator[str]:
    if not status.has_policy:
        yield "<p class=never-ran>The agency has no policy file: no clause is checked.</p>"
    if status.adoption_not_evidenced:
        names = ", ".join(map(escape, status.adoption_not_evidenced))
        yield f"<p class=quiet>Adoption not evidenced: {names}.</p>"


def _numbers(status: PolicyStatus) -> Iterator[str]:
    counted = Counter(_word(one) for one in status.clauses)
    yield "<div class=numbers>"
    yield f"<span><strong>{len(status.clauses)}</strong>clauses</span>"
    yield from (f"<span><strong>{counted[word]}</strong>{word}</span>" for word in _WORDS.values() if counted[word])
    yield "</div>"


def _word(one: ClauseStatus) -> str:
    return _WORDS[one.outcome or one.clause.state.value]


def _table(title: str, clauses: list[ClauseStatus], zone: str) -> Iterator[str]:
    if not clauses:
        return
    yield f"<h2>{title}</h2><table><thead><tr><th>Clause</th><th>Now</th><th>What it asks, and what is known</th>"
    yield "<th>Who acts</th></tr></thead><tbody>"
    for one in clauses:
        yield f"<tr><td class=id>{escape(one.clause.id)}<span>{escape(one.clause.clause)}</span></td>"
        yield f'<td class="state"><span class="{one.outcome or "quiet"}">{_word(one)}</span>{_checked(one, zone)}</td>'
        yield f"<td><p>{escape(one.clause.title)}.</p><p class=quiet>{escape(one.clause.control)}.</p>"
        yield f"<p>{escape(one.sentence)}</p>{''.join(_findings(one))}{_evidence(one)}</td>"
        yield f"<td class=who>{escape(', '.join(one.clause.acts))}</td></tr>"
    yield "</tbody></table>"


def _checked(one: ClauseStatus, zone: str) -> str:
    if one.checked_at is None:
        return ""
    old = ", too long ago" if one.is_stale else ""
    return f"<span>{one.checked_at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}{old}</span>"


def _findings(one: ClauseStatus) -> Iterator[str]:
    for entry in one.findings:
        found = entry.finding
        yield f"<p>Open: <strong>{found.code}</strong> {escape(found.subject)}, {escape(found.type.sentence)}</p>"


def _evidence(one: ClauseStatus) -> str:
    if not one.evidence:
        return ""
    more = f" and {len(one.evidence) - 1} more" if len(one.evidence) > 1 else ""
    return f"<p class=key>{escape(one.evidence[0])}{more}</p>"


def _tensions(status: PolicyStatus) -> Iterator[str]:
    if not status.tensions:
        return
    yield "<h2>Provisions that pull apart</h2><table><thead><tr><th>Tension</th><th>What it is</th>"
    yield "<th>Until a person decides</th><th>Who decides</th></tr></thead><tbody>"
    for one in status.tensions:
        yield f"<tr><td class=id>{escape(one.id)}<span>{escape('; '.join(one.between))}</span></td>"
        yield f"<td>{escape(one.tension)}.</td><td>{escape(one.handling)}.</td><td>{escape(one.owner)}</td></tr>"
    yield "</tbody></table>"
