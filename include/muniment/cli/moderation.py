"""`muniment moderation ...`: what was removed, hidden, blocked or left up, on which ground and by whom."""

from __future__ import annotations

import argparse
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from muniment.cli.moderation_filters import configure_filters, run_filters
from muniment.cli.moderation_record import configure_record, run_record
from muniment.cli.moderation_text import answer_line, print_case, print_findings, print_sample
from muniment.cli.output import print_json, print_table
from muniment.errors import ModerationError
from muniment.policy.moderation.case_rows import COLUMNS
from muniment.policy.verdicts import count_of
from muniment.workflows.moderation.answers import Answer, Question, answer
from muniment.workflows.moderation.drops import Imported, import_csv
from muniment.workflows.moderation.matching import match
from muniment.workflows.moderation.room import open_desk
from muniment.workflows.moderation.sampling import write_sample
from muniment.workflows.wiring import Workplace, open_workplace

DESCRIPTION = """\
Keep the moderation ledger: notices, decisions with their ground, what was done, second reviews,
counsel's word, reversals, blocks, and the versions of filter lists. Every entry is sealed, and none
is changed: a later one takes its place. Muniment does nothing on a platform; it keeps the record.

  muniment moderation record notice --agency claremont --account bluesky-city --how e-mail \\
      --item 3kabcdefgh234 --at "2026-11-20 09:12" --by "Dana Okafor"
  muniment moderation record decision --agency claremont --case 20261120-1a2b3c4d --verdict hide \\
      --ground C7-v --duplicates 9 --rationale "The same advertisement under nine posts" \\
      --account bluesky-city --item 3kabcdefgh234 --at "2026-11-20 09:30" --by "Dana Okafor"
  muniment moderation import --agency claremont --by "Dana Okafor" november.csv
  muniment moderation list --agency claremont --ground C7-v --since 2026-11-01
  muniment moderation match --agency claremont --since 2026-11-01
  muniment moderation sample --agency claremont --month 2026-10 --seed 41-17-6 --to october

A time without an offset is by the clock in the agency's zone. `show` prints persons of the public,
as the case has them; `list` prints none.

Exit code: 0 when done, 1 when rows were refused or something was found, 2 when it could not be done."""
_ACTIONS = {
    "record": "enter a notice, a decision, an action, a review, counsel's word, a reversal",
    "import": "enter the rows of a CSV file; what is refused is handed back in a file, with the reason",
    "list": "answer what was done under which ground, and by whom",
    "show": "show one case whole, persons included",
    "match": "hold the ledger against what captures show",
    "filters": "keep word-filter and block lists by version",
    "sample": "draw a month's neutrality sample for a second reviewer",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, line in _ACTIONS.items():
        action = actions.add_parser(name, help=line, description=f"{line[0].upper()}{line[1:]}.")
        _OWN[name](action)


def run(args: argparse.Namespace) -> int:
    """Do what the action says, and return the exit code."""
    return {
        "record": run_record,
        "import": _import,
        "list": _list,
        "show": _show,
        "match": _match,
        "filters": run_filters,
        "sample": _sample,
    }[args.action](args)


def _add_agency(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--agency", required=True, help="the agency's folder name, as claremont")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def _configure_import(parser: argparse.ArgumentParser) -> None:
    _add_agency(parser)
    parser.add_argument("file", type=Path, help=f"the CSV file; its columns: {', '.join(COLUMNS)}")
    parser.add_argument("--by", required=True, help="the name of who enters this")
    parser.add_argument("--column", action="append", default=[], metavar="OURS=THEIRS", help="a header of another name")
    parser.add_argument("--encoding", help="the file's encoding, when it is neither UTF-8 nor says so itself")
    parser.add_argument("--refused", type=Path, help="where refused rows go; FILE.refused.csv where it is left out")


def _configure_list(parser: argparse.ArgumentParser) -> None:
    _add_agency(parser)
    parser.add_argument("--ground", help="only under this ground, as C7-v or C7-i/threat")
    parser.add_argument("--reviewer", help="only what this person decided, gave a second look or signed")
    parser.add_argument("--account", help="only on this account")
    _add_span(parser)


def _add_span(parser: argparse.ArgumentParser, *, needed: bool = False) -> None:
    parser.add_argument("--since", type=_day, required=needed, metavar="DATE", help="from this day on")
    parser.add_argument("--until", type=_day, metavar="DATE", help="to the end of this day")


def _configure_show(parser: argparse.ArgumentParser) -> None:
    _add_agency(parser)
    parser.add_argument("--case", required=True, help="the case, as `list` shows it")


def _configure_match(parser: argparse.ArgumentParser) -> None:
    _add_agency(parser)
    _add_span(parser, needed=True)


def _configure_sample(parser: argparse.ArgumentParser) -> None:
    _add_agency(parser)
    parser.add_argument("--month", type=_month, required=True, metavar="YYYY-MM", help="the month, as 2026-10")
    parser.add_argument("--seed", required=True, help="a number that is public only after the month's end")
    parser.add_argument(
        "--to", type=Path, required=True, metavar="FOLDER", help="a new folder for the sheet and its key"
    )
    parser.add_argument("--most", type=int, default=10, help="at most so many removals of a ground, and as many others")


_OWN = {
    "record": configure_record,
    "import": _configure_import,
    "list": _configure_list,
    "show": _configure_show,
    "match": _configure_match,
    "filters": configure_filters,
    "sample": _configure_sample,
}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a day as 2026-11-20, found {text!r}") from None


def _month(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month has no zone
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a month as 2026-10, found {text!r}") from None


def _begin(place: Workplace, day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZoneInfo(place.agency.zone))


def _end(place: Workplace, day: date) -> datetime:
    return _begin(place, day + timedelta(days=1))


def _import(args: argparse.Namespace) -> int:
    headers = dict(_pair(text) for text in args.column)
    if not args.file.is_file():
        raise ModerationError("import", [f"expected a file, found none at {args.file}"])
    refused = args.refused or args.file.with_name(f"{args.file.name}.refused.csv")
    desk = open_desk(open_workplace(args.agency))
    done = import_csv(desk, args.file, by=args.by, refused=refused, headers=headers, encoding=args.encoding)
    if args.json:
        print_json(_as_json(done))
    else:
        new, refused_rows = count_of(done.new, "new entry", "new entries"), count_of(len(done.refused), "row")
        print(f"{count_of(done.rows, 'row')} taken: {new}, {done.known} known before. {refused_rows} refused.")
        for name in done.unread:
            print(f"column {name!r}: not read")
        for line, reason in done.refused.items():
            print(f"line {line}: {reason}")
        if done.refused_file:
            print(f"The refused rows are in {done.refused_file}.")
    return 1 if done.refused else 0


def _pair(text: str) -> tuple[str, str]:
    ours, equals, theirs = text.partition("=")
    if not equals or not theirs.strip():
        raise ModerationError("--column", [f"expected OURS=THEIRS, found {text!r}"])
    return ours.strip(), theirs


def _as_json(done: Imported) -> dict[str, object]:
    return {
        "rows": done.rows,
        "new": done.new,
        "known": done.known,
        "refused": [{"line": line, "reason": reason} for line, reason in done.refused.items()],
        "refused_file": str(done.refused_file) if done.refused_file else None,
        "unread": list(done.unread),
    }


def _list(args: argparse.Namespace) -> int:
    place = open_workplace(args.agency)
    question = Question(
        ground=args.ground,
        reviewer=args.reviewer,
        account=args.account,
        since=_begin(place, args.since) if args.since else None,
        until=_end(place, args.until) if args.until else None,
    )
    found: tuple[Answer, ...] = answer(open_desk(place).ledger, question)
    if args.json:
        print_json([answer_line(one, None) for one in found])
        return 0
    columns = ("case", "decided", "verdict", "ground", "decided by", "done", "by", "second look", "counsel", "stands")
    rows = [tuple(answer_line(one, place.agency.zone)[name] for name in columns) for one in found]
    print_table(columns, rows, empty="The ledger has no such case.")
    return 0


def _show(args: argparse.Namespace) -> int:
    place = open_workplace(args.agency)
    cases = open_desk(place).cases
    if args.case not in cases:
        raise ModerationError(f"case {args.case}", ["expected one of the ledger, found none by that id"])
    print_case(cases[args.case], None if args.json else place.agency.zone)
    return 0


def _match(args: argparse.Namespace) -> int:
    place = open_workplace(args.agency)
    until = _end(place, args.until) if args.until else None
    findings = match(place, since=_begin(place, args.since), until=until)
    print_findings(findings, as_json=args.json)
    return 1 if findings else 0


def _sample(args: argparse.Namespace) -> int:
    place = open_workplace(args.agency)
    following = (args.month + timedelta(days=32)).replace(day=1)
    span = {"since": _begin(place, args.month), "until": _begin(place, following)}
    sample = write_sample(place, args.to, **span, seed=args.seed, most=args.most)
    print_sample(sample, args.to, as_json=args.json)
    return 0
