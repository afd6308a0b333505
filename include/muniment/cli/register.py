"""`muniment register check`: every fault in an agency's files, at once."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from muniment.cli.output import print_json, print_table
from muniment.errors import AgencyFilesError
from muniment.register.load import load_agency
from muniment.register.schedule_checks import retain_only_reason
from muniment.settings import read_settings
from muniment.workflows.planning import check_agency

DESCRIPTION = """\
Read an agency's files and say everything that is wrong with them, each fault with its
file and line, what was expected and what was found. Nothing is captured and nothing changed.

  muniment register check --agency claremont

Exit code: 0 when there is no fault, 1 when there are faults, 2 when it could not be checked."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("action", choices=["check"], help="what to do with the register")
    parser.add_argument("--agency", required=True, help="the agency's folder name, as claremont")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args: argparse.Namespace) -> int:
    """Check the agency's files and print what is wrong."""
    settings = read_settings()
    check_agency(args.agency, settings)
    try:
        today = datetime.now(UTC).date()
        agency = load_agency(settings.agencies / args.agency, simulator=settings.simulator, today=today)
    except AgencyFilesError as error:
        faults = [{name: getattr(fault, name) for name in fault.__slots__} for fault in error.faults]
        print_json({"agency": args.agency, "faults": faults}) if args.json else print(error)
        return 1
    reason = retain_only_reason(agency.schedule)
    if args.json:
        print_json({"agency": agency.id, "faults": [], "accounts": len(agency.accounts), "retain_only": reason})
        return 0
    print(f"{agency.name}: no faults in its files.")
    if reason:
        print(f"Retain-only: {reason}")
    print_table(
        ("account", "platform", "status", "department", "series"),
        [(a.id, a.platform.value, a.status.value, a.department, ", ".join(a.series)) for a in agency.accounts],
        empty="The register lists no account yet: add one to accounts.yaml.",
    )
    return 0
