"""`muniment dispose list | show | withdraw | certificate`: dispositions, looked at. No command destroys."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from muniment.cli.output import print_json, print_table
from muniment.evidence.destruction_certificate import PARTIAL
from muniment.retention.dispositions import Disposition, DispositionState, FrozenList
from muniment.workflows.disposition.authorize import withdraw
from muniment.workflows.disposition.certificates import read_certificate
from muniment.workflows.disposition.scene import open_scene

DESCRIPTION = """\
Look at dispositions: what was proposed, who has answered, what stopped it, what was certified. A
disposition is proposed and approved in Airflow, and carried out there alone: no command destroys.

  muniment dispose list --agency claremont
  muniment dispose show ID --agency claremont --list
  muniment dispose withdraw ID --agency claremont --reason "asked for by the historian" --by "A. Clerk"
  muniment dispose certificate ID --agency claremont --html certificate.html

Exit code: 0 when done, 1 when what is shown was stopped or went only in part, 2 when it could not be done."""
_ACTIONS = {
    "list": "list the dispositions, open ones first",
    "show": "show one: its answers, its gates, its list",
    "withdraw": "take back one of which nothing is destroyed yet",
    "certificate": "print a certificate, or write it as a page that prints to PDF",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, line in _ACTIONS.items():
        action = actions.add_parser(name, help=line, description=f"{line[0].upper()}{line[1:]}.")
        if name != "list":
            action.add_argument("id", metavar="ID", help="the disposition's id, as `list` shows it")
        action.add_argument("--agency", required=True, help="the agency's folder name, as claremont")
        if name == "show":
            action.add_argument("--list", action="store_true", help="print every version of the frozen list too")
        if name == "withdraw":
            action.add_argument("--reason", required=True, help="why it is withdrawn")
            action.add_argument("--by", required=True, help="the name of the person who withdraws it")
        if name == "certificate":
            action.add_argument("--html", type=Path, metavar="FILE", help="write the page that prints to PDF")
        action.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args: argparse.Namespace) -> int:
    """List, show, withdraw or print, and return the exit code."""
    return {"list": _list, "show": _show, "withdraw": _withdraw, "certificate": _certificate}[args.action](args)


def _list(args: argparse.Namespace) -> int:
    found = sorted(open_scene(args.agency).dispositions(), key=lambda one: not one.is_open)
    if args.json:
        print_json([_as_json(one) for one in found])
    else:
        columns = ("id", "state", "series", "volumes", "versions", "proposed", "next")
        print_table(columns, [_line(one) for one in found], empty="Nothing was ever proposed.")
    return 0


def _show(args: argparse.Namespace) -> int:
    scene = open_scene(args.agency)
    found = scene.read(args.id)
    frozen = scene.read_list(found) if args.list and found.list_key is not None else None
    if args.json:
        print_json(_as_json(found) | ({"list": list(_versions(frozen))} if frozen is not None else {}))
    else:
        print_table(("what", "is"), list(_lines(found)), empty="")
        if frozen is not None:
            print_table(
                ("copy", "key", "version", "bytes"), [tuple(one.values()) for one in _versions(frozen)], empty=""
            )
    return 1 if found.state is DispositionState.STOPPED or found.stopped or found.outcome == PARTIAL else 0


def _withdraw(args: argparse.Namespace) -> int:
    done = withdraw(args.agency, args.id, by=args.by, reason=args.reason)
    if args.json:
        print_json(done)
    else:
        print(f"{done['disposition']}: withdrawn; nothing of it was destroyed")
    return 0


def _certificate(args: argparse.Namespace) -> int:
    sealed = read_certificate(args.agency, args.id)
    if args.html is not None:
        args.html.write_text(sealed.to_page(), encoding="utf-8")
    if args.json:
        sys.stdout.write(sealed.body.decode())
        sys.stdout.write("\n")
    elif args.html is not None:
        print(f"{args.html}: certificate {sealed.certificate.id}, SHA-256 {sealed.sha256}")
    else:
        found = sealed.certificate
        lines = (
            ("certificate", found.id),
            ("outcome", found.outcome),
            ("series", f"{found.series_title} ({found.series}), row {found.row}"),
            ("captured", f"{found.first_taken} to {found.last_taken}"),
            ("versions destroyed", found.versions),
            ("ended", found.ended_at),
            ("approved by", ", ".join(item.by or "the adoption" for item in found.approvals) or "the adoption"),
            ("sealed at", sealed.key),
            ("SHA-256", sealed.sha256),
            ("log", sealed.log),
        )
        print_table(("what", "is"), lines, empty="")
    return 1 if sealed.certificate.outcome == PARTIAL else 0


def _line(found: Disposition) -> tuple[object, ...]:
    return (
        found.id,
        found.state.value,
        found.series,
        len(found.volumes),
        found.versions,
        (found.proposed_at or found.stopped_at or "")[:16],
        _next(found),
    )


def _next(found: Disposition) -> str:
    match found.state:
        case DispositionState.PROPOSED:
            return f"{len(found.approvals)} answered; list valid until {found.valid_until}"
        case DispositionState.AUTHORIZED:
            return f"destroyed after {found.grace_until}"
        case DispositionState.STOPPED:
            return ", ".join(sorted({gate.code for gate in found.stopped}))
        case _:
            return found.outcome or ""


def _lines(found: Disposition) -> Iterator[tuple[str, object]]:
    yield "id", found.id
    yield "state", found.state.value
    for name in ("action", "series", "row", "reason", "proposed_by", "proposed_at", "valid_until", "list_sha256"):
        yield name.replace("_", " "), getattr(found, name) or ""
    for prefix in found.volumes:
        yield "volume", prefix
    for given in found.approvals:
        yield given.step, f"{given.answer} by {given.by or 'nobody'} at {given.answered_at}"
    for name in ("authorized_at", "grace_until", "began_at", "certified_at", "outcome", "certificate_key"):
        if getattr(found, name) is not None:
            yield name.replace("_", " "), getattr(found, name)
    for gate in found.stopped:
        yield "stopped by", str(gate)
    for told in (*found.failures, *found.anomalies):
        yield "failure", told


def _versions(frozen: FrozenList) -> Iterator[dict[str, object]]:
    return (asdict(one) for one in frozen.versions())


def _as_json(found: Disposition) -> dict[str, Any]:
    return {**asdict(found), "state": found.state.value, "open": found.is_open}
