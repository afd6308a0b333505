"""From numbers to a verdict of our own type. Great Expectations judges; its types stay here."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module

from muniment.errors import EvidenceError
from muniment.evidence.manifest import FindingCount, Verdict
from muniment.records.names import SeriesId
from muniment.validation.suites import (
    DRIFT_ITEMS,
    EMPTIED,
    EMPTIED_MANY,
    MOVED_FAR,
    SUITES,
    Rule,
    emptied,
    moved_far,
    suite_name,
)

ACCEPTED, QUARANTINED = "accepted", "quarantined"

_TURN_S = 0.0005  # how long an import may keep Python's lock from a thread that waits for an answer; usual is ten times


@contextmanager
def judge_at_hand() -> Iterator[None]:
    """Import Great Expectations in a thread while the ``with`` block does something else.

    That takes seconds, once a process. What it raises, `judge` raises.
    """
    usual = sys.getswitchinterval()
    sys.setswitchinterval(_TURN_S)
    try:
        with ThreadPoolExecutor(1, "import-judge") as thread:
            thread.submit(_import_judge)
            yield
    finally:
        sys.setswitchinterval(usual)


def _import_judge() -> None:
    # Modules hold no garbage, and looking for some takes a fifth of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        import_module("muniment.validation.expectations")
    finally:
        if collecting:
            gc.enable()


def judge(series: SeriesId, metrics: Mapping[str, int | None]) -> Verdict:
    """Judge a snapshot of *series* by its numbers (`tables.metrics.measure`).

    A number that is None could not be measured: its rule is not among those checked.

    Raises:
        EvidenceError: the series has no rules, a number is missing, or a rule could not be applied.
    """
    rules = _find_rules(series)
    numbers = {**metrics, **_compare(metrics)}
    if absent := sorted({rule.metric for rule in rules} - numbers.keys()):
        raise EvidenceError(f"metrics of {series}: expected {', '.join(absent)}, found none")
    # Great Expectations takes seconds to import, so not before it is needed.
    from muniment.validation.expectations import find_broken  # noqa: PLC0415

    broken = find_broken(series, numbers)
    findings = tuple(sorted((_count(rule, numbers) for rule in rules if rule.code in broken), key=lambda f: f.code))
    return Verdict(
        outcome=QUARANTINED if any(finding.stops_seal for finding in findings) else ACCEPTED,
        suite=suite_name(series),
        rules_checked=sum(numbers[rule.metric] is not None for rule in rules),
        findings=findings,
    )


def _compare(metrics: Mapping[str, int | None]) -> dict[str, int | None]:
    listed, total, before = (metrics.get(name) for name in ("listed", "total", "previous_total"))
    return {
        MOVED_FAR: moved_far(total, before),
        EMPTIED: emptied(listed, total, before),
        EMPTIED_MANY: emptied(listed, total, before, at_least=DRIFT_ITEMS),
    }


def _find_rules(series: SeriesId) -> tuple[Rule, ...]:
    if series not in SUITES:
        raise EvidenceError(f"series {series}: expected one that has rules")
    return SUITES[series]


def _count(rule: Rule, numbers: Mapping[str, int | None]) -> FindingCount:
    return FindingCount(
        code=rule.code,
        count=numbers[rule.metric] or 0,
        detail=rule.detail.format_map(numbers),
        stops_seal=rule.stops_seal,
    )
