"""The outcomes of some seeds as tables of text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from drills.drill import Outcome
from drills.passing import Passing
from drills.truth import KINDS

Table = list[tuple[str, ...]]
KIND_HEADERS = ("what happened", "could be seen", "found", "recall")
FIGURE_HEADERS = ("measure", "found", "must be")
SEED_HEADERS = ("seed", "could be seen", "found", "false", "twice", "missed", "stated", "made", "killed", "seconds")
FALSE = ("false alarm", "false gone", "window without the truth")
TWICE = ("duplicate", "told twice")


def rows_by_kind(outcomes: Sequence[Outcome]) -> Table:
    """Return how many of each kind could be seen, and were found."""
    rows: Table = []
    for kind in KINDS:
        expected = sum(one.expected.get(kind, 0) for one in outcomes)
        found = sum(one.found.get(kind, 0) for one in outcomes)
        rows.append((kind, f"{expected:,}", f"{found:,}", _percent(found, expected)))
    return rows


def rows_of_figures(outcomes: Sequence[Outcome]) -> Table:
    """Return the other figures, each with what it must be."""
    passing = sum_passing(outcomes)
    told, windows = sum(one.told for one in outcomes), sum(one.windows for one in outcomes)
    return [
        ("windows that contain the truth", f"{windows:,} of {told:,}", "all"),
        ("false alarms", _count(outcomes, "false alarm"), "0"),
        ("false `gone`, confirmed", _count(outcomes, "false gone"), "0"),
        ("told twice", _count(outcomes, "told twice"), "0"),
        ("duplicate snapshots or rows", f"{sum(one.duplicates for one in outcomes):,}", "0"),
        ("short-lived items missed", f"{passing.missed:,} of {passing.items:,}, {_share(passing.missed, passing)}", ""),
        (
            "short-lived items stated",
            f"{passing.stated:,} of {passing.items:,}, {_share(passing.stated, passing)}",
            "each that was missed among them",
        ),
        ("the share stated for births spread evenly", _share(passing.bound, passing), ""),
        ("longest life missed", _hours(passing.longest_missed), "below the exposure of its days"),
        ("snapshots accepted", f"{sum(one.made for one in outcomes):,}", ""),
        ("snapshots quarantined", f"{sum(one.quarantined for one in outcomes):,}", ""),
        ("pieces of work that failed", f"{sum(sum(one.failed.values()) for one in outcomes):,}", ""),
        ("pieces of work killed", f"{sum(one.killed for one in outcomes):,}", ""),
        ("seeds, sound", f"{sum(not one.faults for one in outcomes)} of {len(outcomes)}", "all"),
    ]


def rows_by_seed(outcomes: Sequence[Outcome]) -> Table:
    """Return one line for each seed."""
    return [
        (
            str(one.seed),
            str(sum(one.expected.values())),
            str(sum(one.found.values())),
            str(one.count(*FALSE)),
            str(one.count(*TWICE)),
            _share(one.passing.missed, one.passing),
            _share(one.passing.stated, one.passing),
            str(one.made),
            str(one.killed),
            f"{one.seconds:.0f}",
        )
        for one in outcomes
    ]


def sum_passing(outcomes: Iterable[Outcome]) -> Passing:
    """Return the short-lived items of all *outcomes*."""
    total = Passing()
    for one in outcomes:
        total.add(one.passing)
    return total


def render_text(headers: Sequence[str], rows: Table) -> str:
    """Lay the table out for a terminal."""
    widths = [max(len(row[index]) for row in (headers, *rows)) for index in range(len(headers))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in (headers, *rows)]
    return "\n".join(line.rstrip() for line in [lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def render_markdown(headers: Sequence[str], rows: Table) -> str:
    """Lay the table out for a document."""
    lines = [headers, ["---"] * len(headers), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def tell_faults(outcome: Outcome, *, most: int = 20) -> str:
    """Say what is wrong with *outcome*, and how it is repeated alone."""
    lines = [f"seed {outcome.seed}: {len(outcome.faults)} faults; again: python -m drills --seed {outcome.seed}"]
    lines += [f"  {name}: {about}: {detail}" for name, about, detail in outcome.faults[:most]]
    left = len(outcome.faults) - most
    return "\n".join([*lines, f"  and {left} more"] if left > 0 else lines)


def _count(outcomes: Iterable[Outcome], kind: str) -> str:
    return f"{sum(one.count(kind) for one in outcomes):,}"


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "none happened"


def _share(part: float, passing: Passing) -> str:
    return _percent(part, passing.items)


def _hours(length: timedelta) -> str:
    return f"{length.total_seconds() / 3600:.1f} h"
