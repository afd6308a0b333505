"""`muniment removed list | show`: what was asked for after it vanished, and what is concluded of it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from muniment.cli.output import print_json, print_table
from muniment.errors import ConfigurationError
from muniment.records.changes import Confidence, Removal
from muniment.records.names import AccountId, format_instant
from muniment.records.series import REMOVED_CONTENT
from muniment.workflows.history import list_pairs
from muniment.workflows.removed import list_removals
from muniment.workflows.wiring import Workplace, open_workplace

DESCRIPTION = """\
See what is no longer shown: removed, taken down by the platform, its author gone, deactivated or
blocked, hidden, or back again. Each was asked for by name, and vanished between two moments: it was
still there at the first, the platform said at the second that it was not.

  muniment removed list --agency claremont
  muniment removed list --agency claremont --account bluesky-city --since 2026-11-01
  muniment removed show --agency claremont --account bluesky-city --item ID

`confirmed` was asked for twice, at least a day apart, with the same answer; `unconfirmed` once.
`outage` vanished with very many others: `muniment changes decide` says whether that is true.

Exit code: 0 when listed, 1 when something waits for a person's decision, 2 when it could not be done."""
_ACTIONS = {"list": "list what vanished, without names", "show": "show one item with its originator and the answers"}
_SPAN = timedelta(days=30)
_EVER = datetime(1970, 1, 2, tzinfo=UTC)


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, line in _ACTIONS.items():
        action = actions.add_parser(name, help=line, description=f"{line[0].upper()}{line[1:]}.")
        action.add_argument("--agency", required=True, help="the agency's folder name, as claremont")
        action.add_argument("--account", required=name == "show", help="the account's id in the register")
        if name == "list":
            action.add_argument("--since", type=_day, help="a day in the agency's time; 30 days ago unless given")
            action.add_argument("--until", type=_day, help="a day, included whole; now unless given")
        else:
            action.add_argument("--item", required=True, help="the item's id, as `list` shows it")
        action.add_argument("--json", action="store_true", help="print the result as JSON")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a day as 2026-11-21, found {text!r}") from None


def run(args: argparse.Namespace) -> int:
    """List or show what *args* name, and return the exit code."""
    place = open_workplace(args.agency)
    removals = _list(args, place) if args.action == "list" else _show(args, place)
    return 1 if any(one.change.confidence is Confidence.OUTAGE for one in removals) else 0


def _list(args: argparse.Namespace, place: Workplace) -> list[Removal]:
    zone = ZoneInfo(place.agency.zone)
    now = place.clock()
    since = now - _SPAN if args.since is None else datetime.combine(args.since, time(), zone)
    until = now if args.until is None else datetime.combine(args.until + timedelta(days=1), time(), zone)
    if since >= until:
        raise ConfigurationError(f"list: expected --since before --until, found {args.since} and {args.until}")
    found = [
        one
        for account in _choose(place, args.account)
        for one in list_removals(place, account, since=since, until=until)
    ]
    if args.json:
        print_json([_to_json(one) | {"author": None} for one in found])
        return found
    print_table(
        ("account", "series", "what", "confidence", "after", "before", "item", "run"),
        [_line(one, zone) for one in found],
        empty=f"Nothing is on record as vanished from {_local(since, zone)} to {_local(until, zone)}.",
    )
    return found


def _choose(place: Workplace, account: str | None) -> list[AccountId]:
    held = sorted({one for one, series in list_pairs(place.vault) if series == REMOVED_CONTENT})
    known = sorted({*held, *(one.id for one in place.agency.accounts)})
    if account is not None and account not in known:
        raise ConfigurationError(f"account: expected one of {', '.join(known)}, found {account!r}")
    return held if account is None else [AccountId(account)]


def _show(args: argparse.Namespace, place: Workplace) -> list[Removal]:
    (account,) = _choose(place, args.account)
    until = place.clock() + timedelta(days=1)
    found = [one for one in list_removals(place, account, since=_EVER, until=until) if one.change.item_id == args.item]
    if not found:
        raise ConfigurationError(f"{account}: expected an item that vanished, found none by that id")
    if args.json:
        print_json(_to_json(found[0]))
    else:
        print_table(("what", "is"), _lines(found[0], ZoneInfo(place.agency.zone)), empty="")
    return found


def _line(one: Removal, zone: ZoneInfo) -> tuple[object, ...]:
    change = one.change
    moments = (_local(change.window.last_seen, zone), _local(change.window.first_missing, zone))
    what = (change.account, change.series, change.kind.value, change.confidence.value)
    return (*what, *moments, change.item_id, one.snapshot)


def _lines(one: Removal, zone: ZoneInfo) -> Iterator[tuple[str, object]]:
    names = ("account", "series", "what", "confidence", "vanished after", "vanished before", "item", "told by run")
    yield from zip(names, _line(one, zone), strict=True)
    yield "state", one.state.value
    yield "originator", " ".join(filter(None, (one.author_handle, one.author_id))) or one.unavailable_reason
    yield "published", _local(one.published_at, zone) if one.published_at else one.unavailable_reason
    yield "last snapshot with it", one.change.before or "none: it was never captured"
    yield "first without it", one.change.after or ""
    for probe in one.change.probes:
        yield f"asked {_local(probe.asked_at, zone)}", f"{probe.state.value} (run {probe.snapshot}, page {probe.page})"


def _to_json(one: Removal) -> dict[str, object]:
    change = one.change
    return {
        "account": change.account,
        "series": change.series,
        "item": change.item_id,
        "kind": change.kind.value,
        "state": one.state.value,
        "confidence": change.confidence.value,
        "last_seen": format_instant(change.window.last_seen),
        "first_missing": format_instant(change.window.first_missing),
        "before": change.before,
        "after": change.after,
        "run": one.snapshot,
        "author": {"id": one.author_id, "handle": one.author_handle},
        "published_at": format_instant(one.published_at) if one.published_at else None,
        "unavailable_reason": one.unavailable_reason,
        "captured_before": one.captured_before,
        "probes": [
            {"asked_at": format_instant(probe.asked_at), "at": format_instant(probe.at), "state": probe.state.value}
            for probe in change.probes
        ],
    }


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"
