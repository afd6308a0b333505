"""Word-filter and block lists: a version sealed with its lines and the hash of its file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from muniment.errors import ModerationError
from muniment.evidence.digest import sha256_hex
from muniment.evidence.register_event import RegisterEvent
from muniment.policy.moderation.cases import FilterVersion
from muniment.policy.moderation.filters import read_filter
from muniment.policy.moderation.ledger import FILTER, FILTER_KINDS, REGISTER, fold_ledger
from muniment.records.canonical import JsonValue, canonical_json
from muniment.records.names import format_instant, is_slug
from muniment.workflows.registers import enter, read_events
from muniment.workflows.wiring import Workplace


def add_filter(
    place: Workplace,
    name: str,
    path: Path,
    *,
    kind: str,
    accounts: Sequence[str],
    since: datetime,
    by: str,
    until: datetime | None = None,
) -> FilterVersion:
    """Seal the file at *path* as the version of list *name* in force from *since* (aware) on.

    Raises:
        ModerationError: the list, its kind, its accounts or times are not of their form, or nothing changed.
        CustodyError: the vault did not keep it.
    """
    file = read_filter(path.name, path.read_bytes())
    faults = [*_check_form(name, kind), *_check_accounts(place, accounts)]
    if until is not None and until <= since:
        faults.append("until: expected a time after the list comes into force, found an earlier one")
    if not by.strip():
        faults.append("by: expected the name of who enters it, found none")
    last = [version for version in list_versions(place) if version.list == name]
    if last and (last[-1].sha256, last[-1].accounts) == (file.sha256, tuple(accounts)):
        faults.append(f"file: expected another than that of version {last[-1].number}, found the same")
    if faults:
        raise ModerationError(f"list {name}", faults)
    facts: dict[str, JsonValue] = {
        "kind": kind,
        "sha256": file.sha256,
        "lines": list(file.lines),
        "accounts": list(accounts),
        "since": format_instant(since),
        "until": None if until is None else format_instant(until),
    }
    event = _event(place, name, facts, by)
    enter(place.vault, place.agency, event)
    return next(one for one in reversed(list_versions(place)) if one.list == name and one.sha256 == file.sha256)


def list_versions(place: Workplace) -> tuple[FilterVersion, ...]:
    """Return every version of every list, by list and number.

    Raises:
        EvidenceError: an event of the register is not of its form.
        StoreUnavailableError: the store did not answer.
    """
    return fold_ledger(read_events(place.vault, REGISTER)).filters


def _event(place: Workplace, name: str, facts: dict[str, JsonValue], by: str) -> RegisterEvent:
    return RegisterEvent(
        register=REGISTER,
        id=f"{name}-{FILTER}-{sha256_hex(canonical_json(facts))[:12]}",
        event=FILTER,
        subject=name,
        at=format_instant(place.clock()),
        by=by.strip(),
        facts=facts,
    )


def _check_form(name: str, kind: str) -> list[str]:
    faults = [] if is_slug(name) else ["list: expected lower-case letters, digits and single hyphens"]
    if kind not in FILTER_KINDS:
        faults.append(f"kind: expected one of {', '.join(FILTER_KINDS)}, found {kind!r}")
    return faults


def _check_accounts(place: Workplace, accounts: Sequence[str]) -> list[str]:
    known = [account.id for account in place.agency.accounts]
    if not accounts:
        return ["account: expected those that the list works on, found none"]
    return [f"account: expected one of {', '.join(known)}, found {one!r}" for one in accounts if one not in known]
