"""The calendar of captures as SVG: for a page and for paper, no script, and no meaning in colour alone."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from muniment.changes.calendar import ALL, LEGEND, NONE, NOT_DUE, QUARANTINED, SOME, Calendar, Cell, Row

_WIDTH, _LEFT, _TOP = 960, 210, 20
_ROW, _CELL = 24, 20
_MOST_LABELS = 31
_NARROWEST = 14  # column that a number fits into
# Okabe and Ito's colours, told apart with every form of colour blindness (Wong, Nature Methods 8, 441, 2011).
_FILL = {ALL: "#0072b2", SOME: "#e69f00", QUARANTINED: "#cc79a7", NONE: "#ffffff", NOT_DUE: "#f0f2f4"}
_INK = {ALL: "#ffffff", SOME: "#1b1f24", QUARANTINED: "#1b1f24", NONE: "#b00020", NOT_DUE: "#57606a"}
_EDGE = {NONE: "#b00020"}


def draw_calendar(calendar: Calendar, *, title: str) -> str:
    """Return *calendar* as an SVG element with *title*; empty where it has no row."""
    if not calendar.rows:
        return ""
    height = _TOP + _ROW * len(calendar.rows) + 4
    return "".join(
        (
            f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-labelledby="calendar-title calendar-desc" '
            'xmlns="http://www.w3.org/2000/svg">',
            f'<title id="calendar-title">{escape(title)}</title>',
            f'<desc id="calendar-desc">{escape(_describe(calendar))}</desc>',
            *_labels(calendar),
            *(part for at, row in enumerate(calendar.rows) for part in _row(calendar, row, _TOP + at * _ROW)),
            "</svg>",
        )
    )


def draw_calendar_legend() -> str:
    """Return which sign is what, as HTML."""
    entries = (
        f'<svg class=swatch viewBox="0 0 14 14" aria-hidden="true">{_box(mark, "1", "1", "12", "12")}</svg>{words}'
        for mark, words in LEGEND
    )
    return (
        f"<p class=legend>{''.join(f'<span>{entry}</span>' for entry in entries)}"
        "<span>In a box: how many were missed; Q, none missed and some quarantined.</span></p>"
    )


def _describe(calendar: Calendar) -> str:
    what = "hour" if calendar.by_hour else "day"
    rows = (f"{row.account} {row.series}: {_sum(row).in_words()}" for row in calendar.rows)
    return f"A row for each account and series, a column for each {what}. {'. '.join(rows)}."


def _sum(row: Row) -> Cell:
    return Cell(
        sum(cell.accepted for cell in row.cells),
        sum(cell.quarantined for cell in row.cells),
        sum(cell.missed for cell in row.cells),
    )


def _labels(calendar: Calendar) -> Iterator[str]:
    step = -(-len(calendar.columns) // _MOST_LABELS)
    for at, name in enumerate(calendar.columns):
        if at % step == 0:
            x = _LEFT + (at + 0.5) * _pitch(calendar)
            yield f'<text x="{x:.1f}" y="{_TOP - 7}" text-anchor="middle">{name[-2:]}</text>'


def _row(calendar: Calendar, row: Row, y: int) -> Iterator[str]:
    yield f'<text x="{_LEFT - 8}" y="{y + 14}" text-anchor="end">{escape(f"{row.account} {row.series}")}</text>'
    pitch = _pitch(calendar)
    width = max(pitch - 2, 1)
    for at, (name, cell) in enumerate(zip(calendar.columns, row.cells, strict=True)):
        x = _LEFT + at * pitch
        yield f"<g><title>{escape(f'{row.account} {row.series}, {name}: {cell.in_words()}')}</title>"
        yield _box(cell.mark, f"{x:.1f}", str(y), f"{width:.1f}", str(_CELL))
        inside = str(cell.missed or "") or (QUARANTINED if cell.mark == QUARANTINED else "")
        if inside and pitch >= _NARROWEST:
            yield (
                f'<text x="{x + width / 2:.1f}" y="{y + 14}" text-anchor="middle" '
                f'style="fill:{_INK[cell.mark]};font-size:10px">{inside}</text>'
            )
        yield "</g>"


def _box(mark: str, x: str, y: str, width: str, height: str) -> str:
    edge = f' stroke="{_EDGE[mark]}" stroke-dasharray="3 2"' if mark in _EDGE else ' stroke="#d0d7de"'
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{_FILL[mark]}"{edge}/>'


def _pitch(calendar: Calendar) -> float:
    return min(24.0, (_WIDTH - _LEFT - 4) / len(calendar.columns))
