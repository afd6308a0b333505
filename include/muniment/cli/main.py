"""The `muniment` command: arguments in, an exit code out.

Exit codes: 0 sound, 1 findings, 2 could not do it. Each command is a module with
`configure(parser)` and `run(args)`; it is imported when it is asked for, so that `verify`
needs none of the others' libraries.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from importlib import import_module

from muniment import __version__
from muniment.cli.edge import FAILED, run_safely
from muniment.errors import ConfigurationError

COMMANDS = {
    "doctor": "prove that the store's lock is real",
    "register": "check an agency's files: accounts, timetable, retention schedule",
    "schedule": "show an agency's retention schedule, what a changed one would move, and adopt it",
    "capture": "take one account's series now and seal it",
    "snapshots": "list, show or fetch what was captured",
    "coverage": "compare the captures that were due with those that were made",
    "gaps": "list what was missed, why, and what to do about it",
    "exposure": "say how long something could have come and gone unseen",
    "compliance": "make the compliance report of a month, or show the one that is sealed",
    "changes": "list what happened to posts, comments and followers, show one item's history",
    "removed": "list what vanished and was asked for by name, show one item with its originator",
    "verify": "re-read every byte and compare it with its manifest",
    "log": "append to the transparency log, show it, prove from it, look after its keys",
    "time": "have the log's checkpoints stamped with the time, show and renew the stamps",
    "transfer": "pack what a disposition hands to an archive, and enter its acknowledgement",
    "copy": "bring the second copy up to date now",
    "check": "make a nightly check of both copies now",
    "explain": "say why something is kept, until when, and who must act before it can go",
    "due": "list what is due, what stops it, and what is to come",
    "event": "record an event that starts a retention clock",
    "retention": "report what is held, due, on hold, destroyed and failed, as of any day",
    "dispose": "look at dispositions, withdraw one, print its certificate",
    "hold": "hold records for a matter, print its notice, release it",
    "registers": "read the registers of holds, schedules, approvals and dispositions",
    "moderation": "keep the ledger of what was removed, on which ground and by whom",
    "attest": "attest that the accounts were monitored, list the days, tell the day's work",
    "policy": "say how each clause of the agency's policies stands, and run the checks",
    "pages": "watch the pages of policies and terms: what changed, which controls go by it, who reviewed it",
    "classify": "have a person's last word on posts, false alarms and comments that checks ask about",
    "findings": "see what the nightly checks found, and close it with a reason and a name",
    "scorecard": "say how the vault stands to the rules of a trusted system",
    "catalog": "build the index anew from the bucket, or compare the two",
    "up": "start everything on this machine",
    "down": "stop what `up` started",
    "status": "say what runs on this machine",
    "demo": "have Airflow capture the demonstration city, and prove what it sealed",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that *argv* (or the command line) names, and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    args = _parse(arguments)
    # What a command started is stopped also when the command is asked to end.
    signal.signal(signal.SIGTERM, _interrupt)
    return run_safely(f"muniment {args.command}", lambda: _run(args))


def _run(args: argparse.Namespace) -> int:
    module = import_module(f"muniment.cli.{args.command}")
    return int(module.run(args, _open_vault) if args.command == "verify" else module.run(args))


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = build_parser(only=arguments[0] if arguments else None)
    if not arguments:
        parser.print_help()
        raise SystemExit(FAILED)
    return parser.parse_args(arguments)


def build_parser(only: str | None = None) -> argparse.ArgumentParser:
    """Return the parser of every command, or of *only* one where it is known."""
    parser = argparse.ArgumentParser(
        prog="muniment",
        description="Keeps what a city says, and is told, on social media: sealed, scheduled, provable.",
        epilog="`muniment COMMAND --help` explains a command.",
    )
    parser.add_argument("--version", action="version", version=f"muniment {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, line in COMMANDS.items():
        command = commands.add_parser(name, help=line, description=line)
        if only not in COMMANDS or name == only:
            import_module(f"muniment.cli.{name}").configure(command)
    return parser


def _open_vault(agency: str) -> object:
    try:
        wiring = import_module("muniment.workflows.wiring")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "muniment":
            raise
        expected = "an install of muniment[server], which reads a store"
        raise ConfigurationError(f"vault of {agency}: expected {expected}; found no {error.name}") from None
    return wiring.open_vault(agency)


if __name__ == "__main__":
    sys.exit(main())
