"""`muniment attest [list | worklist]`: that the accounts were monitored on a day."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from datetime import date, timedelta

from muniment.cli.moderation_text import spell_time
from muniment.cli.output import print_json, print_table
from muniment.errors import ConfigurationError
from muniment.policy.attestations import MonitoredDay
from muniment.policy.business_days import local_day
from muniment.workflows.attestations import attest, read_days, read_work_list
from muniment.workflows.wiring import Workplace, open_workplace

DESCRIPTION = """\
Attest that somebody looked at the agency's accounts on a day, as its policy asks on business days.
The attestation is sealed. `worklist` tells what there is to look at on a day, and what of the
moderation ledger waits; `list` tells the days, and on which of them nobody attested an account.

  muniment attest worklist --agency claremont
  muniment attest --agency claremont --date 2026-11-20 --by "Dana Okafor"
  muniment attest --agency claremont --date 2026-11-20 --accounts bluesky-city mastodon-city --by "Dana Okafor"
  muniment attest list --agency claremont --since 2026-11-01

Business days are those of the agency's timetable, less the holidays of its policy file; days are
those of its own zone.

Exit code: 0 when done, 1 when `list` has a day without an attestation, 2 when it could not be done."""
_DAYS = 30


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("action", nargs="?", choices=["list", "worklist"], help="what to do, other than attest")
    parser.add_argument("--agency", required=True, help="the agency's folder name, as claremont")
    parser.add_argument(
        "--date", type=_day, help="attest, worklist: the day; today for the worklist where it is left out"
    )
    parser.add_argument(
        "--accounts", nargs="+", default=[], help="attest: which accounts; all of them where it is left out"
    )
    parser.add_argument("--by", help="attest: the name of who looked")
    parser.add_argument("--note", help="attest: a note")
    parser.add_argument("--since", type=_day, metavar="DATE", help=f"list: from this day on; {_DAYS} days back else")
    parser.add_argument("--until", type=_day, metavar="DATE", help="list: to this day; yesterday else")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a day as 2026-11-20, found {text!r}") from None


def run(args: argparse.Namespace) -> int:
    """Attest, list or tell the day's work, and return the exit code."""
    action = args.action or "attest"
    allowed = {"attest": ("date", "accounts", "by", "note"), "list": ("since", "until"), "worklist": ("date",)}[action]
    given = {name for name in ("date", "accounts", "by", "note", "since", "until") if getattr(args, name)}
    if extra := sorted(given - set(allowed)):
        raise ConfigurationError(f"{action}: expected no --{extra[0]}, found one")
    missing = [f"--{name}" for name in ("date", "by") if action == "attest" and getattr(args, name) is None]
    if missing:
        raise ConfigurationError(f"attest: expected {', '.join(missing)}, found none")
    place = open_workplace(args.agency)
    return {"attest": _attest, "list": _list, "worklist": _work_list}[action](args, place)


def _attest(args: argparse.Namespace, place: Workplace) -> int:
    found = attest(place, args.date, accounts=args.accounts, by=args.by, note=args.note)
    if args.json:
        print_json(asdict(found) | {"day": found.day.isoformat(), "accounts": list(found.accounts)})
    else:
        print(f"{found.day}: {', '.join(found.accounts)} attested by {found.person}")
    return 0


def _list(args: argparse.Namespace, place: Workplace) -> int:
    last = args.until or local_day(place.agency, place.clock()) - timedelta(days=1)
    days = read_days(place, first=args.since or last - timedelta(days=_DAYS), last=last)
    if args.json:
        print_json([_day_json(one) for one in days])
    else:
        rows = [(one.day, f"{one.day:%a}", _told(one), " ".join(one.missing)) for one in days]
        print_table(("day", "", "attested by", "without"), rows, empty="There was no business day.")
    return 1 if any(one.missing for one in days) else 0


def _told(one: MonitoredDay) -> str:
    return ", ".join(dict.fromkeys(found.person for found in one.attestations)) or "nobody"


def _day_json(one: MonitoredDay) -> dict[str, object]:
    attested = [asdict(found) | {"day": found.day.isoformat()} for found in one.attestations]
    return {"day": one.day.isoformat(), "attestations": attested, "missing": list(one.missing)}


def _work_list(args: argparse.Namespace, place: Workplace) -> int:
    found = read_work_list(place, args.date or local_day(place.agency, place.clock()))
    zone = place.agency.zone
    if args.json:
        accounts = [asdict(one) | {"captured_at": spell_time(one.captured_at, None)} for one in found.accounts]
        tasks = [{"due": one.due.isoformat(), "what": one.what, "case": one.case} for one in found.tasks]
        day = {"day": found.day.isoformat(), "business_day": found.business_day}
        print_json({**day, "accounts": accounts, "tasks": tasks})
        return 0
    print(f"{found.day:%A, %Y-%m-%d}: {'a business day' if found.business_day else 'no business day'}")
    rows = [
        (
            one.account,
            one.address,
            spell_time(one.captured_at, zone) or "not yet",
            one.listed if one.listed is not None else "",
            ", ".join(one.attested_by),
        )
        for one in found.accounts
    ]
    columns = ("account", "address", "captured", "items of the public", "attested by")
    print_table(columns, rows, empty="No account was open on that day.")
    print_table(
        ("due by", "to do", "case"),
        [(one.due, one.what, one.case) for one in found.tasks],
        empty="Nothing of the ledger waits.",
    )
    return 0
