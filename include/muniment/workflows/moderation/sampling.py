"""Draw a month's neutrality sample, and write the second reviewer's sheet and its key."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from muniment.errors import ModerationError
from muniment.policy.moderation.ledger import REGISTER, fold_ledger
from muniment.policy.moderation.neutrality import Drawn, Rate, draw_sample, list_candidates, removal_rates
from muniment.policy.moderation.observations import same_item
from muniment.policy.scene import SnapshotFact
from muniment.records.series import PUBLIC_COMMENTS
from muniment.workflows.policy.items import stream_items
from muniment.workflows.policy.snapshots import read_snapshots
from muniment.workflows.registers import read_events
from muniment.workflows.wiring import Workplace

SHEET, KEY = "sheet.csv", "key.csv"
_SHEET = ("number", "code", "ground", "account", "text", "violates (yes or no)", "why")
_KEY = ("number", "code", "case", "account", "item", "taken down", "decided by", "decided at")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A sample that was written: its lines, how many of them without a text, and the rates of the whole month."""

    drawn: tuple[Drawn, ...]
    without_text: int
    rates: tuple[Rate, ...]


def write_sample(
    place: Workplace, folder: Path, *, since: datetime, until: datetime, seed: str, most: int = 10
) -> Sample:
    """Write sheet and key of a sample of what was decided in [*since*, *until*) (aware) to the new *folder*.

    Raises:
        ModerationError: there is no seed, *until* has not come, *most* is not positive, or *folder* is not empty.
        CustodyError: the vault did not answer.
    """
    faults = [] if seed.strip() else ["seed: expected a public number or word, found none"]
    faults += [] if most > 0 else [f"most: expected at least 1 of a kind, found {most}"]
    if until > place.clock():
        faults.append("month: expected one that is over, found one that goes on")
    if folder.exists() and any(folder.iterdir()):
        faults.append(f"{folder}: expected a new or empty folder, found files in it")
    if faults:
        raise ModerationError("sample", faults)
    ledger = fold_ledger(read_events(place.vault, REGISTER))
    drawn = draw_sample(list_candidates(ledger, since=since, until=until), seed=seed, most=most)
    texts = _read_texts(place, drawn, since=since, until=until)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    titles = {ground.code: ground.title for ground in (place.agency.policy.grounds if place.agency.policy else ())}
    _write(folder / SHEET, _SHEET, (_line(one, titles, texts.get(one.number)) for one in drawn))
    _write(folder / KEY, _KEY, (_answer(one) for one in drawn))
    rates = removal_rates(ledger, since=since, until=until)
    return Sample(drawn=drawn, without_text=sum(one.number not in texts for one in drawn), rates=rates)


def _read_texts(place: Workplace, drawn: Iterable[Drawn], *, since: datetime, until: datetime) -> dict[int, str]:
    """Return the text of each line, as the last capture before its decision has it."""
    captured = [one for one in read_snapshots(place, since, until) if one.accepted and one.series == PUBLIC_COMMENTS]
    wanted: dict[str, tuple[SnapshotFact, list[Drawn]]] = {}
    for one in drawn:
        fact = _before(captured, one)
        if fact is not None:
            wanted.setdefault(fact.key, (fact, []))[1].append(one)
    texts: dict[int, str] = {}
    for fact, lines in wanted.values():
        for item in stream_items(place, [fact]):
            found = (one for one in lines if same_item(one.candidate.item, item.item_id))
            texts |= {one.number: item.text or "" for one in found}
    return texts


def _before(captured: Iterable[SnapshotFact], one: Drawn) -> SnapshotFact | None:
    of_account = [fact for fact in captured if fact.account == one.candidate.account]
    before = [fact for fact in of_account if fact.began_at <= one.candidate.at]
    return max(before, key=lambda fact: fact.began_at) if before else None


def _line(one: Drawn, titles: Mapping[str, str], text: str | None) -> tuple[object, ...]:
    candidate = one.candidate
    shown = "(not captured)" if text is None else text
    return one.number, candidate.code, titles.get(candidate.code, ""), candidate.account, shown, "", ""


def _answer(one: Drawn) -> tuple[object, ...]:
    found = one.candidate
    down = "yes" if found.taken_down else "no"
    named = (one.number, found.code, found.case, found.account, found.item)
    return *named, down, found.decided_by, found.at.isoformat()


def _write(path: Path, header: tuple[str, ...], lines: Iterable[tuple[object, ...]]) -> None:
    path.touch(mode=0o600)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows([_as_text(cell) for cell in line] for line in lines)


def _as_text(cell: object) -> str:
    """Spell a cell so that no spreadsheet takes it for a formula (OWASP, "CSV Injection")."""
    text = str(cell)
    return f"'{text}" if text.startswith(_FORMULA) else text
