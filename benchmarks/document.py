"""docs/performance.md, written from the figures of a run."""

from __future__ import annotations

from pathlib import Path

from benchmarks.measure import QUIET_POSTS, Results
from benchmarks.report import HEADERS, ratios_of, render_table, rows_of

_TEXT = """\
# Performance

Written by `python -m benchmarks --publish` from one run; do not edit. `make bench` measures the same on your machine.

![Records a second beside the floors and the peer, and peak memory by stage](img/bench.png)

## What was found

{ratios}

## The run

{table}

{machine}

## How to read it

- **The path** is the product's own, through its own functions: `capture`, `parse` and `seal`, each in a process
  of its own, against a platform server in another process and the embedded store with Object Lock, which
  `muniment doctor` has passed. The records are comments: contexts of 4,000 replies, {record_bytes:,.0f} bytes
  of JSON a record. Every snapshot was accepted by its checks.
- **Wall** and **CPU seconds** are whole processes, with the start of Python, of boto3 and of Great
  Expectations. The servers' CPU stands apart, though they run on the same cores. Of {repeats} run(s), the
  figures are those of the middle.
- **The floors** are what nobody can leave out: zstd level 1 and SHA-256 of the platform's answers, and Parquet
  of the rows, with the product's own settings, to disk with fsync, each on one core, without the start of
  Python. The rate that they allow is that of both, one after the other.
- **Without the start** leaves out the imports: a run pays Great Expectations' seconds once for all its
  accounts.
- **The peer**, {peer}, loads the same JSON from disk to Parquet in the same store. *Ordinary*: it is given
  dictionaries. *Arrow*: it is given our own parser's batches, made within the measured work. It asks no
  platform, keeps no pages, locks nothing and writes no manifest.
- **The unchanged account** has {quiet_posts:,} posts; the second capture adds {quiet_bytes:,} bytes (pages,
  rows and manifest) to the {baseline_bytes:,} of the first.
- **Peak memory** is the kernel's figure for each stage's process (`ru_maxrss`).
"""


def write_document(results: Results, path: Path) -> None:
    """Write the document of *results* to *path*."""
    size = max(results.bodies)
    first, second = results.quiet
    text = _TEXT.format(
        ratios=render_table(("promise", "found", "asked"), ratios_of(results)),
        table=render_table(HEADERS, rows_of(results)),
        machine=render_table(("machine", ""), [(name, _spell(value)) for name, value in results.about.items()]),
        record_bytes=results.bodies[size] / size,
        repeats=len([run for run in results.runs if run.records == size]),
        peer=results.about["peer"],
        quiet_posts=QUIET_POSTS,
        quiet_bytes=second.bytes,
        baseline_bytes=first.bytes,
    )
    path.write_text(text, "utf-8")


def _spell(value: object) -> str:
    return ", ".join(f"{number:.1f}" for number in value) if isinstance(value, tuple) else str(value)
