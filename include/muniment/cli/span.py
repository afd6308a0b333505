"""The span of days that a command is asked about: dates in the agency's zone, and which account and series."""

from __future__ import annotations

import argparse
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from muniment.errors import ConfigurationError
from muniment.workflows.coverage.spans import span_of_days
from muniment.workflows.wiring import Workplace

_LAST_DAYS = 6  # before today, when nothing else is asked for: a week


def add_span(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of a span, an account and a series on *parser*."""
    parser.add_argument("--agency", required=True, help="the agency's folder name, as claremont")
    parser.add_argument("--account", help="only this account, by its id in the register")
    parser.add_argument("--series", help="only this series, as official-posts")
    parser.add_argument("--since", type=day, metavar="DATE", help="the first day, there; a week ago when not given")
    parser.add_argument("--until", type=day, metavar="DATE", help="the last day, there; today when not given")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def day(text: str) -> date:
    """Read a day as a command's argument."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a day as 2026-11-21, found {text!r}") from None


def read_span(place: Workplace, args: argparse.Namespace) -> tuple[datetime, datetime]:
    """Return the first instant of the first day that *args* ask about, and the first after the last (aware UTC).

    Raises:
        ConfigurationError: the first day is after the last, or no such account or series is registered.
    """
    today = place.clock().astimezone(ZoneInfo(place.agency.zone)).date()
    last: date = args.until or today
    first: date = args.since or min(last, today) - timedelta(days=_LAST_DAYS)
    if first > last:
        raise ConfigurationError(f"span: expected --since up to --until, found {first} after {last}")
    _check_known("account", args.account, [str(one.id) for one in place.agency.accounts])
    _check_known("series", args.series, sorted({str(name) for one in place.agency.accounts for name in one.series}))
    return span_of_days(first, last, place.agency.zone)


def _check_known(what: str, chosen: str | None, known: list[str]) -> None:
    if chosen is not None and chosen not in known:
        raise ConfigurationError(f"{what}: expected one of {', '.join(known)}; found {chosen!r}")


def in_hours(length: timedelta) -> str:
    """Spell *length* in days, hours and minutes, rounded up to a minute."""
    minutes = -(-length // timedelta(minutes=1))
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    return f"{days} d {hours} h {minutes:02} min" if days else f"{hours} h {minutes:02} min"
