"""`muniment capture`: take one account's series now, without Airflow, and seal it."""

from __future__ import annotations

import argparse
import sys

from muniment.cli.output import print_json
from muniment.errors import MunimentError
from muniment.evidence.finding_types import CATALOGUE
from muniment.records.names import format_instant
from muniment.workflows import snapshot
from muniment.workflows.catalog_record import record_sealed
from muniment.workflows.wiring import now

DESCRIPTION = """\
Take what an account shows now and seal it, as the scheduled captures do. An earlier capture
that was interrupted is finished first. Choose with --account and --series; without them
everything of the agency's active accounts is taken.

  muniment capture --agency claremont --account bluesky-city --series official-posts

Exit code: 0 when every snapshot was accepted, 1 when one was quarantined, 2 when one could not be taken."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--agency", required=True, help="the agency's folder name, as claremont")
    parser.add_argument("--account", action="append", default=[], help="only this account; may be given again")
    parser.add_argument("--series", action="append", default=[], help="only this series; may be given again")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args: argparse.Namespace) -> int:
    """Capture what *args* choose, print what was sealed, and return the exit code."""
    taken_at = format_instant(now())
    orders = snapshot.plan_captures(
        args.agency, args.account, args.series, run_id=f"command {taken_at}", taken_at=taken_at
    )
    sealed: list[snapshot.Json] = []
    failed: list[snapshot.Json] = []
    for order in orders:
        try:
            sealed.append(_take(order, quiet=args.json))
        except MunimentError as error:
            print(f"{order['account']} {order['series']}: {error}", file=sys.stderr)
            failed.append({"account": order["account"], "series": order["series"], "error": str(error)})
    record_sealed(args.agency, sealed)
    if args.json:
        print_json({"sealed": sealed, "failed": failed})
    if failed:
        return 2
    return 1 if any(item["verdict"] != "accepted" for item in sealed) else 0


def _take(order: snapshot.Json, *, quiet: bool) -> snapshot.Json:
    for step in (snapshot.capture, snapshot.parse):
        if not quiet and sys.stderr.isatty():
            print(f"{order['account']} {order['series']}: {step.__name__}", file=sys.stderr)
        step(order)
    sealed = snapshot.seal(order)
    if sealed is None:
        raise AssertionError(f"{order['snapshot']}: parsed, and yet it has no rows")
    if not quiet:
        _tell(sealed)
    return sealed


def _tell(sealed: snapshot.Json) -> None:
    print(
        f"{sealed['account']} {sealed['series']}: {sealed['rows']} rows, {sealed['new']} new, "
        f"{sealed['changed']} changed, {sealed['gone']} gone, {sealed['gaps']} gaps; {sealed['verdict']}; "
        f"locked until {sealed['locked_until']}"
    )
    for code, count in sealed["findings"]:
        print(f"  {code} x{count}  {CATALOGUE[code].sentence}")
