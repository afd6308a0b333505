"""`muniment due`: which volumes are due, what stops them, and what is to come."""

from __future__ import annotations

import argparse
from datetime import date, datetime

from muniment.cli.output import print_json, print_table
from muniment.retention.periods import find_first_instant, zone_named
from muniment.workflows.clocks.due import DueLine, list_lines, summarize
from muniment.workflows.clocks.explain import in_zone
from muniment.workflows.planning import open_agency
from muniment.workflows.wiring import now

DESCRIPTION = """\
List what is due: the volumes whose disposition may be proposed, those that are due and stopped,
each with what stops it, and when the others are due.

  muniment due --agency claremont
  muniment due --agency claremont --at 2028-12-01
  muniment due --agency claremont --all

Nothing is proposed or destroyed by this.

Exit code: 0 when nothing that is due is stopped, 1 when something is, 2 when it could not be done."""
_STATES = {"due": "due", "stopped": "due, stopped", "to come": "to come", "waiting": "waits", "permanent": "for ever"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--agency", required=True, help="the agency's folder name, as claremont")
    parser.add_argument(
        "--at", type=_day, help="as of the first instant of that day, as 2028-12-01; now when not given"
    )
    parser.add_argument("--all", action="store_true", help="list what is not due yet too")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a day as 2028-12-01, found {text!r}") from None


def run(args: argparse.Namespace) -> int:
    """List what is due, and return the exit code."""
    agency = open_agency(args.agency)
    known, lines = list_lines(args.agency, _moment(args.at, agency.zone))
    listed = list(lines)
    made = summarize(known, listed)
    if args.json:
        print_json(made | ({"all": [line.to_json() for line in listed]} if args.all else {}))
    else:
        shown = [line for line in listed if args.all or line.kind in ("due", "stopped", "undecided")]
        columns = ("series", "account", "volume", "row", "state", "due", "objects", "what stops it")
        print_table(columns, [_line(line, agency.zone) for line in shown], empty="Nothing is due.")
        counts = ", ".join(f"{count} {kind}" for kind, count in made["counts"].items())
        print(f"As of {in_zone(known.at, agency.zone)}: {counts or 'no volume'}.")
        if made["retain_only"]:
            print(f"Schedule {made['schedule']} is retain-only: nothing is disposed of under it.")
        for gate in made["not_in_force"]:
            print(f"The schedule's file is not in force: {gate}.")
    return 1 if made["counts"].get("stopped") or made["counts"].get("undecided") else 0


def _moment(day: date | None, zone: str) -> datetime:
    return now() if day is None else find_first_instant(day, zone_named(zone))


def _line(line: DueLine, zone: str) -> tuple[object, ...]:
    address, due = line.state.address, line.due
    return (
        address.series,
        address.account,
        address.volume,
        due.row if due else "none",
        _STATES.get(line.kind, "no date"),
        in_zone(due.due_at, zone) if due and due.due_at else (due.waits_for or "" if due else ""),
        line.state.objects,
        "; ".join(f"{stop.code} {stop.detail}" for stop in line.stops),
    )
