"""`muniment gaps`: what was missed, from when to when, why, and what to do about it."""

from __future__ import annotations

import argparse
from datetime import datetime

from muniment.changes.gaps import Gap
from muniment.cli.output import print_json, print_table
from muniment.cli.span import add_span, read_span
from muniment.records.names import format_instant
from muniment.retention.periods import zone_named
from muniment.workflows.coverage import list_gaps
from muniment.workflows.wiring import open_workplace

DESCRIPTION = """\
List what was missed: captures that were due and not made, snapshots that were quarantined, and
what a capture knew of and could not have; each with its reason, and what to do about it.

  muniment gaps --agency claremont
  muniment gaps --agency claremont --account bluesky-city --since 2026-11-01 --until 2026-11-30 --json

A gap that is a day old is sealed in the register of gaps; a younger one is worked out now.

Exit code: 0 when there is no gap, 1 when there is one, 2 when it could not be told."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add_span(parser)


def run(args: argparse.Namespace) -> int:
    """List the gaps, and return the exit code."""
    place = open_workplace(args.agency)
    since, until = read_span(place, args)
    gaps = list_gaps(place, since=since, until=until, account=args.account, series=args.series)
    if args.json:
        print_json([gap_json(gap) for gap in gaps])
    else:
        columns = ("account", "series", "from", "until", "kind", "count", "reason", "to do")
        print_table(columns, [_line(gap, place.agency.zone) for gap in gaps], empty="Nothing was missed.")
    return 1 if gaps else 0


def gap_json(gap: Gap) -> dict[str, object]:
    """Return what JSON says of *gap*; instants are UTC."""
    return {
        "id": gap.id if gap.closed else None,
        "account": gap.account,
        "series": gap.series,
        "kind": gap.kind.value,
        "begins": format_instant(gap.begins),
        "ends": format_instant(gap.ends) if gap.closed else None,
        "count": gap.count,
        "reason": gap.reason,
        "remedy": gap.remedy,
        "evidence": list(gap.evidence),
    }


def _line(gap: Gap, zone: str) -> tuple[object, ...]:
    until = _local(gap.ends, zone) if gap.closed else "still"
    return gap.account, gap.series, _local(gap.begins, zone), until, gap.kind.value, gap.count, gap.reason, gap.remedy


def _local(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(zone_named(zone)):%Y-%m-%d %H:%M}"
