"""`muniment doctor`: prove on the configured store that a lock is a lock."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict

from muniment.cli.output import print_json
from muniment.custody.doctor import DoctorReport
from muniment.records.names import format_instant
from muniment.workflows.doctor import examine_store

DESCRIPTION = """\
Try on the agency's store, with throwaway objects and locks of a few seconds, everything that
Object Lock must refuse: early deletion (also by the administrator, with bypass and in bulk),
downgrading, shortening, writing over, suspending versions, rules that expire objects. The
result is entered in the vault; captures refuse to run on a store that has not passed.

  muniment doctor --agency claremont

Exit code: 0 when the store passed, 1 when it failed, 2 when it could not be examined."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--agency", required=True, help="the agency's folder name, as claremont")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(args: argparse.Namespace) -> int:
    """Examine the store and print what was found."""
    if not args.json and sys.stderr.isatty():
        print("trying what a lock must refuse; some locks must run out first ...", file=sys.stderr)
    report = examine_store(args.agency)
    if args.json:
        print_json({**asdict(report), "examined_at": format_instant(report.examined_at), "passed": report.passed})
    else:
        _tell(report)
    return 0 if report.passed else 1


def _tell(report: DoctorReport) -> None:
    print(f"store {report.endpoint} ({report.server}), bucket {report.bucket}, probes {report.probe_set}")
    print(f"tried with the key of: {', '.join(report.keys_tried)}")
    for finding in report.findings:
        kind = "FAILS" if finding.type.stops_seal else "note "
        print(f"{kind} {finding.code}  {finding.type.sentence}\n             {finding.detail}")
    for name, value in report.notes.items():
        print(f"{name}: {value}")
    print("The store passed: its locks hold." if report.passed else "The store FAILED: captures refuse to run on it.")
