"""`muniment check store | fixity`: the nightly checks, now."""

from __future__ import annotations

import argparse

from muniment.cli.output import print_json
from muniment.workflows.check_fixity import check_fixity_share, plan_fixity
from muniment.workflows.check_store import check_store_share, enter_check, plan_check_store, probe_stores
from muniment.workflows.copy_vault import NO_SECOND, has_second

DESCRIPTION = """\
Make one of the nightly checks now, on both copies. What is found is entered in the register of
findings.

  muniment check store --agency claremont     try to break locks; compare every object's lock and
                                              versions with the manifests
  muniment check fixity --agency claremont    read everything again and compare its hash

Exit code: 0 when nothing was found, 1 when something was, 2 when it could not be done."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("action", choices=["store", "fixity"], help="which check")
    parser.add_argument("--agency", required=True, help="the agency's folder name, as claremont")
    parser.add_argument("--share", action="store_true", help="fixity: tonight's share only, as the nightly run takes")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args: argparse.Namespace) -> int:
    """Make the check and print what it found."""
    result = _check_store(args.agency) if args.action == "store" else _check_fixity(args.agency, whole=not args.share)
    result["second_copy"] = has_second()
    if args.json:
        print_json(result)
    else:
        if not result["second_copy"]:
            print(NO_SECOND)
        print(
            ", ".join(f"{what.replace('_', ' ')}: {count}" for what, count in result.items() if count not in ([], {}))
        )
        print("See `muniment findings list`." if result["findings"] else "Nothing was found.")
    return 1 if result["findings"] else 0


def _check_store(agency: str) -> dict[str, object]:
    probes = probe_stores(agency)
    event = enter_check(agency, probes, [check_store_share(share) for share in plan_check_store(agency)])
    failed = {code for store in probes["stores"] for code in store["findings"]}
    codes = sorted({*event["findings"], *failed})
    return {"objects": event["objects"], "copies": event["copies"], "findings": codes}


def _check_fixity(agency: str, *, whole: bool) -> dict[str, object]:
    results = [check_fixity_share(share) for share in plan_fixity(agency, whole=whole)]
    total = {name: sum(result[name] for result in results) for name in ("units", "objects", "size_bytes")}
    return {**total, "findings": sorted({code for result in results for code in result["findings"]})}
