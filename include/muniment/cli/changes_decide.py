"""`muniment changes decide`: a person says whether very many items that vanished at once were removed."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from muniment.cli.output import print_json
from muniment.records.names import AccountId, SnapshotId
from muniment.workflows.removed import enter_decision
from muniment.workflows.wiring import open_workplace

if TYPE_CHECKING:
    # argparse has no public name for what `add_subparsers` returns.
    from argparse import _SubParsersAction

    Actions = _SubParsersAction[argparse.ArgumentParser]

LINE = "say whether very many items that vanished at once were removed, or an outage"


def add(subparsers: Actions) -> None:
    """Declare the action and its arguments on *subparsers*."""
    action = subparsers.add_parser(
        "decide", help=LINE, description=f"{LINE[0].upper()}{LINE[1:]}. The decision is sealed with reason and name."
    )
    action.add_argument("--agency", required=True, help="the agency's folder name, as claremont")
    action.add_argument("--account", required=True, help="the account's id in the register")
    action.add_argument("--run", required=True, help="the run, as finding H001 and `removed list` name it")
    which = action.add_mutually_exclusive_group(required=True)
    which.add_argument("--outage", action="store_true", help="nothing was removed: what came back then is no evidence")
    which.add_argument("--removed", action="store_true", help="it is true: the items are gone")
    action.add_argument("--reason", required=True, help="how you know")
    action.add_argument("--by", required=True, help="the name of the person who decides")
    action.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args: argparse.Namespace) -> int:
    """Enter the decision that *args* state, and return the exit code."""
    account, run_id = AccountId(args.account), SnapshotId(args.run)
    place = open_workplace(args.agency)
    key = enter_decision(place, account, run_id, outage=args.outage, reason=args.reason, by=args.by)
    decision = "outage" if args.outage else "removal"
    if args.json:
        print_json({"run": args.run, "decision": decision, "event": key})
    else:
        print(f"Run {args.run}: {decision}, by {args.by}. Entered as {key}.")
    return 0
