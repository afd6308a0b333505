"""docs/performance.md, written from the figures of a run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import middle_run
from benchmarks.measure import QUIET_POSTS, Results
from benchmarks.report import HEADERS, ratios_of, render_table, rows_of
from benchmarks.sections import rewrite

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
  Expectations, up to the end as Airflow ends a task's process. The servers' CPU stands apart, though they run on
  the same cores. Of {repeats} run(s), the figures are those of the middle.
- **The floors** are what nobody can leave out: zstd level {zstd_level} and SHA-256 of the platform's answers, and
  Parquet of the rows, with the product's own settings, to disk with fsync, each on one core, without the start of
  Python. The rate that they allow is that of both, one after the other.
- **Without the start** leaves out the start of Python and of our own modules. Great Expectations' two seconds are
  counted: `seal` imports it while it reads what it judges, once a run for all its accounts.
- **The peer**, {peer}, loads the same JSON from disk to Parquet in the same store. *Ordinary*: it is given
  dictionaries. *Arrow*: it is given our own parser's batches, made within the measured work. It asks no
  platform, keeps no pages, locks nothing and writes no manifest.
- **The unchanged account** has {quiet_posts:,} posts; the second capture adds {quiet_bytes:,} bytes (pages,
  rows and manifest) to the {baseline_bytes:,} of the first.
- **What limits.** Of {cpu_us:.0f} microseconds of processor a record, {capture_us:.0f} go to `capture` and
  {parse_us:.0f} to `parse`, where two processes share a large capture. Besides the floor of writing Parquet it
  unpacks and hashes the sealed answers again, reads their JSON, makes a typed row without markup of each record,
  and commits to every field with SHA-256. The store takes another {store_us:.0f} on the same cores, half of
  it for its own MD5. With more cores `parse` takes up to four processes.
- **Commitments** are measured row group by row group, the write alone and the write with its rows committed to
  meanwhile in another thread, in turn. **Verification** reads a gibibyte in four objects from a store of its own;
  the plain reader takes the same bytes and only hashes them. **The log** is counted, not timed: hashes computed by
  the dearest append and the dearest proof.
- **Peak memory** is the kernel's figure for each stage's process (`ru_maxrss`); runs of one size differ by up to
  {spread_mb:.0f} MB. In `seal`, DuckDB's tables of ids grow with the records, and spill to disk at 256 MB.
"""


def write_document(results: Results, path: Path) -> None:
    """Write the document of *results* to *path*."""
    from muniment.tables.parquet import ZSTD_LEVEL  # noqa: PLC0415 - not in memory while processes are measured

    size = max(results.bodies)
    first, second = results.quiet
    run = middle_run([run for run in results.runs if run.records == size])
    spent = {stage.name: stage.cost.cpu_s / size * 1e6 for stage in run.stages}
    text = _TEXT.format(
        ratios=render_table(("measure", "found", "target"), ratios_of(results)),
        table=render_table(HEADERS, rows_of(results)),
        machine=render_table(("machine", ""), [(name, _spell(value)) for name, value in results.about.items()]),
        record_bytes=results.bodies[size] / size,
        repeats=len([run for run in results.runs if run.records == size]),
        peer=results.about["peer"],
        zstd_level=ZSTD_LEVEL,
        cpu_us=sum(spent.values()),
        capture_us=spent["capture"],
        parse_us=spent["parse"],
        store_us=sum(stage.store_cpu_s for stage in run.stages) / size * 1e6,
        spread_mb=max(max(peaks) - min(peaks) for peaks in _peaks(results)),
        quiet_posts=QUIET_POSTS,
        quiet_bytes=second.bytes,
        baseline_bytes=first.bytes,
    )
    rewrite(path, text)


def _peaks(results: Results) -> Iterator[list[float]]:
    """Yield the peaks of the runs of each size and stage."""
    for size in results.bodies:
        runs = [run.stages for run in results.runs if run.records == size]
        yield from ([stage.cost.peak_mb for stage in stages] for stages in zip(*runs, strict=True))


def _spell(value: object) -> str:
    return ", ".join(f"{number:.1f}" for number in value) if isinstance(value, tuple) else str(value)
