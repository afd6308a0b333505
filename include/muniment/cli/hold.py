"""`muniment hold ...`: matters, their notices, and the store's holds."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from muniment.cli.hold_scope import add_order_options, add_scope_options, amended_scope, read_order
from muniment.cli.output import print_json, print_table
from muniment.errors import ConfigurationError
from muniment.retention.hold_notice import CAPTURE_REMARK, WHOLE, render_notice, scope_lines
from muniment.retention.hold_rules import find_matter, find_open
from muniment.retention.holds import Matter
from muniment.workflows.holds.acknowledgements import acknowledge
from muniment.workflows.holds.matters import Letting, amend_matter, place_matter, release_matter
from muniment.workflows.holds.reconcile import reconcile_holds
from muniment.workflows.holds.room import HoldRoom, open_room

DESCRIPTION = """\
Hold records for a matter: a claim, litigation, an audit, a CEQA flag, a records request. Any number
of matters may cover one record; the store's hold stays until the last of them is released. What is
held is not destroyed, whatever the schedule says and whoever has signed.

  muniment hold place --agency claremont --id doe-claim --kind claim --title "Claim of J. Doe" \\
      --attorney "B. Counsel" --contact counsel@claremont.example --authority "Claim 2026-14" \\
      --account bluesky-city --search "water main" --custodian "A. Clerk" --by "A. Clerk"
  muniment hold list --agency claremont
  muniment hold notice --agency claremont --id doe-claim
  muniment hold release --agency claremont --id doe-claim --attorney "B. Counsel" --reason "Settled" --by "A. Clerk"
  muniment hold reconcile --agency claremont

