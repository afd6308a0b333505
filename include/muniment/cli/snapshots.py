"""`muniment snapshots list | show | fetch`: what was captured, and a copy of it."""

from __future__ import annotations

import argparse
import json
from datetime import date
from pathlib import Path

from muniment.catalog.summaries import Summary
from muniment.cli.output import print_json, print_table
from muniment.errors import ConfigurationError
from muniment.evidence.finding_types import CATALOGUE
from muniment.evidence.manifest import Manifest, SealedObject
from muniment.workflows.retrieve import day_of, find_by_id, find_of_day, hand_over, list_summaries, local_time
from muniment.workflows.snapshot import summarize
from muniment.workflows.wiring import open_workplace

DESCRIPTION = """\
See what was captured, and get a copy of it.

  muniment snapshots list --agency claremont
  muniment snapshots list --agency claremont --account bluesky-city --day 2026-11-21
  muniment snapshots show --agency claremont --account bluesky-city --series official-posts --day 2026-11-21
  muniment snapshots fetch --agency claremont --account bluesky-city --series official-posts --day 2026-11-21 \\
                           --to FOLDER

`fetch` writes the rows as CSV and Parquet, the pages, the pictures and the manifest into a new
folder, with a note in plain words. Check such a folder with `muniment verify FOLDER`.

Exit code: 0 when done, 1 when the snapshot was quarantined, 2 when it could not be done."""

_DAY = "the day, as 2026-11-21, in the agency's own time; show and fetch take its last accepted snapshot"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("action", choices=["list", "show", "fetch"], help="what to do")
    parser.add_argument("--agency", required=True, help="the agency's folder name, as claremont")
    parser.add_argument("--account", help="the account's id in the register")
    parser.add_argument("--series", help="the series, as official-posts")
    parser.add_argument("--day", type=_day, help=_DAY)
    parser.add_argument("--snapshot", help="one snapshot's id, instead of a day")
    parser.add_argument("--to", type=Path, help="the folder that `fetch` makes")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a day as 2026-11-21, found {text!r}") from None


def run(args: argparse.Namespace) -> int:
    """List, show or fetch what *args* name, and return the exit code."""
    _check_chosen(args)
    place = open_workplace(args.agency)
    if args.action == "list":
        summaries = list_summaries(place, account=args.account, series=args.series)
        _print_list([item for item in summaries if args.day in (None, day_of(item))], args)
        return 0
    if args.snapshot:
        manifest = find_by_id(place, account=args.account, series=args.series, snapshot=args.snapshot)
    else:
        manifest = find_of_day(place, account=args.account, series=args.series, day=args.day)
    if args.action == "show":
        _print_manifest(manifest, as_json=args.json)
    else:
        done = hand_over(place, manifest, args.to)
        _print_handover(done.manifest, done.folder, done.rows, as_json=args.json)
    return 0 if manifest.verdict.outcome == "accepted" else 1


def _check_chosen(args: argparse.Namespace) -> None:
    wanted = {"list": (), "show": ("account", "series"), "fetch": ("account", "series", "to")}[args.action]
    missing = [name for name in wanted if getattr(args, name) is None]
    if wanted and args.day is None and args.snapshot is None:
        missing.append("day")
    if missing:
        raise ConfigurationError(f"{args.action}: expected {', '.join('--' + name for name in missing)}, found none")
    if args.day is not None and args.snapshot is not None:
        raise ConfigurationError(f"{args.action}: expected --day or --snapshot, found both")
    strange = {"list": ("snapshot", "to"), "show": ("to",), "fetch": ()}[args.action]
    if given := [name for name in strange if getattr(args, name) is not None]:
        raise ConfigurationError(f"{args.action}: expected no {', '.join('--' + name for name in given)}, found one")


def _print_list(summaries: list[Summary], args: argparse.Namespace) -> None:
    if args.json:
        print_json([summary.to_json() for summary in summaries])
        return
    print_table(
        (
            "account",
            "series",
            "captured",
            "rows",
            "new",
            "changed",
            "gone",
            "gaps",
            "verdict",
            "locked until",
            "snapshot",
        ),
        [_line(summary) for summary in summaries],
        empty="Nothing is sealed yet. Run `muniment capture`, or wait for the next scheduled capture."
        if args.day is None
        else f"Nothing was captured on {args.day}.",
    )


def _line(summary: Summary) -> tuple[object, ...]:
    captured = local_time(summary.began_at, summary.zone)
    until = local_time(summary.locked_until, summary.zone)
    return (
        summary.address.volume.account,
        summary.address.volume.series,
        f"{captured:%Y-%m-%d %H:%M %Z}",
        summary.rows,
        summary.new,
        summary.changed,
        summary.gone,
        summary.gaps,
        summary.verdict,
        f"{until:%Y-%m-%d}",
        summary.address.snapshot,
    )


def _print_manifest(manifest: Manifest, *, as_json: bool) -> None:
    if as_json:
        print_json(json.loads(manifest.to_bytes()))
        return
    kept = manifest.retention
    lines = [
        ("snapshot", manifest.snapshot),
        ("account", f"{manifest.account} ({manifest.origin.address})"),
        ("series", manifest.series),
        ("captured", f"{local_time(manifest.began_at, manifest.zone):%Y-%m-%d %H:%M:%S %Z}"),
        ("asked", f"{manifest.origin.api} ({manifest.origin.connector}, interface {manifest.origin.api_version})"),
        ("simulator", "yes: invented people" if manifest.origin.simulator else "no"),
        ("pages", manifest.pages),
        *((f"declared {item.what}", f"{item.declared}, captured {item.captured}") for item in manifest.declared),
        *((f"gap: {gap.purpose}", f"{gap.count}, {gap.reason}") for gap in manifest.gaps),
        ("verdict", manifest.verdict.outcome),
        *((item.code, f"{item.count}: {CATALOGUE[item.code].sentence}") for item in manifest.verdict.findings),
        ("kept under", f"{kept.row} {kept.title}; {', '.join(kept.authority)}"),
        *(("date sum", step) for step in kept.steps),
        ("locked until", kept.locked_until),
        *(("object", _spell_object(item)) for item in manifest.objects),
    ]
    print_table(("what", "is"), lines, empty="")


def _spell_object(sealed: SealedObject) -> str:
    return f"{sealed.key.rsplit('/', 1)[-1]}, {sealed.size_bytes:,} bytes, SHA-256 {sealed.sha256}"


def _print_handover(manifest: Manifest, folder: Path, rows: int, *, as_json: bool) -> None:
    if as_json:
        print_json({"folder": str(folder), "rows": rows, **summarize(manifest)})
        return
    print(f"{rows} rows of snapshot {manifest.snapshot} are in {folder}; begin with {folder / 'READ-ME.txt'}.")
    print(f"To check every byte: muniment verify {folder}")
