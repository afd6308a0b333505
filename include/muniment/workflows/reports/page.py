"""A report as one HTML page that needs nothing else and prints to PDF. No script runs in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from muniment.workflows.reports.report import Report
from muniment.workflows.reports.table import Cell, Kind, Table, spell_size
from muniment.workflows.reports.timeline_svg import draw_legend, draw_svg

MOST_ROWS = 500  # on a page; JSON and CSV have all
_CLASSES = {
    Kind.COUNT: "number",
    Kind.BYTES: "number",
    Kind.NAME: "name",
    Kind.HASH: "hash",
    Kind.DAY: "when",
    Kind.INSTANT: "when",
}
_COMMAND = re.compile(r"`([^`<>]+)`")
STYLE = """
:root { --ink: #1b1f24; --quiet: #57606a; --line: #d0d7de; }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: #fff; max-width: 74rem;
       margin: 2.5rem auto; padding: 0 1.5rem; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.05rem; margin: 2.2rem 0 .2rem; border-bottom: 1px solid var(--line); padding-bottom: .25rem; }
p { margin: .3rem 0; }
.quiet { color: var(--quiet); }
.numbers { display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; margin: 1.2rem 0; }
.numbers strong { display: block; font-size: 1.4rem; }
.empty { border-left: .3rem solid var(--line); padding: .4rem .8rem; color: var(--quiet); }
table { border-collapse: collapse; width: 100%; margin-top: .4rem; }
th, td { overflow-wrap: break-word; text-align: left; vertical-align: top;
         padding: .4rem .7rem .4rem 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; color: var(--quiet); }
.number { text-align: right; font-variant-numeric: tabular-nums; }
td.number, .name, .when { white-space: nowrap; }
.hash, code { font: .85em ui-monospace, monospace; }
.hash { overflow-wrap: anywhere; min-width: 8rem; }
svg { width: 100%; height: auto; font: 11px system-ui, sans-serif; fill: var(--quiet); }
svg.swatch { width: .8rem; height: .8rem; margin-right: .4rem; vertical-align: -.05rem; }
.legend span { margin-right: 1.4rem; white-space: nowrap; }
@page { size: landscape; margin: 15mm 12mm; }
@media print { body { margin: 0; max-width: none; padding: 0; font-size: 9pt; }
  tr, .numbers, figure { break-inside: avoid; } h2 { break-after: avoid; } thead { display: table-header-group; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
figure { margin: .6rem 0; }
"""


def render_page(report: Report) -> str:
    """Return *report* as a page."""
    zone = ZoneInfo(report.zone)
    title = f"Retention report: {_text(report.name)}"
    return "".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title><style>{STYLE}</style></head><body>",
            f"<h1>{title}</h1><p>As of {_moment(report.moment.astimezone(zone))}, in {_text(report.zone)}.</p>",
            f"<p class=quiet>{_text(report.schedule)}</p>",
            *(f"<p class=quiet>{render_prose(remark)}</p>" for remark in report.remarks),
            *_numbers(report),
            *_timeline(report),
            *(part for table in report.tables for part in render_table(table, zone)),
            "<h2>To check this report</h2><p>It proves nothing by itself. It is counted from sealed manifests and "
            "register events alone, and says what stood at its date whenever it is made. Whoever doubts it runs "
            f"<code>muniment retention report --agency {_text(report.agency)}</code> with the same date, and "
            f"<code>muniment verify {_text(report.agency)}</code> for the records themselves.</p></body></html>\n",
        )
    )


def spell_cell(cell: Cell, kind: Kind, zone: ZoneInfo) -> str:
    """Spell *cell* for people, instants in *zone*; empty where there is nothing to say."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        local = cell.astimezone(zone)
        return f"{local:%Y-%m-%d}" if kind is Kind.DAY else f"{local:%Y-%m-%d %H:%M}"
    if isinstance(cell, int):
        return spell_size(cell) if kind is Kind.BYTES else f"{cell:,}"
    return cell


def _numbers(report: Report) -> Iterator[str]:
    yield "<div class=numbers>"
    for table_id, column, what in (
        ("holdings", "volumes", "volumes held"),
        ("holdings", "objects", "objects"),
        ("holdings", "size_bytes", "in all"),
        ("due", "volumes", "volumes due"),
    ):
        table = report.table(table_id)
        kind = next(one.kind for one in table.columns if one.id == column)
        total = sum(cell for cell in table.cells(column) if isinstance(cell, int))
        yield f"<span><strong>{spell_cell(total, kind, ZoneInfo(report.zone))}</strong>{what}</span>"
    for table_id, what in (("on-hold", "open matters"), ("destroyed", "certificates")):
        yield f"<span><strong>{len(report.table(table_id).rows):,}</strong>{what}</span>"
    yield f"<span><strong>{report.table('failed').cells('open').count('yes'):,}</strong>to be done</span>"
    yield "</div>"


def _timeline(report: Report) -> Iterator[str]:
    timeline = report.timeline
    yield "<h2>What becomes due, month by month</h2>"
    if timeline.months:
        yield "<p class=quiet>Height: bytes. The number above a bar: volumes.</p>"
        yield f"{draw_legend(timeline)}<figure>{draw_svg(timeline)}</figure>"
    else:
        yield "<p class=empty>No volume has a due date yet. The due table says which wait for an event.</p>"
    yield from (f"<p class=quiet>{render_prose(remark)}</p>" for remark in timeline.remarks)


def render_table(table: Table, zone: ZoneInfo) -> Iterator[str]:
    """Yield *table* as parts of a page: its heading, and its rows or what it means that there are none."""
    yield f"<h2 id={table.id}>{_text(table.title)}</h2>"
    if not table.rows:
        yield f"<p class=empty>{render_prose(table.empty)}</p>"
        return
    yield f"<p class=quiet>{render_prose(table.about)}</p><table><thead><tr>"
    yield from (f"<th{_class(column.kind)}>{_text(column.title)}</th>" for column in table.columns)
    yield "</tr></thead><tbody>"
    for row in table.rows[:MOST_ROWS]:
        cells = zip(row, table.columns, strict=True)
        yield "<tr>"
        yield from (
            f"<td{_class(one.kind)}>{render_prose(spell_cell(cell, one.kind, zone))}</td>" for cell, one in cells
        )
        yield "</tr>"
    yield "</tbody></table>"
    if len(table.rows) > MOST_ROWS:
        more = len(table.rows) - MOST_ROWS
        yield f"<p class=quiet>{render_prose(f'And {more:,} more: `--csv` and `--json` have every one.')}</p>"


def _class(kind: Kind) -> str:
    return f" class={_CLASSES[kind]}" if kind in _CLASSES else ""


def _moment(local: datetime) -> str:
    return f"{local:%d %B %Y, %H:%M}"


def render_prose(value: str) -> str:
    """Return *value* as HTML; what stands between backquotes is a command."""
    return _COMMAND.sub(r"<code>\1</code>", escape(value))


def _text(value: str) -> str:
    return escape(value)
