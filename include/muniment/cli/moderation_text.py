"""How the moderation ledger is printed: cases in a line, cases whole, findings, the rates of a month."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from muniment.cli.output import print_json, print_table
from muniment.evidence.findings import Finding
from muniment.policy.moderation.cases import KIND_OF, Case, Entered
from muniment.policy.moderation.entry_facts import to_facts
from muniment.records.names import format_instant
from muniment.workflows.moderation.answers import Answer
from muniment.workflows.moderation.sampling import KEY, SHEET, Sample


def spell_time(moment: datetime | None, zone: str | None) -> str | None:
    """Spell *moment* as the clocks in *zone* showed it; as an instant without one."""
    if moment is None or zone is None:
        return None if moment is None else format_instant(moment)
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def answer_line(one: Answer, zone: str | None) -> dict[str, Any]:
    """Return what a list says of a case: for a table in *zone*, or whole as JSON without one."""
    if zone is None:
        told = {name: spell_time(v, None) if isinstance(v, datetime) else v for name, v in asdict(one).items()}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in told.items()}
    return {
        "case": one.case,
        "decided": spell_time(one.decided_at, zone) or "not decided",
        "verdict": one.verdict or "",
        "ground": " ".join(one.grounds),
        "decided by": one.decided_by or "",
        "done": f"{' '.join(one.deeds)} {spell_time(one.acted_at, zone) or ''}".strip(),
        "by": ", ".join(one.acted_by),
        "second look": ", ".join(one.reviewers),
        "counsel": ", ".join(one.counsel),
        "stands": "yes" if one.stands else f"taken back {spell_time(one.reversed_at, zone)}" if one.reversed_at else "",
    }


def print_case(case: Case, zone: str | None) -> None:
    """Print every entry of *case*, as a table in *zone* or as JSON without one."""
    entries = [(KIND_OF[type(one.entry)], one) for one in case.entered]
    if zone is None:
        told = [
            {"kind": kind, **to_facts(one.entry), "event": one.event, "entered_by": one.entered_by}
            | {"entered_at": format_instant(one.entered_at)}
            for kind, one in entries
        ]
        print_json({"case": case.id, "stands": case.stands, "entries": told})
        return
    rows = [row for kind, one in entries for row in _entry_rows(kind, one, zone)]
    print_table(("when", "what", "field", "is"), rows, empty="")


def _entry_rows(kind: str, one: Entered, zone: str) -> Iterator[tuple[object, ...]]:
    """Yield the fields of an entry; its time and kind stand before the first alone."""
    told = [(name.replace("_", " "), _spell(value)) for name, value in to_facts(one.entry).items() if name != "at"]
    told.append(("entered by", f"{one.entered_by}, {spell_time(one.entered_at, zone)}"))
    for number, (name, value) in enumerate(told):
        yield (spell_time(one.entry.at, zone) if number == 0 else "", kind if number == 0 else "", name, value)


def _spell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def print_findings(findings: Sequence[Finding], *, as_json: bool) -> None:
    """Print findings, each with its sentence."""
    if as_json:
        print_json([{**asdict(one), "sentence": one.type.sentence} for one in findings])
        return
    rows = [(one.code, one.subject, one.type.sentence, one.detail) for one in findings]
    print_table(("code", "concerns", "means", "found"), rows, empty="Ledger and captures tell the same.")


def print_sample(sample: Sample, folder: Path, *, as_json: bool) -> None:
    """Print the rates of a month, and where sheet and key are."""
    if as_json:
        rates = [{**asdict(rate), "percent": rate.percent} for rate in sample.rates]
        told = {"sheet": str(folder / SHEET), "key": str(folder / KEY), "drawn": len(sample.drawn)}
        print_json({**told, "without_text": sample.without_text, "rates": rates})
        return
    rows = [(one.code, one.reviewer, one.decisions, one.taken_down, f"{one.percent} %") for one in sample.rates]
    empty = "Nothing was decided in that month."
    print_table(("ground", "decided by", "decisions", "taken down", "rate"), rows, empty=empty)
    print(f"{len(sample.drawn)} drawn, {sample.without_text} of them never captured.")
    print(f"For the second reviewer: {folder / SHEET}. To compare afterwards: {folder / KEY}.")
