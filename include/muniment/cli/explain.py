"""`muniment explain TARGET`: why a record is kept, until when, and who must act before it can go."""

from __future__ import annotations

import argparse

from muniment.cli.output import print_json, print_table
from muniment.workflows.clocks.explain import CopyLock, Explanation, explain

DESCRIPTION = """\
Say why something is kept: the clause, the date sum step by step, the locks on the stores now, the
holds, what happens next and who must act.

  muniment explain official-posts/bluesky-city/2026-11 --agency claremont
  muniment explain records/series=official-posts/.../rows.parquet --agency claremont
  muniment explain 20261121T120000.000000Z-0123abcd --agency claremont
  muniment explain official-posts/bluesky-city/2026-11#ITEM --agency claremont
  muniment explain at://did:plc:.../app.bsky.feed.post/... --agency claremont

A record by its URI is looked for in every volume, which takes a while; with its volume and # it is
looked for there.

Exit code: 0 when explained, 1 when something is amiss with its lock, 2 when it could not be done."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("target", help="a volume, an object's key, a snapshot's id, or a record")
    parser.add_argument("--agency", required=True, help="the agency's folder name, as claremont")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args: argparse.Namespace) -> int:
    """Explain what *args* name, and return the exit code."""
    told = explain(args.agency, args.target)
    if args.json:
        print_json(told.to_json())
    else:
        print_table(("what", "is"), _lines(told), empty="")
    return 1 if any(lock.fault or lock.until is None for lock in told.locks) else 0


def _lines(told: Explanation) -> list[tuple[str, object]]:
    return [
        (told.kind, told.target),
        ("kept in", f"{told.volume} ({told.snapshots} snapshots, {told.objects} objects, {told.size_bytes:,} bytes)"),
        *(("also in", prefix) for prefix in told.also_in),
        ("series", f"{told.series}: {told.title or 'no row of the schedule'}"),
        ("row", f"{told.row}; {told.trigger}; {told.disposition}" if told.row else "none"),
        *(("authority", clause) for clause in told.authority),
        ("schedule", told.adoption),
        *((f"step {number}", step) for number, step in enumerate(told.steps, 1)),
        ("due", told.due_local or _why_not_due(told)),
        *((f"lock now, {lock.copy}", _spell(lock, told.at)) for lock in told.locks),
        *(("held by", f"{item.id} ({item.kind}): {item.title}") for item in told.matters),
        *((("held by", "no open matter"),) if not told.matters else ()),
        *((f"next: {step.who}", step.what) for step in told.next),
        *(("unanswered", question) for question in told.unanswered),
    ]


def _why_not_due(told: Explanation) -> str:
    if told.permanent:
        return "never: it is kept for ever"
    return f"no date: it waits for {told.waits_for}" if told.waits_for else "no date can be computed"


def _spell(lock: CopyLock, at: str) -> str:
    if lock.fault:
        return f"could not be read: {lock.fault}"
    objects = f"{lock.objects_read} object{'' if lock.objects_read == 1 else 's'} read"
    ended = " (ended)" if lock.until and lock.until <= at else ""
    until = f"until {lock.until_local}{ended}" if lock.until else "NOT LOCKED"
    return f"{until}; {f'{lock.held} held' if lock.held else 'not held'}; {objects}"
