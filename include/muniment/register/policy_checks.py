"""Checks of ``policy.yaml`` across its fields: the clauses, the tensions, the versions of the policies' texts."""

from __future__ import annotations

import re
from datetime import date

from muniment.records.policy import ClauseState
from muniment.register.documents import Document
from muniment.register.entries import Entry, check_order, note_repeated, note_repeated_items, whole

ACTORS = ("auditor", "clerk", "counsel", "operations", "public-information")
_TEST = re.compile(r"[\w./-]+\.py::[\w\[\]-]+(?:::[\w\[\]-]+)*")
_COMMAND = "muniment "


def check_policy(document: Document, *, checks: frozenset[str] | None) -> None:
    """Note what *document* says that does not hold together; *checks* are the names there are, None where not known."""
    policy = whole(document)
    clauses, tensions, versions = (list(policy.groups(name)) for name in ("clauses", "tensions", "versions"))
    for entries in (clauses, tensions, versions):
        note_repeated(entries, "id")
    for clause in clauses:
        _check_clause(clause, checks)
    for tension in tensions:
        _check_actor(tension, "owner", tension.text("owner"))
        if tension.fields.get("between") == []:
            tension.fault("between", "the provisions that pull apart", "none")
    _check_versions(versions)
    for member in policy.groups("members"):
        check_order(member, "valid_from", member, "valid_until")
    monitoring = policy.group("monitoring")
    if monitoring is not None:
        note_repeated_items(monitoring, "holidays")


def _check_clause(clause: Entry, checks: frozenset[str] | None) -> None:
    state = clause.text("state")
    if state == ClauseState.WORKS:
        _need(clause, "check", "the check that watches the clause")
        _need(clause, "tests", "the two tests that prove the check")
    elif state is not None:
        _need(clause, "reason", "why no check watches the clause")
        for field in ("check", "also", "tests"):
            if clause.has(field):
                clause.fault(field, f"none, as the state is {state}", "one")
    _check_names(clause, checks)
    _check_acts(clause)
    _check_proof(clause)


def _check_names(clause: Entry, checks: frozenset[str] | None) -> None:
    if checks is None:
        return
    name = clause.text("check")
    if name is not None and name not in checks:
        clause.fault("check", f"one of {', '.join(sorted(checks))}", repr(name[:60]))
    for index, also in clause.texts("also"):
        if also not in checks:
            clause.fault("also", f"one of {', '.join(sorted(checks))}", repr(also[:60]), index=index)


def _need(clause: Entry, field: str, what: str) -> None:
    if not clause.has(field):
        clause.fault(field, f"{what}, as its state is {clause.text('state')}", "nothing")


def _check_acts(clause: Entry) -> None:
    if clause.fields.get("acts") == []:
        clause.fault("acts", "at least one who acts", "nobody")
    note_repeated_items(clause, "acts")
    for index, actor in clause.texts("acts"):
        _check_actor(clause, "acts", actor, index=index)


def _check_actor(entry: Entry, field: str, actor: str | None, *, index: int | None = None) -> None:
    if actor is not None and actor not in ACTORS:
        entry.fault(field, f"one of {', '.join(ACTORS)}", repr(actor[:60]), index=index)


def _check_proof(clause: Entry) -> None:
    evidence, tests = clause.text("evidence"), clause.group("tests")
    if evidence is not None and not evidence.startswith(_COMMAND):
        clause.fault("evidence", f"a command that begins with {_COMMAND!r}", "other text")
    for name in ("found", "sound") if tests is not None else ():
        test = tests.text(name) if tests is not None else None
        if test is not None and _TEST.fullmatch(test) is None:
            clause.fault("tests", f"a test as path::name for {name}", "other text")


def _check_versions(versions: list[Entry]) -> None:
    ends: dict[str, tuple[date, date | None]] = {}
    for version in sorted(versions, key=lambda one: one.day("effective_from") or date.min):
        check_order(version, "effective_from", version, "effective_until")
        begins, policy = version.day("effective_from"), version.text("policy")
        if begins is None or policy is None:
            continue
        before = ends.get(policy)
        if before is not None and (before[1] is None or begins <= before[1]):
            until = before[1] or "no end"
            version.fault(
                "effective_from", f"a day after the version before it, from {before[0]} until {until}", str(begins)
            )
        ends[policy] = begins, version.day("effective_until")
