"""`muniment schedule show | diff | adopt`: how long everything is kept, and what a change would move."""

from __future__ import annotations

import argparse
from pathlib import Path

from muniment.cli.output import print_json, print_table
from muniment.cli.schedule_text import (
    describe_schedule,
    describe_versions,
    print_preview,
    print_schedule,
    tell_standing,
)
from muniment.errors import ConfigurationError, CustodyError
from muniment.records.agency import Agency
from muniment.settings import Settings, read_settings
from muniment.workflows.planning import known_agencies, open_agency
from muniment.workflows.schedules.adopt import adopt_schedule, preview_against_adopted, read_standing
from muniment.workflows.schedules.preview import Preview, preview_change
from muniment.workflows.schedules.versions import InForce, in_force, read_schedule_file
from muniment.workflows.wiring import now, open_workplace

ADOPTED = "adopted"
DESCRIPTION = """\
See how long everything is kept and by whose authority; see what a changed schedule would move
before it takes effect; adopt it.

  muniment schedule show --agency claremont
  muniment schedule diff --agency claremont
  muniment schedule diff --agency claremont --against last-year/retention.yaml
  muniment schedule adopt --agency claremont --by "A. Clerk" --preview-sha256 SHA256

`diff` compares retention.yaml with what was adopted last. A volume may be kept longer at once;
what is sealed is never shortened. `adopt` seals the decision, and is refused when `diff` would
show anything else by now, or when a volume would have no row.

Exit code: 0 when done, 1 when the file is not in force or a volume would lose its row, 2 when it
could not be done."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("action", choices=["show", "diff", "adopt"], help="what to do with the schedule")
    parser.add_argument("--agency", help="the agency's folder name, as claremont; show takes all without it")
    parser.add_argument("--against", help="diff: a retention.yaml to compare with, or the word adopted")
    parser.add_argument("--by", help="adopt: the name of whoever adopts it")
    parser.add_argument("--preview-sha256", help="adopt: the SHA-256 that `diff` ended with")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args: argparse.Namespace) -> int:
    """Show, compare or adopt a schedule, and return the exit code."""
    _check_chosen(args)
    return {"show": _show, "diff": _diff, "adopt": _adopt}[args.action](args)


def _check_chosen(args: argparse.Namespace) -> None:
    wanted = {"show": (), "diff": ("agency",), "adopt": ("agency", "by", "preview_sha256")}[args.action]
    if missing := [_option(name) for name in wanted if getattr(args, name) is None]:
        raise ConfigurationError(f"{args.action}: expected {', '.join(missing)}, found none")
    strange = {"show": ("against", "by", "preview_sha256"), "diff": ("by", "preview_sha256"), "adopt": ("against",)}
    if given := [_option(name) for name in strange[args.action] if getattr(args, name) is not None]:
        raise ConfigurationError(f"{args.action}: expected no {', '.join(given)}, found one")


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _show(args: argparse.Namespace) -> int:
    settings = read_settings()
    names = [args.agency] if args.agency else known_agencies(settings)
    shown = [_read(open_agency(name, settings), settings) for name in names]
    if args.json:
        print_json([describe_schedule(agency, standing, note) for agency, standing, note in shown])
    else:
        for agency, standing, note in shown:
            print_schedule(agency, standing, note)
    return 1 if any(standing.findings for _, standing, _ in shown) else 0


def _read(agency: Agency, settings: Settings) -> tuple[Agency, InForce, str | None]:
    if not agency.in_service:
        return agency, in_force(agency, (), now()), "It is not in service: nothing was ever adopted in a register."
    try:
        return agency, read_standing(agency.id, settings), None
    except (ConfigurationError, CustodyError) as error:
        unread = f"Its register of adopted versions was not read: {error}"
        standing = in_force(agency, (), now())
        return agency, standing, unread


def _diff(args: argparse.Namespace) -> int:
    if args.against in (None, ADOPTED):
        preview, standing = preview_against_adopted(args.agency)
        note = tell_standing(standing)
    else:
        preview = preview_change(open_workplace(args.agency), against=read_schedule_file(Path(args.against)))
        note = "Compared with a file: this preview adopts nothing."
    _print(preview, note, as_json=args.json)
    return 1 if preview.lost else 0


def _print(preview: Preview, note: str, *, as_json: bool) -> None:
    if as_json:
        print_json({**preview.to_json(), "note": note})
    else:
        print_preview(preview, note)


def _adopt(args: argparse.Namespace) -> int:
    event, preview = adopt_schedule(args.agency, by=args.by, preview_sha256=args.preview_sha256)
    if args.json:
        print_json({"event": event.id, "version": event.subject, "at": event.at, **preview.to_json()})
        return 0
    print(f"Schedule {event.subject} of {args.agency} is adopted and in force since {event.at}.")
    print_table(("volumes", "number"), list(preview.counts.items()), empty="")
    versions = read_standing(args.agency).versions
    print_table(("version", "in force since", "act", "by"), describe_versions(versions), empty="")
    return 0
