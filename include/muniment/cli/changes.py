"""`muniment changes list | show | decide`: what happened to posts, comments and followers between captures."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from muniment.cli import changes_decide
from muniment.cli.output import print_json, print_table
from muniment.errors import ConfigurationError
from muniment.records.changes import Change, ChangeKind, FieldChange
from muniment.records.names import format_instant
from muniment.records.series import SUBSCRIBER_LISTS
from muniment.workflows.changes.item import ItemHistory, read_item_history
from muniment.workflows.changes.listing import choose_pairs, list_changes
from muniment.workflows.wiring import Workplace, open_workplace

DESCRIPTION = """\
See what happened to posts, comments and followers from one capture to the next: appeared, edited,
hidden, unhidden, missing, reappeared. Each change lies between two moments: the old state was still
there at the first, the new one was there at the second.

  muniment changes list --agency claremont
  muniment changes list --agency claremont --account bluesky-city --since 2026-11-01 --kind hidden --kind missing
  muniment changes show --agency claremont --account bluesky-city --series public-comments --item ID

`list` shows no texts. `show` tells one item's whole history with its texts side by side. What is
missing is no longer listed, which proves nothing yet. Likes and other counters move all the
time: they are listed with --kind counters-moved.

Exit code: 0 when listed or shown, 2 when it could not be done."""
_ACTIONS = {
    "list": "list what happened, without texts",
    "show": "show one item's history, texts included",
}
_SPAN = timedelta(days=30)


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, line in _ACTIONS.items():
        action = actions.add_parser(name, help=line, description=f"{line[0].upper()}{line[1:]}.")
        needed = name == "show"
        action.add_argument("--agency", required=True, help="the agency's folder name, as claremont")
        action.add_argument("--account", required=needed, help="the account's id in the register")
        action.add_argument("--series", required=needed, help="the series, as public-comments")
        if name == "list":
            _add_choice(action)
        else:
            action.add_argument("--item", required=True, help="the item's id, as `changes list` shows it")
        action.add_argument("--json", action="store_true", help="print the result as JSON")
    changes_decide.add(actions)


def _add_choice(action: argparse.ArgumentParser) -> None:
    when = "a day, or a time as 2026-11-21T14:00, in the agency's own time"
    action.add_argument("--since", type=_moment, help=f"{when}; 30 days ago unless given")
    action.add_argument("--until", type=_moment, help=f"{when}; a day is included whole; now unless given")
    kinds = [kind.value for kind in ChangeKind]
    action.add_argument(
        "--kind", action="append", choices=kinds, metavar="KIND", help=f"only these: {', '.join(kinds)}"
    )


def _moment(text: str) -> date | datetime:
    try:
        return date.fromisoformat(text) if len(text) == len("2026-11-21") else datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a day or a time as 2026-11-21T14:00, found {text!r}") from None


def run(args: argparse.Namespace) -> int:
    """List or show what *args* name, and return the exit code."""
    return {"list": _list, "show": _show, "decide": changes_decide.run}[args.action](args)


def _list(args: argparse.Namespace) -> int:
    place = open_workplace(args.agency)
    since, until = _span(args, place)
    changes = _find(args, place, since, until)
    if args.json:
        print_json([_to_json(change) for change in changes])
        return 0
    print_table(
        ("account", "series", "what", "after", "before", "item", "fields"),
        [_line(change, place.agency.zone) for change in changes],
        empty=f"No change is on record from {_local(since, place.agency.zone)} to {_local(until, place.agency.zone)}. "
        "A change shows between two accepted captures: `muniment snapshots list` names those that there are, and "
        "--since looks further back.",
    )
    return 0


def _find(args: argparse.Namespace, place: Workplace, since: datetime, until: datetime) -> Iterator[Change]:
    kinds = None if args.kind is None else [ChangeKind(kind) for kind in args.kind]
    for account, series in choose_pairs(place, account=args.account, series=args.series):
        yield from list_changes(place, account, series, since=since, until=until, kinds=kinds)


def _span(args: argparse.Namespace, place: Workplace) -> tuple[datetime, datetime]:
    now, zone = place.clock(), ZoneInfo(place.agency.zone)
    since = now - _SPAN if args.since is None else _aware(args.since, zone)
    until = now if args.until is None else _aware(args.until, zone, whole_day=True)
    if since >= until:
        raise ConfigurationError(f"list: expected --since before --until, found {args.since} and {args.until}")
    return since, until


def _aware(moment: date | datetime, zone: ZoneInfo, *, whole_day: bool = False) -> datetime:
    if isinstance(moment, datetime):
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return datetime.combine(moment + timedelta(days=whole_day), time(), tzinfo=zone)


def _line(change: Change, zone: str) -> tuple[object, ...]:
    return (
        change.account,
        change.series,
        change.kind.value,
        _local(change.window.last_seen, zone),
        _local(change.window.first_missing, zone),
        _shown_id(change),
        ", ".join(field.name for field in change.fields),
    )


def _shown_id(change: Change) -> str:
    # A newsletter without ids of its own has addresses for ids.
    return _masked(change.item_id) if change.series == SUBSCRIBER_LISTS else change.item_id


def _masked(text: str) -> str:
    name, at, host = text.partition("@")
    return f"{name[:1]}***@{host}" if name and at else text


def _to_json(change: Change) -> dict[str, object]:
    return {
        "account": change.account,
        "series": change.series,
        "item": _shown_id(change),
        "kind": change.kind.value,
        "confidence": change.confidence.value,
        "last_seen": format_instant(change.window.last_seen),
        "first_missing": format_instant(change.window.first_missing),
        "before": change.before,
        "after": change.after,
        "fields": [field.name for field in change.fields],
    }


def _show(args: argparse.Namespace) -> int:
    place = open_workplace(args.agency)
    ((account, series),) = choose_pairs(place, account=args.account, series=args.series)
    history = read_item_history(place, account, series, args.item)
    if args.json:
        print_json(_history_to_json(history))
        return 0
    zone = place.agency.zone
    print(f"{history.item_id}: first listed by the capture that ended {_local(history.first_seen, zone)}.")
    print_table(("what", "after", "before", "field", "was", "is"), _lines_of(history, zone), empty="")
    return 0


def _lines_of(history: ItemHistory, zone: str) -> Iterator[tuple[object, ...]]:
    for field in history.fields:
        yield ("first listed", "", _local(history.first_seen, zone), field.name, *_values(field))
    for change in history.changes:
        moments = (_local(change.window.last_seen, zone), _local(change.window.first_missing, zone))
        told = [(field.name, *_values(field)) for field in change.fields]
        for values in told or [("", "", "")]:
            yield (change.kind.value, *moments, *values)


def _values(field: FieldChange) -> tuple[str, str]:
    before, after = (value if value is not None else "" for value in (field.before, field.after))
    return (_masked(before), _masked(after)) if field.name == "address" else (before, after)


def _history_to_json(history: ItemHistory) -> dict[str, object]:
    return {
        "item": history.item_id,
        "first_snapshot": history.first.snapshot,
        "first_seen": format_instant(history.first_seen),
        "fields": [_field_to_json(field) for field in history.fields],
        "changes": [
            _to_json(change) | {"item": history.item_id, "fields": [_field_to_json(field) for field in change.fields]}
            for change in history.changes
        ],
    }


def _field_to_json(field: FieldChange) -> dict[str, str | None]:
    masked = field.name == "address"
    before, after = (_masked(value) if masked and value else value for value in (field.before, field.after))
    return {"name": field.name, "before": before, "after": after}


def _local(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S %Z}"
