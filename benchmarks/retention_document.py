"""The section of docs/performance.md on retention, written from the figures of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.report import render_table
from benchmarks.retention_figures import HEADERS, RATIO_HEADERS, Timing, ratios_of, rows_of

TITLE = "## Retention as the archive grows"

_TEXT = """\
{title}

Written by `python -m benchmarks.retention --full --publish` from one run; do not edit. `make bench` measures the same
with a smaller store.

{ratios}

{table}

{machine}

- **Flat is x1.0**: the time per object at the largest size over that at the smallest. Nothing here holds more than
  one volume's objects in memory.
- **The catalog** is made up, in a real PostgreSQL: volumes of 500 objects, of 100 snapshots. The due list reads each
  volume's sums with one statement and reckons every volume's date; of three runs the middle one counts.
- **The store** is a real SeaweedFS with Object Lock: volumes of 50 locked objects, of ten snapshots, each with a
  manifest. The due list from the vault lists every object and reads every manifest; with a catalog, the nightly run
  is spared the manifests.
- **Reconciliation** reads the hold of every version, as `reconcile_holds` does each night, its shares one after the
  other in one process. Holding half of the objects writes each of their bits and reads it back. Airflow runs the shares
  side by side.
- **The load** says what else ran on the machine: seconds by the clock grow with it, CPU seconds hardly. CPU seconds
  are those of this process; the servers' own are not in them.
"""


def render_section(timings: Sequence[Timing], about: Mapping[str, object]) -> str:
    """Return the section for *timings*, made on the machine that *about* describes."""
    machine = [(name, _spell(value)) for name, value in about.items() if name != "peer"]
    return _TEXT.format(
        title=TITLE,
        ratios=render_table(RATIO_HEADERS, ratios_of(timings)),
        table=render_table(HEADERS, rows_of(timings)),
        machine=render_table(("machine", ""), machine),
    )


def _spell(value: object) -> str:
    return ", ".join(f"{number:.1f}" for number in value) if isinstance(value, tuple) else str(value)
