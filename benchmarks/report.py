"""The figures as a table for a terminal and for a document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from benchmarks import peer
from benchmarks.figures import (
    Floor,
    PathRun,
    PeerRun,
    Share,
    Stage,
    memory_growth,
    middle_floor,
    middle_peer,
    middle_run,
    share_of_floors,
    share_without_start,
    times_as_fast,
)
from benchmarks.measure import Results
from benchmarks.proof import ratios_of_proof

HEADERS = ("what", "records", "wall s", "records/s", "CPU s", "store CPU s", "platform CPU s", "peak MB", "MB written")


def rows_of(results: Results) -> Iterator[tuple[str, ...]]:
    """Yield the table's rows: for each size the path and its stages, the floors, the peer."""
    for size in sorted(results.bodies):
        run = middle_run(runs_of(results, size))
        yield _path_row(run)
        yield from (_stage_row(stage, run) for stage in run.stages)
        for floor in floors_of(results, size):
            first = _first_cells(_FLOOR_NAMES[floor.name], size, floor.wall_s, floor.cpu_s)
            yield (*first, "", "", "", _megabytes(floor.bytes))
        for found in peers_of(results, size):
            first = _first_cells(f"{peer.NAME}, {found.path} path", size, found.cost.wall_s, found.cost.cpu_s)
            yield (*first, f"{found.store_cpu_s:.1f}", "", f"{found.cost.peak_mb:.0f}", _megabytes(found.bytes))


_FLOOR_NAMES = {"bytes": "floor: zstd and SHA-256", "table": "floor: Parquet"}
_WRITTEN = {"capture": "pages.parquet", "parse": "rows.parquet", "seal": "manifest.json"}


def _path_row(run: PathRun) -> tuple[str, ...]:
    store = sum(stage.store_cpu_s for stage in run.stages)
    platform = sum(stage.platform_cpu_s for stage in run.stages)
    peak = max(stage.cost.peak_mb for stage in run.stages)
    first = _first_cells("Muniment, capture to seal", run.records, run.wall_s, run.cpu_s)
    return (*first, f"{store:.1f}", f"{platform:.1f}", f"{peak:.0f}", _megabytes(run.bytes))


def _stage_row(stage: Stage, run: PathRun) -> tuple[str, ...]:
    first = _first_cells(f"  {stage.name}", run.records, stage.cost.wall_s, stage.cost.cpu_s)
    servers = (f"{stage.store_cpu_s:.1f}", f"{stage.platform_cpu_s:.1f}")
    return (*first, *servers, f"{stage.cost.peak_mb:.0f}", _megabytes(run.sizes[_WRITTEN[stage.name]]))


def _first_cells(what: str, records: int, wall_s: float, cpu_s: float) -> tuple[str, ...]:
    return (what, f"{records:,}", f"{wall_s:.1f}", f"{records / wall_s:,.0f}", f"{cpu_s:.1f}")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f}"


def ratios_of(results: Results) -> Iterator[tuple[str, str, str]]:
    """Yield each measure, what was found and the target, in words."""
    sizes = sorted(results.bodies)
    for size in sizes:
        run, floors = middle_run(runs_of(results, size)), floors_of(results, size)
        yield f"share of the floors' rate, {size:,} records", _percent(share_of_floors(run, floors)), "50 %"
        yield "  without the start of processes", _percent(share_without_start(run, floors)), "50 %"
        for found in peers_of(results, size):
            target = "5" if found.path == "ordinary" else "1"
            yield (
                f"times as fast as {peer.NAME}'s {found.path} path, {size:,}",
                _times(times_as_fast(run, found)),
                target,
            )
    if len(sizes) > 1:
        growth = memory_growth(*(middle_run(runs_of(results, size)) for size in (sizes[0], sizes[-1])))
        said = ", ".join(f"{name} {more:+.0f} MB" for name, more in growth.items())
        yield f"peak memory, {sizes[-1]:,} against {sizes[0]:,} records", said, "one batch"
    first, second = results.quiet
    yield "an hourly capture of an unchanged account", f"{second.bytes / first.bytes:.2%} of its baseline", "under 2 %"
    yield from ratios_of_proof(results.proof)


def _percent(share: Share) -> str:
    return f"{share.by_clock:.0%} by the clock, {share.by_processor:.0%} by CPU seconds"


def _times(share: Share) -> str:
    return f"{share.by_clock:.1f} by the clock, {share.by_processor:.1f} by CPU seconds"


def runs_of(results: Results, size: int) -> list[PathRun]:
    """Return the runs of the path with *size* records."""
    return [run for run in results.runs if run.records == size]


def floors_of(results: Results, size: int) -> list[Floor]:
    """Return each floor with *size* records, with the medians of its runs."""
    found = [floor for floor in results.floors if floor.records == size]
    return [middle_floor([floor for floor in found if floor.name == name]) for name in _FLOOR_NAMES]


def peers_of(results: Results, size: int) -> list[PeerRun]:
    """Return the peer's middle run of each of its paths with *size* records."""
    found = [run for run in results.peers if run.records == size]
    return [
        middle_peer([run for run in found if run.path == path]) for path in dict.fromkeys(run.path for run in found)
    ]


def render_table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Render a table in Markdown, its columns aligned for a terminal."""
    lines = [tuple(headers), *map(tuple, rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(headers))]
    spelled = [
        "| "
        + " | ".join(_pad(cell, width, at) for at, (cell, width) in enumerate(zip(line, widths, strict=True)))
        + " |"
        for line in lines
    ]
    rule = "|" + "|".join("-" * (width + 1) + ("-" if at == 0 else ":") for at, width in enumerate(widths)) + "|"
    return "\n".join([spelled[0], rule, *spelled[1:]])


def _pad(cell: str, width: int, at: int) -> str:
    return cell.ljust(width) if at == 0 else cell.rjust(width)
