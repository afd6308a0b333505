"""The figures as a picture: rates beside the floors and the peer, and peak memory by size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
mpl.rcParams["svg.hashsalt"] = "muniment"  # the same figures give the same file

from matplotlib import pyplot as plt  # noqa: E402 - the backend is chosen first

from benchmarks import peer  # noqa: E402
from benchmarks.figures import middle_run  # noqa: E402
from benchmarks.measure import Results  # noqa: E402
from benchmarks.report import floors_of, peers_of, runs_of  # noqa: E402

_OWN, _FLOOR, _PEER = "#1f5f8b", "#9aa5ad", "#c98a3d"


def draw(results: Results, stem: Path) -> None:
    """Write the chart as ``<stem>.png`` and ``<stem>.svg``."""
    figure, (rates, memory) = plt.subplots(1, 2, figsize=(11, 4.2), width_ratios=(3, 2), layout="constrained")
    _draw_rates(rates, results, max(results.bodies))
    _draw_memory(memory, results)
    stem.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(stem.with_suffix(".png"), dpi=150)
    figure.savefig(stem.with_suffix(".svg"), metadata={"Date": None})
    plt.close(figure)


def _draw_rates(axes: Any, results: Results, size: int) -> None:
    run = middle_run(runs_of(results, size))
    allowed = size / sum(floor.wall_s for floor in floors_of(results, size))
    bars = [("floors, one after the other", allowed, _FLOOR), ("Muniment, capture to seal", size / run.wall_s, _OWN)]
    bars += [
        (f"{peer.NAME}, Arrow batches given", found.records / found.cost.wall_s, _PEER)
        for found in peers_of(results, size)
        if found.path == "arrow"
    ]
    ordinary = [found for found in results.peers if found.path == "ordinary"][-1:]
    bars += [
        (f"{peer.NAME}, ordinary ({found.records:,})", found.records / found.cost.wall_s, _PEER) for found in ordinary
    ]
    names, values, colours = zip(*reversed(bars), strict=True)
    drawn = axes.barh(names, values, color=colours)
    axes.bar_label(drawn, labels=[f"{value:,.0f}" for value in values], padding=3)
    axes.set(title=f"Records a second, {size:,} comments", xlim=(0, max(values) * 1.18))
    axes.spines[["top", "right"]].set_visible(False)


def _draw_memory(axes: Any, results: Results) -> None:
    sizes = sorted(results.bodies)
    stages = [stage.name for stage in middle_run(runs_of(results, sizes[0])).stages]
    width = 0.8 / len(sizes)
    for place, size in enumerate(sizes):
        peaks = [stage.cost.peak_mb for stage in middle_run(runs_of(results, size)).stages]
        at = [index + (place - (len(sizes) - 1) / 2) * width for index in range(len(stages))]
        drawn = axes.bar(
            at, peaks, width, label=f"{size:,} records", color=_OWN, alpha=0.45 + 0.55 * place / len(sizes)
        )
        axes.bar_label(drawn, labels=[f"{peak:.0f}" for peak in peaks], padding=2, fontsize=8)
    axes.set(title="Peak memory by stage, MB", xticks=range(len(stages)), xticklabels=stages)
    axes.margins(y=0.3)
    axes.legend(frameon=False, loc="upper left", ncols=len(sizes))
    axes.spines[["top", "right"]].set_visible(False)
