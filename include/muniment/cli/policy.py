"""`muniment policy status | check | tensions`: how each clause of the agency's policies stands."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from muniment.cli.output import print_json, print_table
from muniment.errors import ConfigurationError
from muniment.records.names import format_instant
from muniment.settings import read_settings
from muniment.workflows.planning import open_agency
from muniment.workflows.policy.page import render_page
from muniment.workflows.policy.run import check_policies_at
from muniment.workflows.policy.status import ClauseStatus, PolicyStatus, policy_status
from muniment.workflows.wiring import open_workplace

DESCRIPTION = """\
Say how each clause of the agency's policies stands: whether a check watches it, what the check said
when it last ran, on what evidence, and which of its findings are open. A check that never ran has
shown nothing.

  muniment policy status --agency claremont                     a line for each clause
  muniment policy status --agency claremont --clause R-B6       all that is known of one
  muniment policy status --agency claremont --page status.html  a page that prints
  muniment policy check --agency claremont                      run every check now
  muniment policy check --agency claremont --check approval     run one
  muniment policy tensions --agency claremont                   provisions that pull apart

Exit code: 0 when nothing is to be done, 1 when something is, 2 when it could not be done."""

_MOST_KEYS = 5


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("action", choices=["status", "check", "tensions"], help="what to do")
    parser.add_argument("--agency", required=True, help="the agency's folder name, as claremont")
    parser.add_argument("--clause", help="status: one clause, as R-B6")
    parser.add_argument("--check", action="append", default=[], help="check: one by its name; may be repeated")
    parser.add_argument("--page", type=Path, help="status: write a page that prints to this file")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args: argparse.Namespace) -> int:
    """Do what was asked."""
    actions = {"status": _status, "check": _check, "tensions": _tensions}
    return actions[args.action](args)


def _status(args: argparse.Namespace) -> int:
    status = policy_status(open_workplace(args.agency))
    if args.page is not None:
        args.page.write_text(render_page(status), "utf-8")
    if args.clause is not None:
        return _show_clause(_find(status, args.clause), status, as_json=args.json)
    if args.json:
        print_json(_status_json(status))
    else:
        _print_status(status)
    return 0 if status.is_sound else 1


def _print_status(status: PolicyStatus) -> None:
    if not status.has_policy:
        print(f"{status.name} has no policy.yaml: no clause is checked.")
        return
    ran = "No check has ever run." if status.last_run is None else f"Last run {_local(status.last_run, status.zone)}."
    print(f"{status.name}: {len(status.clauses)} clauses, by the clock of {status.zone}. {ran}")
    print_table(
        ("id", "clause", "state", "now", "checked", "open", "what is known"),
        [
            (
                one.clause.id,
                one.clause.clause,
                one.clause.state.value,
                spell_outcome(one),
                "" if one.checked_at is None else _local(one.checked_at, status.zone),
                len(one.findings) or "",
                _shorten(one.sentence),
            )
            for one in status.clauses
        ],
        empty="policy.yaml names no clause.",
    )
    if status.adoption_not_evidenced:
        print(f"Adoption not evidenced: {', '.join(status.adoption_not_evidenced)}.")
    if status.tensions:
        print(f"{len(status.tensions)} tensions between provisions: `muniment policy tensions`.")


def spell_outcome(one: ClauseStatus) -> str:
    """Say in a word or two how the clause stands now."""
    if one.outcome is None:
        return "-"
    return f"{one.outcome} (old)" if one.is_stale else one.outcome


def _shorten(text: str) -> str:
    return text if len(text) <= 160 else f"{text[:157]}..."


def _find(status: PolicyStatus, clause: str) -> ClauseStatus:
    found = next((one for one in status.clauses if one.clause.id == clause), None)
    if found is None:
        raise ConfigurationError(f"clause: expected one that policy.yaml of {status.agency} names, found {clause!r}")
    return found


def _show_clause(one: ClauseStatus, status: PolicyStatus, *, as_json: bool) -> int:
    if as_json:
        print_json(_clause_json(one))
        return 0 if one.is_sound else 1
    clause = one.clause
    checked = "" if one.checked_at is None else f", checked {_local(one.checked_at, status.zone)}"
    print(f"{clause.id}  {clause.clause}: {clause.title}.")
    print(f"Control: {clause.control}.")
    print(f"State: {clause.state.value}; now {spell_outcome(one)}{checked}. Who acts: {', '.join(clause.acts)}.")
    print(one.sentence)
    for entry in one.findings:
        print(f"Open finding {entry.id}: {entry.finding.code} {entry.finding.subject}: {entry.finding.detail}")
    for key in one.evidence[:_MOST_KEYS]:
        print(f"Evidence: {key}")
    if len(one.evidence) > _MOST_KEYS:
        print(f"and {len(one.evidence) - _MOST_KEYS} more: --json has every one.")
    return 0 if one.is_sound else 1


def _check(args: argparse.Namespace) -> int:
    result = check_policies_at(open_workplace(args.agency), names=args.check)
    found = "not-kept" in result["outcomes"].values() or bool(result["findings"])
    unknown = "cannot-tell" in result["outcomes"].values()
    if args.json:
        print_json(result)
    else:
        print_table(("check", "outcome"), list(result["outcomes"].items()), empty="policy.yaml names no check.")
        print(f"Sealed as {result['key']}.")
        if result["findings"]:
            print(f"Findings: {', '.join(result['findings'])}. See `muniment findings list`.")
    return 1 if found or unknown else 0


def _tensions(args: argparse.Namespace) -> int:
    policy = open_agency(args.agency, read_settings()).policy
    tensions = policy.tensions if policy is not None else ()
    if args.json:
        print_json([{name: getattr(one, name) for name in one.__slots__} for one in tensions])
        return 0
    for one in tensions:
        print(f"{one.id}  {one.tension}.")
        print(f"      Between: {'; '.join(one.between)}.")
        print(f"      Until a person decides: {one.handling}. For {one.owner} to decide.")
    if not tensions:
        print("policy.yaml names no tension.")
    return 0


def _status_json(status: PolicyStatus) -> dict[str, Any]:
    return {
        "agency": status.agency,
        "at": format_instant(status.at),
        "zone": status.zone,
        "has_policy": status.has_policy,
        "sound": status.is_sound,
        "last_run": None if status.last_run is None else format_instant(status.last_run),
        "run_key": status.run_key,
        "adoption_not_evidenced": list(status.adoption_not_evidenced),
        "clauses": [_clause_json(one) for one in status.clauses],
        "tensions": [one.id for one in status.tensions],
    }


def _clause_json(one: ClauseStatus) -> dict[str, Any]:
    clause = one.clause
    return {
        "id": clause.id,
        "clause": clause.clause,
        "title": clause.title,
        "control": clause.control,
        "state": clause.state.value,
        "acts": list(clause.acts),
        "checks": list(clause.checks),
        "outcome": one.outcome,
        "stale": one.is_stale,
        "sentence": one.sentence,
        "checked_at": None if one.checked_at is None else format_instant(one.checked_at),
        "evidence": list(one.evidence),
        "facts": dict(one.facts),
        "open_findings": [
            {"id": entry.id, "code": entry.finding.code, "subject": entry.finding.subject} for entry in one.findings
        ],
    }


def _local(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
