"""`muniment scorecard`: the trusted-system scorecard, checked now."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from muniment.cli.output import print_json, print_table
from muniment.workflows.scorecard import take_scorecard
from muniment.workflows.scorecard_checks import RED

DESCRIPTION = """\
Say how the vault stands to the rules of a trusted system: the two copies and the four elements,
each with the rule's number, what was seen just now, and what to do next. Green: it is so. Amber:
it is so only in part, or a person must answer for it. Red: it is not so.

  muniment scorecard --agency claremont

Exit code: 0 when nothing is red, 1 when something is, 2 when it could not be checked."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--agency", required=True, help="the agency's folder name, as claremont")
    parser.add_argument("--json", action="store_true", help="print the scorecard as JSON")


def run(args: argparse.Namespace) -> int:
    """Check every row and print it."""
    card = take_scorecard(args.agency)
    if args.json:
        print_json({**asdict(card), "state": card.state})
    else:
        lines = [(row.state.upper(), row.rule, row.asks, row.evidence, row.next) for row in card.rows]
        print_table(("state", "rule", "asks", "evidence", "next"), lines, empty="")
        print(f"\n{card.agency}: {card.state}; {card.open_findings} open findings.")
    return 1 if card.state == RED else 0
