"""The log stays logarithmic: ten times the entries cost no more than a few levels of the tree more."""

from __future__ import annotations

from benchmarks.log_growth import measure_log_growth


def test_ten_times_the_log_costs_no_more_than_a_level_of_tiles() -> None:
    growth = measure_log_growth(2000, 40)

    # A tile is hashed whole, 255 times at the most for each of its two levels here.
    assert growth.append_late.objects <= growth.append_early.objects + 3
    assert growth.append_late.hashes <= growth.append_early.hashes + 2 * 255
    assert growth.prove_late.objects <= growth.prove_early.objects + 2
    assert growth.prove_late.hashes <= growth.prove_early.hashes + 2 * 255
    assert growth.append_late.hashes < 2000
