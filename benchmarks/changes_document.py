"""The section of docs/performance.md on changes, written from the figures of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.changes_figures import HEADERS, RATIO_HEADERS, Comparison, ratios_of, rows_of
from benchmarks.report import render_table

TITLE = "## What changed between two snapshots"

_TEXT = """\
{title}

Written by `python -m benchmarks.changes --full --publish` from one run; do not edit. `make bench` measures the same at
a million items.

{ratios}

{table}

{machine}

- **The snapshots** are made up and written by the product's own writer of rows: comments of some 30 words by 50,000
  people, a month apart, of which one in a hundred changed, one is gone and one is new. Both are baselines; for the
  second line the earlier is a month's last snapshot, in which every row points to the month's baseline, as it is
  in life.
- **Ours** is `compare_rows`, to the last difference, each named and told as new, changed or gone. It joins hashes,
  which are over the id too, and reads ids only of what differs. DuckDB holds 512 MB and spills the rest.
- **Bare** is `ANTI JOIN ... USING (item_id, content_sha256)` over the same files in the same run, with 900 MB:
  it tells what is new or changed, not which of both, and not what is gone.
- Every comparison is a process of its own; ours may have a gibibyte of data (`RLIMIT_DATA`). **Peak** is the kernel's
  figure for that process (`ru_maxrss`), Python included. Seconds leave the start of Python out; of {repeats}
  run(s) the one of the middle CPU time counts.
- **The load** says what else ran: seconds by the clock grow with it, CPU seconds hardly.
"""


def render_section(runs: Sequence[Comparison], about: Mapping[str, object], *, repeats: int) -> str:
    """Return the section for *runs*, made on the machine that *about* describes."""
    machine = [(name, _spell(value)) for name, value in about.items() if name != "peer"]
    return _TEXT.format(
        title=TITLE,
        ratios=render_table(RATIO_HEADERS, ratios_of(runs)),
        table=render_table(HEADERS, rows_of(runs)),
        machine=render_table(("machine", ""), machine),
        repeats=repeats,
    )


def _spell(value: object) -> str:
    return ", ".join(f"{number:.1f}" for number in value) if isinstance(value, tuple) else str(value)
