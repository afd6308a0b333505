"""How each clause stands: by the last run that judged it, and by what is still open. Never run is not kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

from muniment.evidence.findings import Finding
from muniment.evidence.register_event import RegisterEvent
from muniment.policy.check import Outcome
from muniment.records.names import parse_instant
from muniment.records.policy import Clause, ClauseState, Tension
from muniment.workflows.findings_register import MANY, Entry, finding_id, list_entries
from muniment.workflows.policy.run import REGISTER
from muniment.workflows.registers import read_event
from muniment.workflows.wiring import Workplace

NEVER = "never-ran"
STALE = timedelta(days=2)  # a nightly run may fail once
_RUNS = 60  # looked through, latest first, for the last that judged every check
_WORST_FIRST = tuple(
    outcome.value for outcome in (Outcome.NOT_KEPT, Outcome.CANNOT_TELL, Outcome.KEPT, Outcome.NOTHING_TO_CHECK)
)
_SOUND = (Outcome.KEPT.value, Outcome.NOTHING_TO_CHECK.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseStatus:
    """How one clause stands. `outcome` is that of its check, `NEVER` where it never ran, None without a check."""

    clause: Clause
    outcome: str | None
    sentence: str
    checked_at: datetime | None
    evidence: tuple[str, ...]
    findings: tuple[Entry, ...]  # open ones, of those that the check made when it last ran
    facts: Mapping[str, Any]
    is_stale: bool = False

    @property
    def is_sound(self) -> bool:
        """Tell whether nothing is to be done about it: no check, or one that says so of late."""
        return self.outcome is None or (self.outcome in _SOUND and not self.is_stale and not self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyStatus:
    """How an agency's clauses stand at one moment (aware). Without a policy there are none: `has_policy` says so."""

    agency: str
    name: str
    zone: str
    at: datetime
    has_policy: bool
    last_run: datetime | None
    run_key: str | None
    clauses: tuple[ClauseStatus, ...]
    tensions: tuple[Tension, ...]
    adoption_not_evidenced: tuple[str, ...]  # versions of policies

    @property
    def is_sound(self) -> bool:
        """Tell whether there is a policy and every clause is sound."""
        return self.has_policy and all(clause.is_sound for clause in self.clauses)


@dataclass(frozen=True, slots=True)
class _Judged:
    at: datetime
    key: str
    judgement: Mapping[str, Any]


def policy_status(place: Workplace) -> PolicyStatus:
    """Return how each clause of the agency's policies stands now.

    Raises:
        EvidenceError: an event of a register is not of its form.
        StoreUnavailableError: the store did not answer.
    """
    policy, now = place.agency.policy, place.clock()
    clauses = policy.clauses if policy is not None else ()
    judged = _read_judged(place, {name for clause in clauses for name in clause.checks})
    entries = {finding_id(entry.finding): entry for entry in list_entries(place.vault)}
    latest = max(judged.values(), key=lambda one: one.at, default=None)
    return PolicyStatus(
        agency=place.agency.id,
        name=place.agency.name,
        zone=place.agency.zone,
        at=now,
        has_policy=policy is not None,
        last_run=None if latest is None else latest.at,
        run_key=None if latest is None else latest.key,
        clauses=tuple(_stand(clause, judged, entries, now) for clause in clauses),
        tensions=policy.tensions if policy is not None else (),
        adoption_not_evidenced=tuple(
            version.id for version in (policy.versions if policy is not None else ()) if version.adopted_on is None
        ),
    )


def _read_judged(place: Workplace, names: set[str]) -> dict[str, _Judged]:
    """Return the last judgement of each check of *names*, from the latest runs: one may have judged a few of them."""
    found: dict[str, _Judged] = {}
    for count, key in enumerate(_latest_runs(place)):
        event = read_event(place.vault, REGISTER, key)
        for name, judgement in _judgements(event).items():
            found.setdefault(name, _Judged(parse_instant(event.at), key, judgement))
        if names <= found.keys() or count >= _RUNS:
            break
    return found


def _latest_runs(place: Workplace) -> list[str]:
    months = sorted(place.vault.list_folders(f"registers/{REGISTER}/"), reverse=True)[:2]
    return [key for month in months for key in sorted(place.vault.list_keys(month), reverse=True)]


def _judgements(event: RegisterEvent) -> dict[str, Mapping[str, Any]]:
    return cast("dict[str, Mapping[str, Any]]", event.facts.get("judgements", {}))


def _stand(clause: Clause, judged: Mapping[str, _Judged], entries: Mapping[str, Entry], now: datetime) -> ClauseStatus:
    if clause.state is not ClauseState.WORKS:
        return _unknown(clause, None, clause.reason or "")
    never = [name for name in clause.checks if name not in judged]
    if never:
        return _unknown(clause, NEVER, f"The check {' and the check '.join(never)} never ran: nothing is known.")
    told = [judged[name] for name in clause.checks]
    named = {name for one in told for finding in one.judgement["findings"] for name in _ids_of(finding)}
    earliest = min(one.at for one in told)
    return ClauseStatus(
        clause=clause,
        outcome=min((one.judgement["outcome"] for one in told), key=_WORST_FIRST.index),
        sentence=" ".join(one.judgement["sentence"] for one in told),
        checked_at=earliest,
        evidence=tuple(dict.fromkeys(key for one in told for key in (one.key, *one.judgement["evidence"]))),
        findings=tuple(entry for name, entry in entries.items() if name in named),
        facts={name: value for one in reversed(told) for name, value in one.judgement["facts"].items()},
        is_stale=earliest < now - STALE,
    )


def _unknown(clause: Clause, outcome: str | None, sentence: str) -> ClauseStatus:
    return ClauseStatus(
        clause=clause, outcome=outcome, sentence=sentence, checked_at=None, evidence=(), findings=(), facts={}
    )


def _ids_of(told: Mapping[str, Any]) -> tuple[str, str]:
    """Return the ids under which a finding may be entered: its own, or that of many of its code together."""
    finding = Finding(told["code"], told["subject"], told["detail"], told["count"])
    return finding_id(finding), finding_id(replace(finding, subject=MANY))
