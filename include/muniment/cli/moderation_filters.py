"""`muniment moderation filters add | list | show`: word-filter and block lists by version."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from muniment.cli.moderation_record import NOW
from muniment.cli.moderation_text import spell_time
from muniment.cli.output import print_json, print_table
from muniment.errors import ModerationError
from muniment.policy.moderation.cases import FilterVersion
from muniment.policy.moderation.filters import list_changes
from muniment.policy.moderation.ledger import FILTER_KINDS
from muniment.policy.moderation.times import read_time
from muniment.records.names import format_instant
from muniment.workflows.moderation.lists import add_filter, list_versions
from muniment.workflows.wiring import Workplace, open_workplace

_ACTIONS = {
    "add": "seal a file as the version in force from a time on",
    "list": "list every version of every list",
    "show": "show a version, and what it changed of the one before it",
}


def configure_filters(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `filters` on *parser*."""
    actions = parser.add_subparsers(dest="filters", metavar="ACTION", required=True)
    for name, line in _ACTIONS.items():
        action = actions.add_parser(name, help=line, description=f"{line[0].upper()}{line[1:]}.")
        action.add_argument("--agency", required=True, help="the agency's folder name, as claremont")
        if name != "list":
            action.add_argument("--list", required=True, help="the list's name, as swearing")
        if name == "add":
            _add_own(action)
        if name == "show":
            action.add_argument("--version", type=int, help="its number; the latest where it is left out")
        action.add_argument("--json", action="store_true", help="print the result as JSON")


def _add_own(action: argparse.ArgumentParser) -> None:
    action.add_argument("--file", type=Path, required=True, help="UTF-8, an entry a line")
    action.add_argument("--kind", choices=FILTER_KINDS, required=True, help="what an entry is")
    action.add_argument(
        "--account", action="append", required=True, help="on which account it works; may be given again"
    )
    action.add_argument("--since", required=True, help="from when on, as '2026-11-20 08:00', or now")
    action.add_argument("--until", help="until when, where that is known; else until the next version")
    action.add_argument("--by", required=True, help="the name of who enters it")


def run_filters(args: argparse.Namespace) -> int:
    """Do what the action says, and return the exit code."""
    place = open_workplace(args.agency)
    return {"add": _add, "list": _list, "show": _show}[args.filters](args, place)


def _add(args: argparse.Namespace, place: Workplace) -> int:
    if not args.file.is_file():
        raise ModerationError(f"list {args.list}", [f"--file: expected a file, found none at {args.file}"])
    version = add_filter(
        place,
        args.list,
        args.file,
        kind=args.kind,
        accounts=tuple(args.account),
        since=_moment(args.since, "--since", place),
        until=None if args.until is None else _moment(args.until, "--until", place),
        by=args.by,
    )
    if args.json:
        print_json(_as_json(version))
    else:
        print(f"list {version.list}: version {version.number}, {len(version.lines)} entries, SHA-256 {version.sha256}")
    return 0


def _moment(text: str, option: str, place: Workplace) -> datetime:
    if text.strip().casefold() == NOW:
        return place.clock()
    try:
        return read_time(text, place.agency.zone)
    except ModerationError as error:
        raise ModerationError(option, error.faults) from None


def _list(args: argparse.Namespace, place: Workplace) -> int:
    versions, zone = list_versions(place), place.agency.zone
    if args.json:
        print_json([_as_json(version) for version in versions])
        return 0
    columns = ("list", "version", "kind", "entries", "accounts", "since", "until", "sha-256", "by")
    rows = [
        (v.list, v.number, v.kind, len(v.lines), " ".join(v.accounts), *_span(v, zone), v.sha256[:16], v.added_by)
        for v in versions
    ]
    print_table(columns, rows, empty="No list was entered yet.")
    return 0


def _show(args: argparse.Namespace, place: Workplace) -> int:
    versions = list_versions(place)
    changes = list_changes([version for version in versions if version.list == args.list])
    if not changes:
        known = ", ".join(dict.fromkeys(version.list for version in versions)) or "none yet"
        raise ModerationError("--list", [f"expected one of {known}, found {args.list!r}"])
    wanted = [one for one in changes if args.version in (None, one.version.number)]
    if not wanted:
        raise ModerationError(
            f"list {args.list}", [f"expected a version from 1 to {len(changes)}, found {args.version}"]
        )
    change = wanted[-1]
    if args.json:
        print_json(_as_json(change.version) | {"added": list(change.added), "removed": list(change.removed)})
        return 0
    gone = [("-", line) for line in change.removed]
    here = [("+" if line in set(change.added) else "", line) for line in change.version.lines]
    print(f"{args.list}, version {change.version.number}, {' to '.join(_span(change.version, place.agency.zone))}")
    print_table(("", "entry"), [*gone, *here], empty="")
    return 0


def _span(version: FilterVersion, zone: str) -> tuple[str, str]:
    return spell_time(version.since, zone) or "", spell_time(version.until, zone) or "now"


def _as_json(version: FilterVersion) -> dict[str, object]:
    times = {"since": format_instant(version.since), "until": version.until and format_instant(version.until)}
    return asdict(version) | times
