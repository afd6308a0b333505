"""The register of findings: what a check finds is a sealed event, open until a person closes it.

    registers/findings/<month>/<finding>-<time>-opened.json
    registers/findings/<month>/<finding>-<time>-closed.json

``<finding>`` is made from its code and what it concerns, ``<time>`` counts how often it was
opened. So the keys alone say what is open, two checks that find the same open it once, and
what is found again after its closing is opened anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from muniment.custody.vault import Vault
from muniment.errors import AlreadySealedError, ConfigurationError, EvidenceError, LockNotKeptError
from muniment.evidence.digest import sha256_hex
from muniment.evidence.findings import Finding
from muniment.evidence.layout import register_key
from muniment.records.canonical import JsonValue, canonical_json
from muniment.records.names import VolumeId, format_instant, parse_instant
from muniment.workflows.doctor import longest_lock
from muniment.workflows.wiring import Workplace, open_vault

REGISTER = "findings"
FORMAT = "muniment.finding-event/1"
OPENED, CLOSED = "opened", "closed"
MANY = "many"  # the subject of an entry for all findings of a code
MOST = 20  # entries of one code from one check: past it a person reads a count, not a list
_EVENT = re.compile(r"([0-9a-f]{16})-(\d{4})-(opened|closed)\.json")
_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class Entry:
    """One opening of a finding: its id, what was found by which check, when; and its closing where it has one."""

    id: str
    finding: Finding
    check: str
    opened_at: str
    closed_at: str | None = None
    reason: str | None = None
    closed_by: str | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether nobody has closed it yet."""
        return self.closed_at is None


def finding_id(finding: Finding) -> str:
    """Name a finding by its code and what it concerns; what was measured may differ from night to night."""
    return sha256_hex(f"{finding.code}\0{finding.subject}".encode())[:16]


def open_findings(place: Workplace, findings: Iterable[Finding], *, check: str) -> list[dict[str, str]]:
    """Enter each of *findings* that *check* made and that is not open already; return what is new, for a notice.

    Raises:
        CustodyError: the vault did not keep an event.
    """
    wanted = {finding_id(finding): finding for finding in condense(findings)}
    if not wanted:
        return []
    events = _list_events(place.vault)
    opened: list[dict[str, str]] = []
    for name, finding in wanted.items():
        times = _times(events, name, OPENED)
        if times == _times(events, name, CLOSED):
            entry = f"{name}-{times + 1:04}"
            # Another check may be first with the same finding: then it is open, by that one's event.
            with suppress(AlreadySealedError):
                _enter(place, entry, _opening(entry, finding, check, place.clock()))
                opened.append(_for_notice(entry, finding))
    return opened


def _enter(place: Workplace, entry: str, opening: dict[str, JsonValue]) -> None:
    """Seal an opening; where the store keeps no lock it stands all the same, so that it counts."""
    try:
        _seal(place, f"{entry}-{OPENED}", opening)
    except LockNotKeptError:
        if (entry, OPENED) not in _list_events(place.vault):
            raise


def condense(findings: Iterable[Finding]) -> list[Finding]:
    """Return *findings*, one for all of a code where there are more than `MOST` of it: a lost bucket is one finding."""
    by_code: dict[str, list[Finding]] = {}
    for finding in findings:
        by_code.setdefault(finding.code, []).append(finding)
    return [one for same in by_code.values() for one in (same if len(same) <= MOST else [_together(same)])]


def _together(same: list[Finding]) -> Finding:
    count = sum(finding.count for finding in same)
    return Finding(same[0].code, MANY, f"{count} objects, the first {same[0].subject}: {same[0].detail}", count)


def close_finding(place: Workplace, entry: str, *, reason: str, by: str) -> None:
    """Close *entry* for *reason*, in the name of the person *by*.

    Raises:
        ConfigurationError: there is no such open finding, or reason or name is blank.
        CustodyError: the vault did not keep the event.
    """
    for what, text in (("reason", reason), ("name", by)):
        if not text.strip() or not text.isprintable():
            raise ConfigurationError(f"finding {entry}: expected a {what} in words, found none")
    found = read_entry(place.vault, entry)
    if not found.is_open:
        raise ConfigurationError(f"finding {entry}: expected it open, found it closed on {found.closed_at}")
    closing = {"format": FORMAT, "event": CLOSED, "id": entry, "at": format_instant(place.clock())}
    _seal(place, f"{entry}-{CLOSED}", closing | {"reason": reason.strip(), "by": by.strip()})


