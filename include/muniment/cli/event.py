"""`muniment event record | withdraw | list`: events that start a retention clock."""

from __future__ import annotations

import argparse
from datetime import date

from muniment.cli.output import print_json, print_table
from muniment.errors import ConfigurationError
from muniment.evidence.register_event import RegisterEvent
from muniment.workflows.clocks.events import KINDS, About, list_events, record_event

DESCRIPTION = """\
Record an event that starts a clock: an account was terminated, a block ended, a case was closed.
It is sealed in the register `triggers`. An event is never changed: a later one of the same kind,
about the same account, series and volume, takes its place, and `withdraw` takes it back.

  muniment event record --agency claremont --event account-terminated --account bluesky-city \\
                        --on 2026-11-20 --note "closed by the department" --by "A. Clerk"
  muniment event withdraw --agency claremont --event account-terminated --account bluesky-city \\
                          --note "another account was meant" --by "A. Clerk"
  muniment event list --agency claremont

An account's `terminated_on` in accounts.yaml counts as its termination; it need not be recorded again.

Exit code: 0 when done, 2 when it could not be done."""
_WANTED = {
    "record": ("event", "account", "on", "note", "by"),
    "withdraw": ("event", "account", "note", "by"),
    "list": (),
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("action", choices=["record", "withdraw", "list"], help="what to do")
    parser.add_argument("--agency", required=True, help="the agency's folder name, as claremont")
    parser.add_argument("--event", choices=KINDS, help="what happened")
    parser.add_argument("--account", help="the account that it happened to")
    parser.add_argument("--series", help="of that account only this series")
    parser.add_argument("--volume", help="of that account only this volume, as 2026-11")
    parser.add_argument("--on", type=_day, help="the day on which it happened, in the agency's own time")
    parser.add_argument("--note", help="what the record of it is, in words")
    parser.add_argument("--by", help="the name of the person who records it")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a day as 2026-11-20, found {text!r}") from None


def run(args: argparse.Namespace) -> int:
    """Record, take back or list events, and return the exit code."""
    missing = [f"--{name}" for name in _WANTED[args.action] if getattr(args, name) is None]
    if missing:
        raise ConfigurationError(f"{args.action}: expected {', '.join(missing)}, found none")
    if args.action == "withdraw" and args.on is not None:
        raise ConfigurationError("withdraw: expected no --on, found one")
    if args.action == "list":
        events = list_events(args.agency)
    else:
        about = About(account=args.account, series=args.series, volume=args.volume)
        events = (record_event(args.agency, args.event, about, on=args.on, note=args.note, by=args.by),)
    if args.json:
        print_json([_as_json(event) for event in events])
    else:
        columns = ("event", "account", "series", "volume", "on", "entered", "by", "note")
        print_table(columns, [_line(event) for event in events], empty="No event is recorded.")
    return 0


def _as_json(event: RegisterEvent) -> dict[str, object]:
    return {"id": event.id, "event": event.event, "at": event.at, "by": event.by, **event.facts}


def _line(event: RegisterEvent) -> tuple[object, ...]:
    facts = event.facts
    on = facts.get("on") or "taken back"
    about = (facts.get("account"), facts.get("series") or "all", facts.get("volume") or "all")
    return event.event, *about, on, event.at[:16], event.by, facts.get("note")
