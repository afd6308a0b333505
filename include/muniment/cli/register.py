"""`muniment register check`: every fault in an agency's files, at once."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from muniment.cli.output import print_json, print_table
from muniment.errors import AgencyFilesError
from muniment.policy.registry import CHECKS
from muniment.policy.verdicts import count_of
from muniment.records.agency import Agency
from muniment.records.policy import Tension
from muniment.register.load import lacks_policy, load_agency
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
    folder, agency, faults = settings.agencies / args.agency, None, []
    try:
        today = datetime.now(UTC).date()
        agency = load_agency(folder, simulator=settings.simulator, today=today, checks=frozenset(CHECKS))
    except AgencyFilesError as error:
        faults = error.faults
    lacking = lacks_policy(folder)
    if faults or lacking is not None or agency is None:
        return _tell(args, AgencyFilesError(args.agency, [*faults, *([lacking] if lacking is not None else [])]))
    reason = retain_only_reason(agency.schedule)
    if args.json:
        told = {"agency": agency.id, "faults": [], "accounts": len(agency.accounts), "retain_only": reason}
        print_json({**told, "tensions": [one.id for one in _tensions(agency)]})
        return 0
    print(f"{agency.name}: no faults in its files.")
    if reason:
        print(f"Retain-only: {reason}")
    if _tensions(agency):
        several = count_of(len(_tensions(agency)), "tension")
        print(f"Policies: {several} between provisions, for a person to decide: `muniment policy tensions`.")
    print_table(
        ("account", "platform", "status", "department", "series"),
        [(a.id, a.platform.value, a.status.value, a.department, ", ".join(a.series)) for a in agency.accounts],
        empty="The register lists no account yet: add one to accounts.yaml.",
    )
    return 0


def _tell(args: argparse.Namespace, error: AgencyFilesError) -> int:
    faults = [{name: getattr(fault, name) for name in fault.__slots__} for fault in error.faults]
    print_json({"agency": args.agency, "faults": faults}) if args.json else print(error)
    return 1


def _tensions(agency: Agency) -> tuple[Tension, ...]:
    return agency.policy.tensions if agency.policy is not None else ()