def list_entries(vault: Vault, *, with_closed: bool = False) -> list[Entry]:
    """Return the open findings, and with *with_closed* all of them, earliest first.

    Raises:
        EvidenceError: an event is not of its form.
        StoreUnavailableError: the store did not answer.
    """
    events = _list_events(vault)
    names = [name for name, what in events if what == OPENED and (with_closed or (name, CLOSED) not in events)]
    return sorted((_read(vault, events, name) for name in names), key=lambda entry: (entry.opened_at, entry.id))


def list_opened_since(agency_id: str, moment: datetime) -> list[dict[str, str]]:
    """Return what was opened at *moment* (aware) or later and is still open, for a notice.

    Raises:
        EvidenceError: an event is not of its form.
        StoreUnavailableError: the store did not answer.
    """
    entries = list_entries(open_vault(agency_id))
    return [_for_notice(entry.id, entry.finding) for entry in entries if parse_instant(entry.opened_at) >= moment]


def _for_notice(entry: str, finding: Finding) -> dict[str, str]:
    return {"id": entry, "code": finding.code, "subject": finding.subject}


def read_entry(vault: Vault, entry: str) -> Entry:
    """Return the finding *entry*.

    Raises:
        ConfigurationError: there is none.
        EvidenceError: its event is not of its form.
    """
    events = _list_events(vault)
    if (entry, OPENED) not in events:
        raise ConfigurationError(f"finding: expected the id of an entry of the register, found {entry!r}")
    return _read(vault, events, entry)


def _list_events(vault: Vault) -> dict[tuple[str, str], str]:
    """Return the key of every event by its entry and whether it opens or closes it."""
    found: dict[tuple[str, str], str] = {}
    for key in vault.list_keys(f"registers/{REGISTER}/"):
        name = _EVENT.fullmatch(key.rsplit("/", 1)[-1])
        if name is not None:
            # Two checks at the turn of a month may open one finding twice: the earlier is it.
            found.setdefault((f"{name[1]}-{name[2]}", name[3]), key)
    return found


def _times(events: dict[tuple[str, str], str], name: str, what: str) -> int:
    return sum(1 for entry, kind in events if kind == what and entry.startswith(name))


def _opening(entry: str, finding: Finding, check: str, moment: datetime) -> dict[str, JsonValue]:
    return {
        "format": FORMAT,
        "event": OPENED,
        "id": entry,
        "at": format_instant(moment),
        "check": check,
        "code": finding.code,
        "subject": finding.subject,
        "detail": finding.detail,
        "count": finding.count,
    }


def _seal(place: Workplace, event: str, value: Mapping[str, JsonValue]) -> None:
    moment = place.clock()
    key = register_key(REGISTER, VolumeId(f"{moment:%Y-%m}"), event)
    until = longest_lock(place.agency, moment)
    place.vault.seal_bytes(key, canonical_json(value), lock_until=until, content_type=_TYPE)


def _read(vault: Vault, events: dict[tuple[str, str], str], entry: str) -> Entry:
    opened = _read_event(vault, events[entry, OPENED])
    closing = _read_event(vault, events[entry, CLOSED]) if (entry, CLOSED) in events else {}
    try:
        finding = Finding(opened["code"], opened["subject"], opened["detail"], opened["count"])
        return Entry(
            entry,
            finding,
            opened["check"],
            opened["at"],
            closed_at=closing["at"] if closing else None,
            reason=closing["reason"] if closing else None,
            closed_by=closing["by"] if closing else None,
        )
    except (KeyError, TypeError) as error:
        raise EvidenceError(f"finding {entry}: expected its fields, found that {error} is missing") from None


def _read_event(vault: Vault, key: str) -> dict[str, Any]:
    try:
        value = json.loads(vault.read(key))
    except ValueError:
        raise EvidenceError(f"{key}: expected JSON, found other bytes") from None
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise EvidenceError(f"{key}: expected format {FORMAT}, found another")
    return value
