"""What a hold is about, from the command line."""

from __future__ import annotations

import argparse
from dataclasses import replace
from datetime import date

from muniment.errors import ConfigurationError
from muniment.records.names import AccountId, SeriesId
from muniment.retention.hold_rules import MatterOrder
from muniment.retention.holds import MatterKind, Notice, Scope

_BOUNDS = {
    "accounts": Scope().accounts,
    "series": Scope().series,
    "captured_from": None,
    "captured_until": None,
    "persons": Scope().persons,
    "search": None,
}


def add_order_options(parser: argparse.ArgumentParser) -> None:
    """Declare what a notice says."""
    parser.add_argument(
        "--kind", required=True, choices=[kind.value for kind in MatterKind], help="what kind of matter"
    )
    parser.add_argument("--title", required=True, help="the matter's name")
    parser.add_argument("--number", help="the number of a court or a claim")
    parser.add_argument("--attorney", required=True, help="who issues the hold")
    parser.add_argument("--contact", required=True, help="how to reach them")
    parser.add_argument("--authority", required=True, help="the authority, or what triggered the hold")
    parser.add_argument("--acknowledge-by", type=_day, metavar="DATE", help="until when custodians acknowledge it")
    parser.add_argument("--confidentiality", help="the marking of the notice")


def add_scope_options(parser: argparse.ArgumentParser, *, amends: bool) -> None:
    """Declare what bounds a scope; where it *amends* one, what is not given stays as it was."""
    parser.add_argument("--account", action="append", default=[], help="an account; may come again (default: all)")
    parser.add_argument("--series", action="append", default=[], help="a series; may come again (default: all)")
    parser.add_argument("--captured-from", type=_day, metavar="DATE", help="first day of capture, in the agency's zone")
    parser.add_argument("--captured-until", type=_day, metavar="DATE", help="last day of capture, in the agency's zone")
    parser.add_argument(
        "--person", action="append", default=[], help="a handle or author id: volumes with their rows; may come again"
    )
    parser.add_argument("--search", help="words: volumes with a row that has all of them, or is of a person named")
    parser.add_argument(
        "--future",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="cover volumes that begin later too (default: yes)",
    )
    parser.add_argument("--everything", action="store_true", help="confirm a scope without bounds")
    parser.add_argument(
        "--custodian", action="append", default=[], help="who must acknowledge the hold; may come again"
    )
    if amends:
        parser.add_argument(
            "--unbound", action="append", default=[], choices=list(_BOUNDS), help="take a bound away; may come again"
        )


def read_order(args: argparse.Namespace) -> MatterOrder:
    """Read the matter that the arguments describe."""
    return MatterOrder(
        id=args.id,
        kind=MatterKind(args.kind),
        title=args.title,
        notice=Notice(
            attorney=args.attorney,
            contact=args.contact,
            authority=args.authority,
            number=args.number,
            acknowledge_by=args.acknowledge_by,
            confidentiality=args.confidentiality,
        ),
        scope=amended_scope(Scope(), args),
        custodians=tuple(args.custodian),
        everything=args.everything,
    )


def amended_scope(scope: Scope, args: argparse.Namespace) -> Scope:
    """Return *scope* with what the arguments give in the place of what it had.

    Raises:
        ConfigurationError: a bound is given and taken away.
    """
    given: dict[str, object] = {
        "accounts": tuple(AccountId(name) for name in args.account),
        "series": tuple(SeriesId(name) for name in args.series),
        "captured_from": args.captured_from,
        "captured_until": args.captured_until,
        "persons": tuple(args.person),
        "search": args.search,
    }
    taken = getattr(args, "unbound", [])
    if both := [name for name in taken if given[name] not in ((), None)]:
        raise ConfigurationError(f"scope: expected {', '.join(both)} either given or taken away, found both")
    changed = {name: value for name, value in given.items() if value not in ((), None)}
    changed |= {name: _BOUNDS[name] for name in taken}
    if args.future is not None:
        changed["future"] = args.future
    return replace(scope, **changed)  # type: ignore[arg-type]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a day as YYYY-MM-DD, found {text!r}") from None
