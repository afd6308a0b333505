"""The outcomes as a picture: what was found of each kind, and what was missed beside what was stated."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
mpl.rcParams["svg.hashsalt"] = "muniment"  # the same figures give the same file

from matplotlib import pyplot as plt  # noqa: E402 - the backend is chosen first

from drills.drill import Outcome  # noqa: E402
from drills.truth import KINDS  # noqa: E402

_FOUND, _COULD, _LINE = "#1f5f8b", "#9aa5ad", "#c98a3d"


def draw(outcomes: Sequence[Outcome], stem: Path) -> None:
    """Write the chart as ``<stem>.png`` and ``<stem>.svg``."""
    figure, (kinds, shares) = plt.subplots(1, 2, figsize=(11, 4.2), width_ratios=(3, 2), layout="constrained")
    _draw_kinds(kinds, outcomes)
    _draw_shares(shares, outcomes)
    stem.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(stem.with_suffix(".png"), dpi=150)
    figure.savefig(stem.with_suffix(".svg"), metadata={"Date": None})
    plt.close(figure)


def _draw_kinds(axes: Any, outcomes: Sequence[Outcome]) -> None:
    names = list(reversed(KINDS))
    expected = [sum(one.expected.get(kind, 0) for one in outcomes) for kind in names]
    found = [sum(one.found.get(kind, 0) for one in outcomes) for kind in names]
    axes.barh(names, expected, color=_COULD, label="could be seen")
    drawn = axes.barh(names, found, color=_FOUND, height=0.5, label="found")
    labels = [f"{part:,} of {whole:,}" for part, whole in zip(found, expected, strict=True)]
    axes.bar_label(drawn, labels=labels, padding=8)
    axes.set(title=f"What happened, over {len(outcomes)} months", xlim=(0, max([*expected, 1]) * 1.25))
    axes.legend(frameon=False, loc="lower right")
    axes.spines[["top", "right"]].set_visible(False)


def _draw_shares(axes: Any, outcomes: Sequence[Outcome]) -> None:
    told = [one.passing for one in outcomes if one.passing.items]
    stated = [100 * one.stated / one.items for one in told]
    missed = [100 * one.missed / one.items for one in told]
    most = max([*stated, *missed, 1]) * 1.1
    axes.plot((0, most), (0, most), color=_LINE, linewidth=1)
    axes.scatter(stated, missed, color=_FOUND, s=24)
    axes.set(title="Short-lived comments missed, %", xlabel="stated", ylabel="found", xlim=(0, most), ylim=(0, most))
    axes.spines[["top", "right"]].set_visible(False)
