"""`muniment moderation record ...`: one entry of a case."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from muniment.cli.output import print_json
from muniment.errors import ModerationError
from muniment.policy.moderation.case_rows import read_row
from muniment.policy.moderation.cases import Deed, Undoing, Verdict
from muniment.records.names import format_instant
from muniment.workflows.moderation.room import enter_case, open_desk
from muniment.workflows.wiring import open_workplace

_KINDS = {
    "notice": "somebody told the agency of it, or staff saw it",
    "decision": "what was decided, on which ground",
    "action": "what was done on the platform",
    "review": "what the second reviewer says",
    "counsel": "what counsel says; an override comes before the decision that uses it",
    "reversal": "what was done was taken back, or a block ended",
    "block-review": "a block was reviewed and stands",
}
# Of each kind: its options, each with the column of a CSV drop that it fills, whether it must be there, its help.
_ITEM = {
    "account": ("account", False, "the account that it happens on, as the register names it"),
    "item": ("item", False, "the item's id on the platform, or its address"),
    "originator": ("originator", False, "the author's name on the platform"),
}
_OPTIONS: Mapping[str, Mapping[str, tuple[str, bool, str]]] = {
    "notice": {
        **_ITEM,
        "at": ("noticed_at", True, "when it was received"),
        "by": ("received_by", True, "who received it"),
        "how": ("notice_how", True, "how: e-mail, telephone, counter, monitoring"),
        "note": ("notice_note", False, "a note"),
    },
    "decision": {
        **_ITEM,
        "at": ("decided_at", True, "when it was decided"),
        "by": ("decided_by", True, "who decided"),
        "verdict": ("decision", True, f"one of {', '.join(Verdict)}"),
        "ground": ("grounds", False, "the ground, as C7-v or C7-i/threat; may be given again"),
        "rationale": ("rationale", False, "why, in words"),
        "policy-version": ("policy_version", False, "the version of the policy; that in force where it is left out"),
        "law": ("law", False, "the law that is violated"),
        "reference": ("reference", False, "the claim or notice"),
        "duplicates": ("duplicates", False, "how often it came"),
        "terms": ("terms", False, "the snapshot of the platform's terms"),
        "referral": ("referral", False, "to whom it was referred"),
        "scope": ("scope", False, "of a block: where and from what"),
        "review-on": ("review_on", False, "of a block: the day of its review"),
        "ends-on": ("ends_on", False, "of a block: the day on which it ends"),
    },
    "action": {
        **_ITEM,
        "at": ("acted_at", True, "when it was done"),
        "by": ("acted_by", True, "who did it"),
        "did": ("action", True, f"one of {', '.join(Deed)}"),
        "unavailable": ("unavailable", False, "why the author's name is not known"),
        "filter": ("filter", False, "the filter or block list that did it"),
    },
    "review": {
        "at": ("reviewed_at", True, "when"),
        "by": ("reviewer", True, "who gave the second look"),
        "agrees": ("review_agrees", True, "yes or no"),
        "note": ("review_note", False, "a note"),
    },
    "counsel": {
        "at": ("counsel_at", True, "when"),
        "by": ("counsel", True, "who signed"),
        "agrees": ("counsel_agrees", True, "yes or no"),
        "override": ("counsel_override", False, "yes: a ground that is switched off may be used"),
        "note": ("counsel_note", False, "a note"),
    },
    "reversal": {
        "at": ("reversed_at", True, "when"),
        "by": ("reversed_by", True, "who did it"),
        "how": ("reversal", True, f"one of {', '.join(Undoing)}"),
        "reason": ("reversal_reason", True, "why"),
    },
    "block-review": {
        "at": ("block_reviewed_at", True, "when"),
        "by": ("block_reviewer", True, "who reviewed it"),
        "review-on": ("block_review_on", True, "the day of the next review"),
        "reason": ("block_review_reason", True, "why it stands"),
    },
}
NOW = "now"
_BEGINS = frozenset({"notice", "decision", "action", "counsel"})


def configure_record(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `record` on *parser*."""
    kinds = parser.add_subparsers(dest="kind", metavar="WHAT", required=True)
    for kind, line in _KINDS.items():
        entry = kinds.add_parser(kind, help=line, description=f"{line[0].upper()}{line[1:]}.")
        entry.add_argument("--agency", required=True, help="the agency's folder name, as claremont")
        new = "; a new one where it is left out" if kind in _BEGINS else ""
        entry.add_argument("--case", required=kind not in _BEGINS, help=f"the case that it belongs to{new}")
        for option, (_, needed, text) in _OPTIONS[kind].items():
            told = f"{text}: a time as '2026-11-20 14:05', or now" if option == "at" else text
            repeated = {"action": "append"} if option == "ground" else {}
            entry.add_argument(f"--{option}", required=needed, help=told, **repeated)
        entry.add_argument("--entered-by", help="who enters this, where it is somebody else")
        entry.add_argument("--json", action="store_true", help="print the result as JSON")


def run_record(args: argparse.Namespace) -> int:
    """Enter what the arguments say, and return the exit code."""
    place = open_workplace(args.agency)
    values = _values(args)
    if args.at.strip().casefold() == NOW:
        values[_OPTIONS[args.kind]["at"][0]] = format_instant(place.clock())
    try:
        row = read_row(values, place.agency.zone)
    except ModerationError as error:
        raise ModerationError(args.kind, [_by_option(args.kind, fault) for fault in error.faults]) from None
    taken = enter_case(open_desk(place), args.case, row.entries, by=args.entered_by or args.by)
    if args.json:
        print_json({"case": taken.case, "begun": taken.begun, "new": taken.new, "known": taken.known})
    else:
        told = "entered" if taken.new else "was entered before"
        print(f"case {taken.case}{', begun now' if taken.begun else ''}: {args.kind} {told}")
    return 0


def _values(args: argparse.Namespace) -> dict[str, str]:
    values: dict[str, str] = {}
    for option, (column, _, _) in _OPTIONS[args.kind].items():
        given = getattr(args, option.replace("-", "_"))
        if given is not None:
            values[column] = " ".join(given) if isinstance(given, list) else given
    return values


def _by_option(kind: str, fault: str) -> str:
    for option, (column, _, _) in _OPTIONS[kind].items():
        if fault.startswith(f"{column}: "):
            return f"--{option}: {fault.removeprefix(f'{column}: ')}"
    return fault
