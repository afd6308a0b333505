"""Faults that are switched on: which route, which kind, how often. `fault_answers` says what each does."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from urllib.parse import parse_qsl

from platform_simulator.scenario import FaultRule

PAGED = frozenset(
    {"app.bsky.feed.getAuthorFeed", "app.bsky.graph.getFollowers", "mastodon.statuses", "mastodon.followers"}
)
CURSORS = ("cursor", "max_id")


@dataclass(slots=True)
class Fault:
    """One fault with what is left of it; `memory` keeps the page that a loop returns to."""

    rule: FaultRule
    since: datetime
    left: int | None
    skip: int
    until: datetime | None = None
    memory: dict[str, str] = field(default_factory=dict)

    def is_on(self, now: datetime) -> bool:
        """Say whether it has begun and not ended at *now*."""
        return self.since <= now and (self.until is None or now < self.until)

    def concerns(self, route: str, query: str) -> bool:
        """Say whether a request for *route* with *query* meets it."""
        if not fnmatchcase(route, self.rule.route):
            return False
        if self.rule.kind in ("repeated-page", "expired-cursor"):
            return route in PAGED and bool(cursor_of(query))
        return self.rule.kind not in ("loop", "foreign-link") or route in PAGED


class Faults:
    """The faults of a scenario, and those that a drill adds."""

    def __init__(self, rules: list[FaultRule], start: datetime) -> None:
        self._faults = [_fault(rule, start) for rule in rules]

    def add(self, rule: FaultRule, now: datetime) -> None:
        """Switch *rule* on, its times counted from *now*."""
        self._faults.append(_fault(rule, now))

    def clear(self) -> int:
        """Switch all off; return how many there were."""
        number = len(self._faults)
        self._faults.clear()
        return number

    def take(self, route: str, query: str, now: datetime) -> Fault | None:
        """Return the fault that the answer to *route* meets at *now*, one use of it spent, or None."""
        for fault in self._faults:
            if fault.is_on(now) and fault.concerns(route, query):
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                if fault.left is not None:
                    fault.left -= 1
                if fault.left == 0:
                    self._faults.remove(fault)
                return fault
        return None

    def listed(self) -> list[dict[str, object]]:
        """Return what is switched on or waits for its time."""
        return [
            {"route": one.rule.route, "kind": one.rule.kind, "since": one.since.isoformat(), "left": one.left}
            for one in self._faults
        ]


def cursor_of(query: str) -> str | None:
    """Return the cursor that *query* asks to go on from."""
    return next((value for name, value in parse_qsl(query) if name in CURSORS), None)


def _fault(rule: FaultRule, start: datetime) -> Fault:
    until = None if rule.until is None else start + rule.until
    return Fault(rule=rule, since=start + rule.at, left=rule.times, skip=rule.skip, until=until)
