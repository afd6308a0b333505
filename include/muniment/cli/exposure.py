"""`muniment exposure`: how long something could have come and gone unseen, day by day."""

from __future__ import annotations

import argparse
from datetime import timedelta

from muniment.cli.output import print_json, print_table
from muniment.cli.span import add_span, in_hours, read_span
from muniment.workflows.coverage import list_exposure
from muniment.workflows.wiring import open_workplace

DESCRIPTION = """\
Say for each account, series and day the longest time in which something could have come and gone
between two captures and been seen by neither: from when the captures really began and ended.

  muniment exposure --agency claremont
  muniment exposure --agency claremont --series public-comments --since 2026-11-01 --until 2026-11-30

On a day without a capture it is the time from the capture before to the one after.

Exit code: 0 when every day had a capture, 1 when one had none, 2 when it could not be told."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add_span(parser)


def run(args: argparse.Namespace) -> int:
    """Print the exposure of each day, and return the exit code."""
    place = open_workplace(args.agency)
    since, until = read_span(place, args)
    found = list_exposure(place, since=since, until=until, account=args.account, series=args.series)
    if args.json:
        listed = [
            {
                "account": one.account,
                "series": one.series,
                "day": one.day.isoformat(),
                "longest_seconds": -(-one.longest // timedelta(seconds=1)),
                "captures": one.captures,
            }
            for one in found
        ]
        print_json(listed)
    else:
        rows = [
            (one.account, one.series, one.day, in_hours(one.longest), one.captures or "none: no capture that day")
            for one in found
        ]
        columns = ("account", "series", "day", "longest unseen", "captures")
        print_table(columns, rows, empty="No account was open then.")
    return 1 if any(not one.captures for one in found) else 0
