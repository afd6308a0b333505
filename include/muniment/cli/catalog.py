"""`muniment catalog rebuild | compare | status`: the index over the vault, made from the bucket alone."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict

from muniment.cli.output import print_json, print_table
from muniment.records.names import format_instant
from muniment.workflows.catalog_build import (
    Compared,
    Progress,
    Rebuilt,
    choose_agencies,
    compare,
    read_status,
    rebuild,
)

DESCRIPTION = """\
The catalog is an index over the vault, in PostgreSQL. It is never the record: everything in it
is read from the bucket, and it may be deleted at any time.

  muniment catalog rebuild                      read every manifest; replace the old rows at once
  muniment catalog compare --agency claremont   read every manifest; say where the catalog differs
  muniment catalog status                       say what the catalog holds

Captures may go on meanwhile.

Exit code: 0 when catalog and bucket agree, 1 when a manifest cannot be read, the catalog differs or
was not built for an agency, 2 when it could not be done."""
_SHOWN = 50


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("action", choices=["rebuild", "compare", "status"], help="what to do")
    parser.add_argument("--agency", help="the agency's folder name, as claremont; all when not given")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args: argparse.Namespace) -> int:
    """Do what *args* name, and return the exit code."""
    agencies = choose_agencies(args.agency)
    if args.action == "status":
        return _print_status(agencies, as_json=args.json)
    if args.action == "rebuild":
        rebuilt = [rebuild(agency, progress=_progress(agency)) for agency in agencies]
        _print_rebuilt(rebuilt, as_json=args.json)
        return 1 if any(item.unreadable for item in rebuilt) else 0
    compared = [compare(agency, progress=_progress(agency)) for agency in agencies]
    _print_compared(compared, as_json=args.json)
    return 1 if any(item.comparison.count for item in compared) else 0


def _progress(agency: str) -> Progress:
    if not sys.stderr.isatty():
        return lambda _: None
    return lambda read: print(f"\r{agency}: {read:,} manifests and entries read", end="", file=sys.stderr, flush=True)


def _print_rebuilt(rebuilt: list[Rebuilt], *, as_json: bool) -> None:
    if as_json:
        print_json([asdict(item) for item in rebuilt])
        return
    _end_progress()
    for item in rebuilt:
        print(f"{item.agency}: {', '.join(f'{count:,} {name}' for name, count in item.rows.items())}")
        for key, fault in item.unreadable:
            print(f"  {key}: a manifest {fault}; `muniment verify` says more")


def _print_compared(compared: list[Compared], *, as_json: bool) -> None:
    if as_json:
        print_json([asdict(item) for item in compared])
        return
    _end_progress()
    for item in compared:
        found = item.comparison
        verdict = f"{found.count:,} differences" if found.count else "equal"
        print(f"{item.agency}: {item.snapshots:,} snapshots in the bucket; catalog and bucket: {verdict}")
        rows = [(each.table, each.what, " ".join(each.row)) for each in found.differences[:_SHOWN]]
        if rows:
            print_table(("table", "in the catalog", "row"), rows, empty="")
        if found.count > len(rows):
            print(f"... and {found.count - len(rows):,} more")


def _print_status(agencies: list[str], *, as_json: bool) -> int:
    known = {status.agency: status for status in read_status()}
    found = [known[agency] for agency in agencies if agency in known]
    unbuilt = [agency for agency in agencies if agency not in known]
    if as_json:
        built = [
            {
                **asdict(item),
                "built_at": format_instant(item.built_at),
                "last_sealed_at": format_instant(item.last_sealed_at) if item.last_sealed_at else None,
            }
            for item in found
        ]
        print_json({"built": built, "not_built": unbuilt})
    else:
        columns = ("agency", "built", "snapshots", "last sealed", "objects", "entries", "unreadable")
        lines = [
            (
                item.agency,
                f"{item.built_at:%Y-%m-%d %H:%M} UTC",
                item.snapshots,
                f"{item.last_sealed_at:%Y-%m-%d %H:%M} UTC" if item.last_sealed_at else "none",
                *(item.rows[name] for name in ("objects", "entries", "unreadable")),
            )
            for item in found
        ]
        print_table(columns, lines, empty="The catalog is empty.")
        for agency in unbuilt:
            print(f"{agency}: not built; run `muniment catalog rebuild --agency {agency}`")
    return 1 if unbuilt or any(item.rows["unreadable"] for item in found) else 0


def _end_progress() -> None:
    if sys.stderr.isatty():
        print(file=sys.stderr)
