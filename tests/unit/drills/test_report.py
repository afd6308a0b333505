"""The report says what is wrong, with which item and how to repeat it, and publishes no more than was found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from drills.chart import draw
from drills.document import write_document
from drills.drill import Outcome
from drills.passing import Passing
from drills.report import rows_by_kind, rows_by_seed, rows_of_figures, tell_faults
from drills.truth import EDITED, HIDDEN, KINDS

FAULT = ("not found", "at://did:plc:x/app.bsky.feed.post/1", "bluesky-city public-comments: hidden at noon")


def outcome(seed: int, *faults: tuple[str, str, str]) -> Outcome:
    return Outcome(
        seed=seed,
        expected={EDITED: 3, HIDDEN: 2},
        found={EDITED: 3, HIDDEN: 2 - len(faults)},
        told=6,
        windows=6,
        duplicates=0,
        passing=Passing(items=10, missed=4, stated=5, bound=4.2),
        made=100,
        quarantined=1,
        failed={"TokenRefusedError": 2},
        killed=3,
        seconds=60.4,
        faults=list(faults),
    )


def test_a_fault_is_told_with_its_item_and_how_to_repeat_the_month_alone() -> None:
    told = tell_faults(outcome(7, FAULT))
    assert "python -m drills --seed 7" in told
    assert FAULT[1] in told


def test_many_faults_are_counted_and_a_few_told() -> None:
    told = tell_faults(outcome(7, *[FAULT] * 30), most=5)
    assert told.count(FAULT[1]) == 5
    assert "and 25 more" in told


def test_recall_is_by_kind_over_all_seeds_and_a_kind_that_did_not_happen_claims_none() -> None:
    rows = {row[0]: row[1:] for row in rows_by_kind([outcome(1), outcome(2, FAULT)])}
    assert tuple(rows) == KINDS
    assert rows[HIDDEN] == ("4", "3", "75.0 %")
    assert rows["removed"] == ("0", "0", "none happened")


def test_the_figures_add_up_over_all_seeds() -> None:
    rows = {row[0]: row[1] for row in rows_of_figures([outcome(1), outcome(2, FAULT)])}
    assert rows["seeds, sound"] == "1 of 2"
    assert rows["short-lived items missed"] == "8 of 20, 40.0 %"
    assert rows["short-lived items stated"] == "10 of 20, 50.0 %"
    assert rows["the share stated for births spread evenly"] == "42.0 %"
    assert rows["pieces of work that failed"] == "4"
    assert [row[0] for row in rows_by_seed([outcome(1), outcome(2)])] == ["1", "2"]


def test_the_document_holds_the_tables_and_no_braces(tmp_path: Path) -> None:
    write_document([outcome(1), outcome(2)], tmp_path / "drills.md")
    text = (tmp_path / "drills.md").read_text("utf-8")
    assert "Over 2 months, seeds 1, 2:" in text
    assert "| hidden | 4 | 4 | 100.0 % |" in text
    assert "{" not in text


@pytest.mark.parametrize("items", [10, 0])
def test_the_chart_is_drawn_and_the_same_figures_give_the_same_file(tmp_path: Path, items: int) -> None:
    one = replace(outcome(1), passing=Passing(items=items, missed=items, stated=items, bound=0))
    for name in ("one", "two"):
        draw([one], tmp_path / name)

    assert (tmp_path / "one.png").stat().st_size > 5_000
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
