"""Run every check of the clauses, enter what they find, and seal what they judged."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from muniment.errors import ConfigurationError, EvidenceError, ParseError
from muniment.evidence.findings import Finding
from muniment.evidence.register_event import RegisterEvent
from muniment.policy.check import Check, Judgement
from muniment.policy.registry import CHECKS
from muniment.policy.scene import Scene
from muniment.policy.verdicts import cannot_tell
from muniment.records.canonical import JsonValue
from muniment.records.names import format_instant
from muniment.records.policy import AgencyPolicy
from muniment.workflows.findings_register import open_findings
from muniment.workflows.policy.gather import gather_scene
from muniment.workflows.registers import enter
from muniment.workflows.wiring import Workplace, open_workplace

CHECK = "check_policy"
REGISTER = "policy-checks"
RAN = "checked"
SPAN = timedelta(days=31)  # of the evidence that one run judges
PAUSE = timedelta(hours=1)  # between runs that follow snapshots: each reads the whole span
_STAMP = "%Y%m%dt%H%M%S%fz"  # of an event's id
_MOST_KEYS = 50  # of a judgement's evidence that are sealed with it


def check_policies(agency_id: str, *, at: datetime | None = None, names: Collection[str] = ()) -> dict[str, Any]:
    """Run every check over the last `SPAN`, or those of *names*; seal the judgements and enter the findings.

    Raises:
        ConfigurationError: *names* has none of the checks.
        CustodyError: the vault did not keep what was found.
        EvidenceError: a manifest or an event is not of its form.
    """
    return check_policies_at(open_workplace(agency_id), at=at, names=names)


def check_policies_after_snapshot(agency_id: str) -> dict[str, Any]:
    """Do what `check_policies` does, unless it was done within `PAUSE`: captures come more often than they matter.

    Raises:
        CustodyError, EvidenceError: as `check_policies`.
    """
    place = open_workplace(agency_id)
    last = last_run_at(place)
    if last is not None and place.clock() < last + PAUSE:
        return {"key": None, "at": format_instant(last), "outcomes": {}, "findings": [], "opened": []}
    return check_policies_at(place)


def last_run_at(place: Workplace) -> datetime | None:
    """Return when the checks last ran (aware UTC), by the names of their events; None when never.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    for month in sorted(place.vault.list_folders(f"registers/{REGISTER}/"), reverse=True):
        names = [key.rsplit("/", 1)[-1].removesuffix(".json") for key in place.vault.list_keys(month)]
        if names:
            return datetime.strptime(max(names), _STAMP).replace(tzinfo=UTC)
    return None


def check_policies_at(place: Workplace, *, at: datetime | None = None, names: Collection[str] = ()) -> dict[str, Any]:
    """Do what `check_policies` does, at *place*.

    Raises:
        ConfigurationError, CustodyError, EvidenceError: as `check_policies`.
    """
    moment = at or place.clock()
    chosen = choose_checks(place.agency.policy, names)
    scene = gather_scene(place, since=moment - SPAN, until=moment)
    judged = {name: judge(check, scene) for name, check in chosen.items()}
    found = (one for judgement in judged.values() for one in judgement.findings)
    findings = list(dict.fromkeys((*_lacks_policy(place), *found)))
    # Findings first: what is sealed as judged has been entered.
    opened = open_findings(place, findings, check=CHECK)
    key = enter(place.vault, place.agency, _event(place, scene, judged, moment))
    return {
        "key": key,
        "at": format_instant(moment),
        "outcomes": {name: judgement.outcome.value for name, judgement in judged.items()},
        "findings": sorted({finding.code for finding in findings}),
        "opened": opened,
    }


def choose_checks(policy: AgencyPolicy | None, names: Collection[str]) -> dict[str, Check]:
    """Return the checks of *names*, or those that the agency's clauses name.

    A clause may name one that there is none of: it never runs, and the status says so.

    Raises:
        ConfigurationError: *names* has one that there is none of.
    """
    strange = sorted(set(names) - CHECKS.keys())
    if strange:
        raise ConfigurationError(f"check: expected some of {', '.join(CHECKS)}; found {', '.join(strange)}")
    wanted = set(names) or {name for clause in (policy.clauses if policy else ()) for name in clause.checks}
    return {name: check for name, check in CHECKS.items() if name in wanted}


def judge(check: Check, scene: Scene) -> Judgement:
    """Return what *check* says of *scene*; evidence that is not of its form is no reason to say nothing."""
    try:
        return check.judge(scene)
    except (EvidenceError, ParseError) as error:
        return cannot_tell(f"The evidence could not be read: {error}")


def _lacks_policy(place: Workplace) -> Iterator[Finding]:
    if place.agency.policy is None:
        yield Finding("K021", place.agency.id, "expected a policy.yaml, as the agency is in service, found none")


def _event(place: Workplace, scene: Scene, judged: dict[str, Judgement], moment: datetime) -> RegisterEvent:
    facts: dict[str, JsonValue] = {
        "since": format_instant(scene.since),
        "snapshots": len(scene.snapshots),
        "judgements": {name: _spell(judgement) for name, judgement in judged.items()},
    }
    return RegisterEvent(
        register=REGISTER,
        id=f"{moment:{_STAMP}}",
        event=RAN,
        subject=place.agency.id,
        at=format_instant(moment),
        by="muniment",
        facts=facts,
    )


def _spell(judgement: Judgement) -> dict[str, JsonValue]:
    findings: list[JsonValue] = [
        {"code": one.code, "subject": one.subject, "detail": one.detail, "count": one.count}
        for one in judgement.findings
    ]
    return {
        "outcome": judgement.outcome.value,
        "sentence": judgement.sentence,
        "findings": findings,
        "evidence": [*judgement.evidence[:_MOST_KEYS]],
        "facts": dict(judgement.facts),
    }
