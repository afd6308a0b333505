from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from benchmarks.changes_document import TITLE, render_section
from benchmarks.changes_figures import BARE, Comparison, middle_of, ratios_of, rows_of
from benchmarks.changes_snapshots import BASELINE, snapshots_of
from benchmarks.changes_steps import bare, compare

ITEMS = 1_000


def comparison(what: str, cpu_s: float, items: int = 100, wall_s: float = 1.0) -> Comparison:
    return Comparison(what=what, items=items, wall_s=wall_s, cpu_s=cpu_s, peak_mb=300.4, found={"new": 1_000})


def test_the_ratio_is_to_the_bare_join_of_the_same_size() -> None:
    runs = [
        comparison("ours", 3, wall_s=8),
        comparison(BARE, 2, wall_s=4),
        comparison("ours", 9, items=200),
        comparison(BARE, 3, items=200),
    ]

    assert list(ratios_of(runs)) == [
        ("ours, 100 items", "2.00", "1.50", "3", "300", "1024"),
        ("ours, 200 items", "1.00", "3.00", "3", "300", "1024"),
    ]


@pytest.mark.parametrize(("seconds", "middle"), [((5,), 5), ((5, 1), 1), ((9, 1, 4), 4)])
def test_the_middle_run_counts(seconds: tuple[int, ...], middle: int) -> None:
    assert middle_of([comparison("ours", one) for one in seconds]).cpu_s == middle


def test_a_row_tells_what_was_found() -> None:
    assert list(rows_of([comparison("ours", 2)])) == [("ours", "100", "1.00", "2.00", "300", "1,000 new")]


def test_the_section_has_its_title_and_the_load() -> None:
    section = render_section([comparison("ours", 2), comparison(BARE, 2)], {"load after": (3.0, 2.0, 1.0)}, repeats=3)

    assert section.startswith(TITLE)
    assert "3.0, 2.0, 1.0" in section
    assert "of 3\n  run(s)" in section


def test_the_snapshots_differ_by_a_hundredth_each_way_and_both_comparisons_find_it(tmp_path: Path) -> None:
    made = snapshots_of(tmp_path, ITEMS)
    before, pointing, after = str(made.before), str(made.before_pointing), str(made.after)
    expected = {"changed": 10, "gone": 10, "new": 10}

    assert pq.read_metadata(before).num_rows == ITEMS
    assert compare(before, after)["found"] == expected
    assert compare(pointing, after, before)["found"] == expected
    assert bare(before, after)["found"] == {"new or changed": 20}
    assert set(pq.read_table(pointing)["row_snapshot"].to_pylist()) == {BASELINE}


def test_snapshots_that_are_there_are_not_made_again(tmp_path: Path) -> None:
    made = snapshots_of(tmp_path, ITEMS)
    times = [path.stat().st_mtime_ns for path in tmp_path.iterdir()]

    assert snapshots_of(tmp_path, ITEMS) == made
    assert [path.stat().st_mtime_ns for path in tmp_path.iterdir()] == times
