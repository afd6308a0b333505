"""`muniment coverage`: which captures were due, and which were made, as a calendar."""

from __future__ import annotations

import argparse

from muniment.changes.calendar import draw_up, render_calendar
from muniment.changes.coverage import SlotOutcome, count_outcomes
from muniment.cli.output import print_json
from muniment.cli.span import add_span, read_span
from muniment.records.names import format_instant
from muniment.retention.periods import zone_named
from muniment.workflows.coverage import read_coverage
from muniment.workflows.coverage.spans import local_days
from muniment.workflows.wiring import open_workplace

DESCRIPTION = """\
Compare the captures that the timetable asked for with the snapshots in the vault: a row for each
account and series, a column for each day; for one or two days, a column for each hour.

  muniment coverage --agency claremont
  muniment coverage --agency claremont --since 2026-11-01 --until 2026-11-30
  muniment coverage --agency claremont --account bluesky-city --since 2026-11-21 --until 2026-11-21

Captures are due from the day on which the account was opened. `muniment gaps` says why one is missing.

Exit code: 0 when every capture was made and accepted, 1 when one was not, 2 when it could not be told."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add_span(parser)


def run(args: argparse.Namespace) -> int:
    """Print the calendar, and return the exit code."""
    place = open_workplace(args.agency)
    since, until = read_span(place, args)
    slots = read_coverage(place, since=since, until=until, account=args.account, series=args.series)
    counts = count_outcomes(slots)
    if args.json:
        listed = [
            {
                "account": slot.account,
                "series": slot.series,
                "expected_at": format_instant(slot.expected_at),
                "made": slot.made,
                "outcome": slot.outcome,
            }
            for slot in slots
        ]
        print_json({"counts": {outcome.value: count for outcome, count in counts.items()}, "slots": listed})
    elif not slots:
        print("No capture was due. `muniment register check` says which accounts are active, and since when.")
    else:
        days = local_days(since, until, place.agency.zone)
        for line in render_calendar(draw_up(slots, days, zone_named(place.agency.zone))):
            print(line)
        print(f"{len(slots)} due in {place.agency.zone}: {_spell(counts)}.")
    return 1 if counts[SlotOutcome.MISSED] or counts[SlotOutcome.QUARANTINED] else 0


def _spell(counts: dict[SlotOutcome, int]) -> str:
    return ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