Exit code: 0 when done and nothing was found, 1 when something was, as an object that the store did
not hold, 2 when it could not be done."""
_ACTIONS = {
    "place": "place a matter and hold what it covers, in both copies",
    "list": "list the matters, without what they are about",
    "show": "show one matter, persons and words included: this is the hold file itself",
    "acknowledge": "enter that a custodian has acknowledged a hold",
    "amend": "give a matter another scope; what gives records up needs an attorney and a reason",
    "release": "release a matter and let go of what no other matter holds",
    "reconcile": "bring the store's holds to what the matters say, in both copies",
    "notice": "print the notice of a hold, or of its release",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, line in _ACTIONS.items():
        action = actions.add_parser(name, help=line, description=f"{line[0].upper()}{line[1:]}.")
        action.add_argument("--agency", required=True, help="the agency's folder name, as claremont")
        if name not in {"list", "reconcile"}:
            action.add_argument("--id", required=True, help="the matter's id, as doe-claim")
        _add_own(name, action)
        action.add_argument("--json", action="store_true", help="print the result as JSON")


def _add_own(name: str, action: argparse.ArgumentParser) -> None:
    if name in {"place", "acknowledge", "amend", "release"}:
        action.add_argument("--by", required=True, help="the name of who enters this")
    if name == "place":
        add_order_options(action)
    if name in {"place", "amend"}:
        add_scope_options(action, amends=name == "amend")
    if name == "acknowledge":
        action.add_argument("--custodian", required=True, help="who has acknowledged it, as the notice names them")
    if name in {"amend", "release"}:
        needed = name == "release"
        action.add_argument("--attorney", required=needed, help="on whose word records are let go")
        action.add_argument("--reason", required=needed, help="why they are")
    if name == "list":
        action.add_argument("--all", action="store_true", help="list those that are released too")


def run(args: argparse.Namespace) -> int:
    """Do what the action says, and return the exit code."""
    return {
        "place": _place,
        "list": _list,
        "show": _show,
        "acknowledge": _acknowledge,
        "amend": _amend,
        "release": _release,
        "reconcile": _reconcile,
        "notice": _notice,
    }[args.action](args)


def _place(args: argparse.Namespace) -> int:
    result = place_matter(args.agency, read_order(args), by=args.by, progress=_Progress())
    return _tell(args, result, _remarks(args))


def _amend(args: argparse.Namespace) -> int:
    room = open_room(args.agency)
    scope = amended_scope(find_open(room.register.matters(), args.id).scope, args)
    if (args.attorney is None) != (args.reason is None):
        raise ConfigurationError("amend: expected --attorney and --reason together, found one of them")
    letting = Letting(by=args.by, attorney=args.attorney, reason=args.reason) if args.attorney is not None else None
    result = amend_matter(
        args.agency,
        args.id,
        scope=scope,
        by=args.by,
        custodians=tuple(args.custodian) or None,
        everything=args.everything,
        letting=letting,
        room=room,
        progress=_Progress(),
    )
    return _tell(args, result, _remarks(args))


def _release(args: argparse.Namespace) -> int:
    letting = Letting(by=args.by, attorney=args.attorney, reason=args.reason)
    return _tell(args, release_matter(args.agency, args.id, letting=letting, progress=_Progress()), [])


def _acknowledge(args: argparse.Namespace) -> int:
    return _tell(args, acknowledge(args.agency, args.id, custodian=args.custodian, by=args.by), [])


def _reconcile(args: argparse.Namespace) -> int:
    return _tell(args, reconcile_holds(args.agency, progress=_Progress()), [])


def _list(args: argparse.Namespace) -> int:
    matters = [matter for matter in open_room(args.agency).register.matters() if args.all or matter.is_open]
    if args.json:
        print_json([_summary(matter) for matter in matters])
        return 0
    columns = ("id", "kind", "placed", "acknowledged", "narrowed", "released")
    print_table(columns, [tuple(_line(matter)) for matter in matters], empty="No matter is open: nothing is held.")
    return 0


def _show(args: argparse.Namespace) -> int:
    room = open_room(args.agency)
    matter = find_matter(room.register.matters(), args.id)
    if args.json:
        print_json(_summary(matter) | _file(matter))
        return 0
    lines: list[tuple[str, object]] = [(name.replace("_", " "), value) for name, value in _summary(matter).items()]
    lines += scope_lines(matter.scope)
    lines += [(name, matter.acknowledged.get(name, "not acknowledged")) for name in matter.custodians]
    lines += [("found in", prefix) for prefix in sorted(matter.found or ())]
    print_table(("what", "is"), lines, empty="")
    return 0


def _notice(args: argparse.Namespace) -> int:
    room: HoldRoom = open_room(args.agency)
    matter = find_matter(room.register.matters(), args.id)
    text = render_notice(room.place.agency, matter, room.register.events())
    if args.json:
        print_json({"matter": matter.id, "notice": text})
    else:
        print(text, end="")
    return 0


def _summary(matter: Matter) -> dict[str, Any]:
    return {
        "id": matter.id,
        "kind": matter.kind.value,
        "title": matter.title,
        "version": matter.amendments + 1,
        "open": matter.is_open,
        "placed_at": matter.placed_at,
        "placed_by": matter.placed_by,
        "released_at": matter.released_at,
        "custodians": len(matter.custodians),
        "unacknowledged": len(matter.unacknowledged),
        "narrowed": matter.scope.is_narrowed,
        "volumes_found": None if matter.found is None else len(matter.found),
    }


def _file(matter: Matter) -> dict[str, Any]:
    return {
        "scope": matter.scope.to_json(),
        "custodians": {name: matter.acknowledged.get(name) for name in matter.custodians},
        "found": None if matter.found is None else sorted(matter.found),
    }


def _line(matter: Matter) -> list[object]:
    named = len(matter.custodians)
    narrowed = f"{len(matter.found)} volumes" if matter.found is not None else "to be searched"
    return [
        matter.id,
        matter.kind.value,
        matter.placed_at[:16],
        f"{named - len(matter.unacknowledged)} of {named}",
        narrowed if matter.scope.is_narrowed else "",
        (matter.released_at or "")[:16],
    ]


def _remarks(args: argparse.Namespace) -> list[str]:
    return [WHOLE, *([CAPTURE_REMARK] if args.captured_from or args.captured_until else [])]


def _tell(args: argparse.Namespace, result: dict[str, Any], remarks: list[str]) -> int:
    if args.json:
        print_json(result)
    else:
        if sys.stderr.isatty():
            print(file=sys.stderr)
        told = {name.replace("_", " "): value for name, value in result.items() if name != "opened"}
        print(", ".join(f"{name}: {_spell(value)}" for name, value in told.items()))
        for remark in remarks:
            print(remark)
        if result.get("findings"):
            print("See `muniment findings list`.")
    return 1 if result.get("findings") else 0


def _spell(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(f"{count} {code}" for code, count in value.items()) or "none"
    if isinstance(value, list):
        return " ".join(str(item) for item in value) or "none"
    return "not reached" if value is None else str(value)


class _Progress:
    """Count on a terminal how many objects and rows files were looked at."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self, more: int) -> None:
        self._count += more
        if sys.stderr.isatty():
            print(f"\r{self._count:,} objects looked at", end="", file=sys.stderr, flush=True)
