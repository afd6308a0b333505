"""The retention timeline as SVG: stacked bars by month, what is on hold hatched.

Written by hand: one chart of rectangles does not carry a plotting library's hundred megabytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from muniment.workflows.reports.table import spell_size, spell_volumes
from muniment.workflows.reports.timeline import Month, Part, Timeline

_WIDTH, _HEIGHT = 960, 340
_LEFT, _RIGHT, _TOP, _BOTTOM = 76, 12, 28, 46
_TICKS = 4
_MOST_LABELS = 24
# Okabe and Ito's colours, told apart with every form of colour blindness (Wong, Nature Methods 8, 441, 2011).
_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#7f7f7f")


def draw_svg(timeline: Timeline) -> str:
    """Return *timeline* as an SVG element; empty where no month has anything."""
    if not timeline.months:
        return ""
    return "".join(
        (
            f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="Bytes that become due, by month">',
            '<defs><pattern id="hold" width="6" height="6" patternUnits="userSpaceOnUse" '
            'patternTransform="rotate(45)"><rect width="3" height="6" fill="#1b1f24" fill-opacity=".55"/>'
            "</pattern></defs>",
            *_axis(timeline),
            *_bars(timeline),
            "</svg>",
        )
    )


def draw_legend(timeline: Timeline) -> str:
    """Return which colour is which series, as HTML."""
    swatch = '<svg class=swatch viewBox="0 0 12 12"><rect width="12" height="12" fill="{}"/></svg>{}'
    entries = [swatch.format(colour, escape(series)) for series, colour in _colours(timeline).items()]
    entries.append(swatch.format("url(#hold)", "on hold"))
    return f"<p class=legend>{''.join(f'<span>{entry}</span>' for entry in entries)}</p>"


def _colours(timeline: Timeline) -> dict[str, str]:
    return {series: _COLOURS[at % len(_COLOURS)] for at, series in enumerate(timeline.series)}


def _axis(timeline: Timeline) -> Iterator[str]:
    top = _scale(timeline)
    for tick in range(_TICKS + 1):
        y = _y(top * tick / _TICKS, top)
        yield f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#d0d7de"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{spell_size(top * tick // _TICKS)}</text>'
    step = -(-len(timeline.shown) // _MOST_LABELS)
    for at, month in enumerate(timeline.shown):
        if at % step == 0:
            x, y = _middle(timeline, at), _HEIGHT - _BOTTOM + 14
            yield f'<text x="{x:.1f}" y="{y}" text-anchor="end" transform="rotate(-35 {x:.1f} {y})">{month.name}</text>'


def _bars(timeline: Timeline) -> Iterator[str]:
    top, colours = _scale(timeline), _colours(timeline)
    for at, month in enumerate(timeline.shown):
        if not month.volumes:
            continue
        x, width = _middle(timeline, at) - _bar_width(timeline) / 2, _bar_width(timeline)
        below = 0
        for part in month.parts:
            yield from _block(month, part, f'x="{x:.1f}" width="{width:.1f}"', (below, top), colours[part.series])
            below += part.size_bytes
        y = _y(below, top) - 5
        yield f'<text x="{x + width / 2:.1f}" y="{y:.1f}" text-anchor="middle">{month.volumes}</text>'


def _block(month: Month, part: Part, across: str, on: tuple[int, int], colour: str) -> Iterator[str]:
    """Yield the rectangles of *part*, *on* how many bytes below it and the axis' top."""
    below, top = on
    for size, fill in ((part.size_bytes, colour), (part.held_bytes, "url(#hold)")):
        if size:
            y = _y(below + size, top)
            height = max(_y(below, top) - y, 1)
            yield f'<rect {across} y="{y:.1f}" height="{height:.1f}" fill="{fill}">'
            yield f"<title>{escape(_say(month, part))}</title></rect>"


def _say(month: Month, part: Part) -> str:
    held = f", {part.held_volumes} on hold" if part.held_volumes else ""
    return f"{month.name} {part.series}: {spell_volumes(part.volumes)}, {spell_size(part.size_bytes)}{held}"


def _scale(timeline: Timeline) -> int:
    """Return the axis' top: the first of 1, 2, 4, 5 or 10 times a power of ten that holds the highest bar."""
    most = max(1, *(month.size_bytes for month in timeline.shown))
    power: int = 10 ** (len(str(most)) - 1)
    return next(power * factor for factor in (1, 2, 4, 5, 10) if power * factor >= most)


def _y(size: float, top: int) -> float:
    return _HEIGHT - _BOTTOM - size / top * (_HEIGHT - _BOTTOM - _TOP)


def _middle(timeline: Timeline, at: int) -> float:
    return _LEFT + (at + 0.5) * (_WIDTH - _LEFT - _RIGHT) / len(timeline.shown)


def _bar_width(timeline: Timeline) -> float:
    return min(0.7 * (_WIDTH - _LEFT - _RIGHT) / len(timeline.shown), 48)
