"""`muniment pages list | changes | show | watch | review`: the policy watch over an agency's pages."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from muniment.cli.output import print_json, print_table
from muniment.errors import ConfigurationError, MunimentError
from muniment.evidence.manifest import Manifest
from muniment.policy.pages.changes import affected
from muniment.policy.pages.reviews import REGISTER, PageReview, ReviewOutcome, changes_since, latest_reviews
from muniment.policy.scene import PageChange, PageFact
from muniment.records.names import format_instant
from muniment.records.watched_pages import watched_pages
from muniment.validation.judge import ACCEPTED
from muniment.workflows.catalog_record import record_sealed
from muniment.workflows.pages.facts import list_page_changes, read_page_facts
from muniment.workflows.pages.readings import list_page_manifests, read_page_text
from muniment.workflows.pages.review import review_page
from muniment.workflows.pages.watch import order_pages, take_page
from muniment.workflows.registers import read_events
from muniment.workflows.snapshot import summarize
from muniment.workflows.wiring import Workplace, open_workplace

DESCRIPTION = """\
The agency's own policies, platforms' terms and its website, captured daily and compared clause by
clause. A changed clause names the controls that go by it; a page is open until a person has
reviewed the text that it has now.

  muniment pages list --agency claremont
  muniment pages changes --agency claremont --days 31
  muniment pages show --agency claremont --page social-media-policy
  muniment pages watch --agency claremont --page social-media-policy
  muniment pages review --agency claremont --page social-media-policy --sha256 DIGEST \\
      --outcome in-order --by "A. Clerk"

`watch` captures now instead of waiting for the night. DIGEST is what `show` prints, or its first 12
digits: a text that has changed since it was shown is not reviewed.

