"""`muniment retention report`: what is held, due, on hold, destroyed and failed, as of any past day."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from muniment.cli.output import print_json, print_table
from muniment.retention.periods import zone_named
from muniment.workflows.reports.files import render_csv
from muniment.workflows.reports.make import make_report
from muniment.workflows.reports.page import render_page, spell_cell
from muniment.workflows.reports.report import Report
from muniment.workflows.reports.timeline import render_bars

DESCRIPTION = """\
Say what is held, what is due and what stops it, what is on hold, what was destroyed, what failed,
and whether the locks are as long as the dates; and draw how much becomes due in each month.

  muniment retention report --agency claremont
  muniment retention report --agency claremont --as-of 2026-11-30
  muniment retention report --agency claremont --as-of 2026-11-30 --html report.html --csv FOLDER

With `--as-of`, everything is as it stood when that day ended in the agency's time zone: a report
of a past day is the same whenever it is made. The page opens in any browser and prints to PDF.
No person whom a matter concerns is named.

Exit code: 0 when nothing failed, 1 when the table of failures has a line, a lock is shorter than
its date or a manifest cannot be read, 2 when it could not be done."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("action", choices=["report"], help="what to do")
    parser.add_argument("--agency", required=True, help="the agency's folder name, as claremont")
    parser.add_argument("--as-of", type=date.fromisoformat, metavar="DATE", help="the day, as 2026-11-30; now without")
    parser.add_argument("--live", action="store_true", help="ask the store for every lock as it stands now")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write the report as one page")
    parser.add_argument("--csv", type=Path, metavar="FOLDER", help="write each table as a file for a spreadsheet")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(args: argparse.Namespace) -> int:
    """Make the report, print and write it, and return the exit code."""
    report = make_report(args.agency, args.as_of, live=args.live)
    if args.html is not None:
        args.html.write_text(render_page(report), "utf-8")
    if args.csv is not None:
        args.csv.mkdir(parents=True, exist_ok=True)
        for name, text in render_csv(report):
            (args.csv / name).write_text(text, "utf-8", newline="")
    if args.json:
        print_json(report.to_json())
    else:
        _print(report)
    return 0 if report.is_sound else 1


def _print(report: Report) -> None:
    zone = zone_named(report.zone)
    print(f"{report.name}, as of {report.moment.astimezone(zone):%Y-%m-%d %H:%M} in {report.zone}")
    for line in (report.schedule, *report.remarks):
        print(line)
    for table in report.tables:
        print(f"\n{table.title.upper()}")
        rows = [
            [spell_cell(cell, column.kind, zone) for cell, column in zip(row, table.columns, strict=True)]
            for row in table.rows
        ]
        print_table([column.title for column in table.columns], rows, empty=table.empty)
    print("\nWHAT BECOMES DUE, MONTH BY MONTH")
    for line in render_bars(report.timeline):
        print(line)
