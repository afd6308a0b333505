"""`muniment registers list | show`: what was entered in the registers of holds, schedules, approvals and so on."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from datetime import date

from muniment.cli.output import print_json, print_table
from muniment.errors import ConfigurationError
from muniment.evidence.register_event import RegisterEvent
from muniment.workflows.reports.register_view import list_registers, show_register

DESCRIPTION = """\
Read the registers: events that were sealed one by one and that nothing changes. The state of
holds, schedules, approvals and dispositions is made from them alone.

  muniment registers list --agency claremont
  muniment registers show holds --agency claremont
  muniment registers show schedules --agency claremont --as-of 2026-11-30 --json

With `--as-of`, only what had been entered when that day ended in the agency's time zone. The
persons and words that a matter looks for are not shown here; `muniment hold show` shows them.

Exit code: 0 when done, 2 when it could not be done."""
_LONGEST = 60  # of a fact in the table; JSON has it whole


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("action", choices=["list", "show"], help="what to do")
    parser.add_argument("register", nargs="?", help="show: which register, as holds")
    parser.add_argument("--agency", required=True, help="the agency's folder name, as claremont")
    parser.add_argument("--as-of", type=date.fromisoformat, metavar="DATE", help="show: the day, as 2026-11-30")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args: argparse.Namespace) -> int:
    """List the registers or show one, and return the exit code."""
    if (args.register is None) == (args.action == "show") or (args.action == "list" and args.as_of is not None):
        raise ConfigurationError("registers: expected `list`, or `show` with a register; found another combination")
    if args.action == "list":
        _list(args)
    else:
        _show(args)
    return 0


def _list(args: argparse.Namespace) -> None:
    found = list_registers(args.agency)
    if args.json:
        print_json([asdict(summary) for summary in found])
        return
    rows = [(one.register, one.entries, one.first_month, one.last_month) for one in found]
    print_table(("register", "entries", "first month", "last month"), rows, empty="No register has an entry yet.")


def _show(args: argparse.Namespace) -> None:
    events = show_register(args.agency, args.register, args.as_of)
    if args.json:
        print_json([asdict(event) for event in events])
        return
    rows = [(event.at[:19], event.event, event.subject, event.by, _facts(event)) for event in events]
    empty = f"Nothing had been entered in the register of {args.register} by then."
    print_table(("at (UTC)", "event", "subject", "by", "facts"), rows, empty=empty)


def _facts(event: RegisterEvent) -> str:
    return "; ".join(f"{name}: {_short(value)}" for name, value in event.facts.items() if value not in (None, [], ""))


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