Exit code: 0 when done and every page is reviewed as it stands, 1 when one changed, is gone or was
not reviewed, 2 when it could not be done."""
_DAYS = 31


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("action", choices=list(_ACTIONS), help="what to do")
    parser.add_argument("--agency", required=True, help="the agency's folder name, as claremont")
    parser.add_argument("--page", help="the page's id in policy.yaml")
    parser.add_argument("--days", type=int, default=_DAYS, help=f"how far back changes are told ({_DAYS})")
    parser.add_argument("--sha256", help="review: the digest of the text that was read")
    parser.add_argument(
        "--outcome", choices=[outcome.value for outcome in ReviewOutcome], help="review: what was found"
    )
    parser.add_argument("--by", help="review: the name of the person who read it")
    parser.add_argument("--note", help="review: a remark")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args: argparse.Namespace) -> int:
    """Do what was asked, and return the exit code."""
    wanted = {"show": ("page",), "review": ("page", "sha256", "outcome", "by")}.get(args.action, ())
    missing = [f"--{name}" for name in wanted if getattr(args, name) is None]
    if missing:
        raise ConfigurationError(f"{args.action}: expected {', '.join(missing)}, found none")
    return _ACTIONS[args.action](open_workplace(args.agency), args)


def _list(place: Workplace, args: argparse.Namespace) -> int:
    facts, reviews = read_page_facts(place), latest_reviews(read_events(place.vault, REGISTER))
    pages = [page.id for page in watched_pages(place.agency)]
    lines = [_standing(place, page, facts.get(page), reviews.get(page), as_json=args.json) for page in pages]
    if args.json:
        print_json(lines)
    else:
        columns = ("page", "captured", "state", "clauses", "reviewed", "changed_since")
        print_table(columns, [[line[name] for name in columns] for line in lines], empty="No page is watched.")
    return 1 if any(line["open"] for line in lines) else 0


def _standing(
    place: Workplace, page: str, fact: PageFact | None, review: PageReview | None, *, as_json: bool
) -> dict[str, object]:
    changes = changes_since(review, fact) if review and fact else ()
    state = "never captured" if fact is None else "gone" if fact.status is None else "there"
    if fact is not None and fact.status is not None and not fact.clauses:
        state = "not read"
    return {
        "page": page,
        "captured": _local(place, fact.captured_at if fact else None, as_json=as_json),
        "state": state,
        "clauses": len(fact.clauses) if fact else 0,
        "sha256": fact.text_sha256 if fact else None,
        "reviewed": _local(place, review.at if review else None, as_json=as_json),
        "reviewer": review.reviewer if review else None,
        "changed_since": ", ".join(f"{change.label} {change.kind}" for change in changes),
        "open": state != "there" or review is None or bool(changes),
    }


def _changes(place: Workplace, args: argparse.Namespace) -> int:
    zone = ZoneInfo(place.agency.zone)
    first = place.clock().astimezone(zone).date() - timedelta(days=args.days)
    since = datetime.combine(first, time.min, zone)
    changes = [change for change in list_page_changes(place, since=since) if args.page in (None, change.page)]
    lines = [_change(place, change, as_json=args.json) for change in changes]
    if args.json:
        print_json(lines)
    else:
        columns = ("page", "clause", "what", "seen", "controls")
        print_table(columns, [[line[name] for name in columns] for line in lines], empty="No clause has changed.")
    return 1 if lines else 0


def _change(place: Workplace, change: PageChange, *, as_json: bool) -> dict[str, object]:
    policy = place.agency.policy
    found = affected(policy.clauses, [change], policy.pages) if policy is not None else ()
    controls = [clause.id for _, clause in found]
    return {
        "page": change.page,
        "clause": change.label,
        "what": change.kind,
        "seen": _local(place, change.seen_at, as_json=as_json),
        "controls": controls if as_json else ", ".join(controls),
        **({"before_sha256": change.before_sha256, "after_sha256": change.after_sha256} if as_json else {}),
    }


def _show(place: Workplace, args: argparse.Namespace) -> int:
    fact, latest = _find(place, args.page)
    text = read_page_text(place, latest) if fact.text_sha256 is not None else None
    clauses = dict(text.clauses) if text else {}
    if args.json:
        known = asdict(fact) | {"captured_at": _local(place, fact.captured_at, as_json=True), "clauses": clauses}
        print_json(known)
    else:
        print(f"{args.page}, captured {_local(place, fact.captured_at, as_json=False)}, digest {fact.text_sha256}")
        print_table(("clause", "says"), clauses.items(), empty=text.whole or "No words." if text else "It is gone.")
    return 0 if fact.status is not None else 1


def _watch(place: Workplace, args: argparse.Namespace) -> int:
    moment = place.clock()
    chosen, run_id = [args.page] if args.page else [], f"command {format_instant(moment)}"
    sealed: list[Manifest] = []
    failed: list[dict[str, str]] = []
    for order in order_pages(place, chosen, run_id=run_id, taken_at=moment):
        try:
            sealed.append(take_page(place, order))
        except MunimentError as error:  # a page that fails holds back no other
            print(f"{order.account}: {error}", file=sys.stderr)
            failed.append({"page": order.account, "error": str(error)})
    record_sealed(place.agency.id, [summarize(manifest) for manifest in sealed])
    lines = [{"page": one.account, "snapshot": one.snapshot, "verdict": one.verdict.outcome} for one in sealed]
    if args.json:
        print_json({"sealed": lines, "failed": failed})
    else:
        print_table(("page", "snapshot", "verdict"), [list(one.values()) for one in lines], empty="Nothing was sealed.")
    if failed:
        return 2
    return 0 if all(one.verdict.outcome == ACCEPTED for one in sealed) else 1


def _review(place: Workplace, args: argparse.Namespace) -> int:
    outcome = ReviewOutcome(args.outcome)
    key = review_page(place, args.page, sha256=args.sha256, outcome=outcome, by=args.by, note=args.note)
    if args.json:
        print_json({"page": args.page, "event": key})
    else:
        print(f"{args.page}: reviewed by {args.by}, sealed as {key}")
    return 0


def _find(place: Workplace, page: str) -> tuple[PageFact, Manifest]:
    known = [watched.id for watched in watched_pages(place.agency)]
    if page not in known:
        raise ConfigurationError(f"page: expected one of {', '.join(known) or 'none'}; found {page!r}")
    fact, latest = read_page_facts(place).get(page), next(list_page_manifests(place, page), None)
    if fact is None or latest is None:
        raise ConfigurationError(f"page {page}: expected a capture of it, found none")
    return fact, latest


def _local(place: Workplace, moment: datetime | None, *, as_json: bool) -> str:
    if moment is None:
        return ""
    return format_instant(moment) if as_json else f"{moment.astimezone(ZoneInfo(place.agency.zone)):%Y-%m-%d %H:%M}"


_ACTIONS: dict[str, Callable[[Workplace, argparse.Namespace], int]] = {
    "list": _list,
    "changes": _changes,
    "show": _show,
    "watch": _watch,
    "review": _review,
}
