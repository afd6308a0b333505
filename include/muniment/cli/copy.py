"""`muniment copy run`: bring the second copy up to date now."""

from __future__ import annotations

import argparse

from muniment.cli.output import print_json
from muniment.workflows.copy_vault import NO_SECOND, copy_share, plan_copy

DESCRIPTION = """\
Copy to the second store whatever it lacks, each object under a lock as long as its own, and
read every copy back. Nothing in the second copy is ever written over. Airflow does this after
every snapshot and every night.

  muniment copy run --agency claremont

Exit code: 0 when the second copy is whole, 1 when there are findings or no second store, 2 when it
could not be done."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("action", choices=["run"], help="what to do")
    parser.add_argument("--agency", required=True, help="the agency's folder name, as claremont")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args: argparse.Namespace) -> int:
    """Copy what is missing and print what was done."""
    shares = plan_copy(args.agency, whole=True)
    results = [copy_share(share) for share in shares]
    total = {name: sum(result[name] for result in results) for name in ("objects", "copied", "size_bytes", "mended")}
    codes = sorted({code for result in results for code in result["findings"]})
    if args.json:
        print_json({"second_copy": bool(shares), **total, "findings": codes})
    elif not shares:
        print(NO_SECOND)
    else:
        print(
            f"{total['objects']} sealed objects; copied now: {total['copied']} ({total['size_bytes']:,} bytes), "
            f"locks lengthened: {total['mended']}."
        )
        print(f"Findings: {', '.join(codes)}; see `muniment findings list`." if codes else "The second copy is whole.")
    return 0 if shares and not codes else 1
