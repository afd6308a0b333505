"""`muniment compliance report | show`: the compliance report of a month."""

from __future__ import annotations

import argparse
from pathlib import Path

from muniment.cli.output import print_table
from muniment.retention.periods import zone_named
from muniment.workflows.compliance import make_report, read_document
from muniment.workflows.compliance.report import ComplianceReport
from muniment.workflows.compliance.sealed import DATA, PAGE, render_files
from muniment.workflows.reports.page import spell_cell
from muniment.workflows.wiring import open_workplace

DESCRIPTION = """\
Say of a month what was captured and missed, how long something could go unseen, what changed, what
was removed and on which ground, how each clause of the policies stands, and which findings are open.

  muniment compliance report --agency claremont
  muniment compliance report --agency claremont --month 2026-11 --html report.html --csv FOLDER
  muniment compliance show --agency claremont --month 2026-10 --html report.html

`report` makes it now and seals nothing; without a month it is the last one that is over. `show` has
the report that was sealed on the first day of the next month. The page opens in any browser and
prints to PDF. Nobody of the public is named in it, and no text is shown.

Exit code: 0 when everything was sound, 1 when something was not, 2 when it could not be made."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("action", choices=["report", "show"], help="make it now, or show the one that is sealed")
    parser.add_argument("--agency", required=True, help="the agency's folder name, as claremont")
    parser.add_argument("--month", help="the month, as 2026-11; the last one when not given")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write the report as one page")
    parser.add_argument("--csv", type=Path, metavar="FOLDER", help="write each table as a file for a spreadsheet")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(args: argparse.Namespace) -> int:
    """Make or read the report, print and write it, and return the exit code."""
    place = open_workplace(args.agency)
    if args.action == "show":
        document = read_document(place.vault, args.month)
        _write(document.files, args)
        print(document.files[DATA] if args.json else f"{document.month}: sealed as {document.key}")
        return 0 if document.is_sound else 1
    report = make_report(place, args.month)
    files = render_files(report)
    _write(files, args)
    if args.json:
        print(files[DATA], end="")
    else:
        _print(report)
    return 0 if report.is_sound else 1


def _write(files: dict[str, str], args: argparse.Namespace) -> None:
    if args.html is not None:
        args.html.write_text(files[PAGE], "utf-8")
    if args.csv is not None:
        args.csv.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            if name.endswith(".csv"):
                (args.csv / name).write_text(text, "utf-8", newline="")


def _print(report: ComplianceReport) -> None:
    zone = zone_named(report.zone)
    print(f"{report.name}, {report.month}, times of {report.zone}")
    for figure, what in report.figures:
        print(f"  {figure} {what}")
    for remark in report.remarks:
        print(remark)
    for table in report.tables:
        print(f"\n{table.title.upper()}")
        rows = [
            [spell_cell(cell, column.kind, zone) for cell, column in zip(row, table.columns, strict=True)]
            for row in table.rows
        ]
        print_table([column.title for column in table.columns], rows, empty=table.empty)
