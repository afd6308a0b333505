"""The scorecard's judges: each looks at the stores now, and says what it saw and how many."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from muniment.custody.second_copy import compare, list_kept
from muniment.custody.store_checks import read_latest_check
from muniment.custody.vault import Vault
from muniment.errors import CustodyError
from muniment.evidence.layout import LOG_CHECKPOINTS, MANIFEST, TIMESTAMPS
from muniment.records.names import parse_instant
from muniment.workflows.check_fixity import measure_coverage
from muniment.workflows.check_store import REGISTER as STORE_TRUTH
from muniment.workflows.copy_vault import NO_SECOND
from muniment.workflows.findings_register import Entry
from muniment.workflows.wiring import Workplace

GREEN, AMBER, RED = "green", "amber", "red"
NOTHING = "Nothing."
# A copy is made after the next snapshot, and at night at the latest; what is missing longer is missing.
_ON_THE_WAY = timedelta(days=1)
_NIGHTLY = timedelta(days=2)  # a nightly check may fail once
_CLOSE = "Mend it, then `muniment findings close`."
_FIRST_CODES = frozenset({"V001", "V002", "V003", "V004", "V008", "F001", "F003"})
_SECOND_CODES = frozenset({"C003", "C005", "C006", "F002", "F004"})  # what copying does not heal


@dataclass(frozen=True, slots=True)
class Judgement:
    """The state of one row, what was seen, and what a person does about it."""

    state: str
    evidence: str
    next: str = NOTHING


def judge_first(place: Workplace, second: Vault | None, entries: tuple[Entry, ...], moment: datetime) -> Judgement:
    """The vault's bucket has its lock and versions, and no finding says that an object is gone or altered."""
    del second, moment
    place.vault.check_settings()
    records = list(list_kept(place.vault, ""))
    size = sum(record.size_bytes for record in records)
    evidence = f"{len(records)} sealed objects, {size:,} bytes; Object Lock and versioning on"
    bad = _open_of(entries, _FIRST_CODES)
    if bad:
        return Judgement(RED, f"{evidence}; open findings: {bad}", _CLOSE)
    return Judgement(GREEN, evidence) if records else Judgement(AMBER, "nothing is sealed yet", "Capture something.")


def judge_second(place: Workplace, second: Vault | None, entries: tuple[Entry, ...], moment: datetime) -> Judgement:
    """The second bucket is there with its lock and versions, and has every object of the vault."""
    if second is None:
        return Judgement(RED, NO_SECOND, "Name a second store: MUNIMENT_SECOND_S3_ENDPOINT.")
    try:
        second.check_settings()
        found = compare(place.vault, second, "")
    except CustodyError as error:
        heal = "Bring it back; the nightly copy, or `muniment copy run`, fills it again."
        return Judgement(RED, f"bucket {second.bucket} at {second.endpoint}: {error}", heal)
    total = len(found.both) + len(found.missing) + len(found.other_size)
    evidence = f"{len(found.both)} of {total} objects in {second.bucket} at {second.endpoint}"
    bad = _open_of(entries, _SECOND_CODES)
    if found.other_size or bad:
        return Judgement(RED, f"{evidence}; {len(found.other_size)} of another size; open findings: {bad}", _CLOSE)
    late = [record for record in found.missing if record.stored_at < moment - _ON_THE_WAY]
    if late or (found.missing and not found.both):
        return Judgement(RED, f"{evidence}; {len(found.missing)} are missing", "Run `muniment copy run`.")
    if found.missing:
        return Judgement(AMBER, f"{evidence}; {len(found.missing)} on their way", "Wait for the next copy.")
    return Judgement(GREEN, evidence)


def judge_locks(place: Workplace, second: Vault | None, entries: tuple[Entry, ...], moment: datetime) -> Judgement:
    """Both stores passed the doctor lately, and every object's lock was compared with its manifest lately."""
    del entries
    said, states = [], []
    for vault in (place.vault, *([second] if second is not None else [])):
        state, text = _judge_examination(place.vault, vault, moment)
        states.append(state)
        said.append(text)
    truth = read_latest(place.vault, STORE_TRUTH)
    if truth is None:
        return Judgement(
            _worst(*states, AMBER), "; ".join([*said, "no nightly check yet"]), "Run `muniment check store`."
        )
    said.append(
        f"{truth['objects']} objects and {truth['copies']} copies compared with their manifests on {truth['at'][:10]}, "
        f"{sum(truth['findings'].values())} findings"
    )
    states += [RED] if truth["findings"] else []
    states += [AMBER] if parse_instant(truth["at"]) < moment - _NIGHTLY else []
    state = _worst(*states)
    return Judgement(state, "; ".join(said), NOTHING if state == GREEN else "Run `muniment check store`.")


