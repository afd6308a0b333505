"""`muniment findings list | show | close`: what the nightly checks found, and who answered it."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from muniment.cli.output import print_json, print_table
from muniment.errors import ConfigurationError
from muniment.workflows.findings_register import Entry, close_finding, list_entries, read_entry
from muniment.workflows.wiring import open_workplace

DESCRIPTION = """\
See what the nightly checks found. A finding stays open until a person closes it, with a reason
and a name; both are sealed with it. The same finding is not entered twice while it is open.

  muniment findings list --agency claremont
  muniment findings show --agency claremont --id ID
  muniment findings close --agency claremont --id ID --reason "restored from the second copy" --by "A. Clerk"

Exit code: 0 when done and nothing is open, 1 when findings are open, 2 when it could not be done."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("action", choices=["list", "show", "close"], help="what to do")
    parser.add_argument("--agency", required=True, help="the agency's folder name, as claremont")
    parser.add_argument("--id", help="the finding's id, as `list` shows it")
    parser.add_argument("--reason", help="why it is closed")
    parser.add_argument("--by", help="the name of the person who closes it")
    parser.add_argument("--all", action="store_true", help="list those that are closed too")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args: argparse.Namespace) -> int:
    """List, show or close findings, and return the exit code."""
    _check_chosen(args)
    place = open_workplace(args.agency)
    if args.action == "close":
        close_finding(place, args.id, reason=args.reason, by=args.by)
    if args.action == "list":
        entries = list_entries(place.vault, with_closed=args.all)
    else:
        entries = [read_entry(place.vault, args.id)]
    if args.json:
        print_json([_as_json(entry) for entry in entries])
    elif args.action == "list":
        columns = ("id", "code", "opened", "concerns", "closed")
        print_table(columns, [_line(entry) for entry in entries], empty="No finding is open.")
    else:
        print_table(("what", "is"), _lines(entries[0]), empty="")
    return 1 if any(entry.is_open for entry in entries) else 0


def _check_chosen(args: argparse.Namespace) -> None:
    wanted = {"list": (), "show": ("id",), "close": ("id", "reason", "by")}[args.action]
    missing = [f"--{name}" for name in wanted if getattr(args, name) is None]
    if missing:
        raise ConfigurationError(f"{args.action}: expected {', '.join(missing)}, found none")


def _as_json(entry: Entry) -> dict[str, object]:
    return {**asdict(entry), "sentence": entry.finding.type.sentence, "open": entry.is_open}


def _line(entry: Entry) -> tuple[object, ...]:
    return entry.id, entry.finding.code, entry.opened_at[:16], entry.finding.subject, entry.closed_at or ""


def _lines(entry: Entry) -> list[tuple[str, object]]:
    finding = entry.finding
    lines: list[tuple[str, object]] = [
        ("id", entry.id),
        ("code", finding.code),
        ("means", finding.type.sentence),
        ("asked for by", finding.type.ground),
        ("concerns", finding.subject),
        ("detail", finding.detail),
        ("count", finding.count),
        ("found by", entry.check),
        ("opened", entry.opened_at),
    ]
    if not entry.is_open:
        lines += [("closed", entry.closed_at), ("reason", entry.reason), ("by", entry.closed_by)]
    return lines