def _judge_examination(register: Vault, vault: Vault, moment: datetime) -> tuple[str, str]:
    report = read_latest_check(register, vault.endpoint, vault.bucket)
    if report is None:
        return AMBER, f"{vault.bucket} was never examined"
    text = f"{vault.bucket} examined on {report['examined_at'][:10]} with the keys of {', '.join(report['keys_tried'])}"
    if not report["passed"]:
        return RED, f"{text}: failed"
    late = parse_instant(report["examined_at"]) < moment - _NIGHTLY
    return (AMBER, f"{text}: passed, and not since") if late else (GREEN, f"{text}: passed")


def judge_audit(place: Workplace, second: Vault | None, entries: tuple[Entry, ...], moment: datetime) -> Judgement:
    """Manifests and a signed log are there to audit, and every byte was read again within the agency's period."""
    del second, entries
    manifests = sum(1 for key in place.vault.list_keys("records/") if key.endswith(f"/{MANIFEST}"))
    checkpoints = sum(1 for _ in place.vault.list_keys(LOG_CHECKPOINTS))
    stamps = sum(1 for key in place.vault.list_keys(TIMESTAMPS) if key.endswith(".tsr"))
    days = place.agency.fixity.reread_within_days
    said, overdue = [f"{manifests} manifests, {checkpoints} signed checkpoints, {stamps} time stamps"], 0
    for part in measure_coverage(place):
        overdue += part.overdue
        age = (moment - part.oldest).days if part.oldest is not None else 0
        said.append(f"{part.copy}: {part.units} units, {part.size_bytes:,} bytes, none unread for over {age} days")
    evidence = f"{'; '.join(said)}; the period is {days} days"
    if overdue:
        return Judgement(RED, f"{evidence}; {overdue} units overdue", "Run `muniment check fixity`.")
    if not checkpoints:
        return Judgement(AMBER, evidence, "Append the log: there is no signed checkpoint to audit by.")
    return Judgement(GREEN, evidence)


def judge_place(place: Workplace, second: Vault | None, entries: tuple[Entry, ...], moment: datetime) -> Judgement:
    """The second copy answers from another host than the first."""
    del entries, moment
    if second is None:
        return Judgement(RED, NO_SECOND, "Name a second store in another place.")
    second.check_settings()
    first, other = urlsplit(place.vault.endpoint), urlsplit(second.endpoint)
    if first.netloc == other.netloc:
        where = f"both copies are on one server, {first.netloc}: safe from a mistake, not from the loss of the machine"
        return Judgement(AMBER, where, "Name a second store in another place.")
    if first.hostname == other.hostname:
        return Judgement(AMBER, f"both servers are on one host, {first.hostname}", "Name a second store elsewhere.")
    return Judgement(GREEN, f"the copies are at {first.netloc} and {other.netloc}; both answer")


def judge_procedures(place: Workplace, second: Vault | None, entries: tuple[Entry, ...], moment: datetime) -> Judgement:
    """The agency's files are without faults, its schedule is adopted, and findings are answered."""
    del second
    schedule = place.agency.schedule
    oldest = min((parse_instant(entry.opened_at) for entry in entries), default=None)
    waiting = f"{len(entries)} open findings" + (f", the oldest {(moment - oldest).days} days" if oldest else "")
    evidence = (
        f"schedule {schedule.version} ({place.agency.schedule_sha256[:12]}), {len(schedule.rows)} rows; "
        f"{len(place.agency.accounts)} registered accounts; {waiting}"
    )
    if schedule.adoption is None:
        return Judgement(AMBER, f"{evidence}; no act adopted the schedule: retain-only", "Have the schedule adopted.")
    if entries:
        return Judgement(AMBER, evidence, "Answer them: `muniment findings list`.")
    return Judgement(GREEN, f"{evidence}; adopted by {schedule.adoption.resolution}")


def read_latest(vault: Vault, register: str) -> dict[str, Any] | None:
    """Return the latest event of *register*, or None when it has none.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    for month in reversed(vault.list_folders(f"registers/{register}/")):
        keys = list(vault.list_keys(month))
        if keys:
            value: dict[str, Any] = json.loads(vault.read(keys[-1]))
            return value
    return None


def _open_of(entries: tuple[Entry, ...], codes: frozenset[str]) -> str:
    found = [f"{entry.finding.code} {entry.id}" for entry in entries if entry.finding.code in codes]
    return ", ".join(found[:5]) + (f" and {len(found) - 5} more" if len(found) > 5 else "")


def _worst(*states: str) -> str:
    return max(states, key=(GREEN, AMBER, RED).index)
