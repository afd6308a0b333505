"""The report's plots as SVG: exposure by day, moderation by ground. Rectangles, written by hand, as the timeline is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from html import escape

from muniment.changes.exposure import Exposure
from muniment.workflows.compliance.capture_tables import in_minutes
from muniment.workflows.compliance.policy_tables import NO_GROUND
from muniment.workflows.moderation.answers import Answer

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 960, 220, 76, 24, 16
_HOUR, _DAY = 60, 24 * 60
_ROW, _LABEL = 22, 210
_TICKS = 4


def draw_exposure(exposures: Sequence[Exposure]) -> str:
    """Return the longest exposure of any account and series, day by day, as SVG; empty where there is no day."""
    worst: dict[date, Exposure] = {}
    for one in exposures:
        if one.day not in worst or one.longest > worst[one.day].longest:
            worst[one.day] = one
    if not worst:
        return ""
    bars = [worst[day] for day in sorted(worst)]
    top = _round_up(max(in_minutes(one.longest) for one in bars))
    words = f"The longest was {spell_minutes(max(in_minutes(one.longest) for one in bars))}."
    return "".join(
        (
            _open("exposure", _HEIGHT, "Exposure by day: the longest of any account and series", words),
            *_axis(top),
            *(part for at, one in enumerate(bars) for part in _bar(at, one, len(bars), top)),
            "</svg>",
        )
    )


def draw_grounds(moderated: Iterable[Answer]) -> str:
    """Return how many cases each ground has, as SVG; empty where there is no case."""
    counts = Counter(ground for one in moderated for ground in one.grounds or (NO_GROUND,))
    if not counts:
        return ""
    height, most = _ROW * len(counts) + 8, max(counts.values())
    words = ", ".join(f"{ground}: {number}" for ground, number in sorted(counts.items()))
    return "".join(
        (
            _open("grounds", height, "Cases of moderation by ground", words),
            *(part for at, item in enumerate(sorted(counts.items())) for part in _ground(at, item, most)),
            "</svg>",
        )
    )


def spell_minutes(minutes: int) -> str:
    """Spell *minutes* for people."""
    if minutes < _HOUR:
        return f"{minutes} min"
    if minutes < _DAY:
        return f"{minutes / _HOUR:.1f} h"
    return f"{minutes / _DAY:.1f} days"


def _open(name: str, height: int, title: str, words: str) -> str:
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{escape(words)}</desc>'
    )


def _axis(top: int) -> Iterator[str]:
    for tick in range(_TICKS + 1):
        y = _y(top * tick / _TICKS, top)
        yield f'<line x1="{_LEFT}" x2="{_WIDTH - 8}" y1="{y:.1f}" y2="{y:.1f}" stroke="#d0d7de"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{spell_minutes(top * tick // _TICKS)}</text>'


def _bar(at: int, one: Exposure, number: int, top: int) -> Iterator[str]:
    pitch = (_WIDTH - 8 - _LEFT) / number
    x, width, y = _LEFT + at * pitch + pitch * 0.15, min(pitch * 0.7, 40), _y(in_minutes(one.longest), top)
    # A day without any capture is outlined: it shows on paper without colour too.
    look = 'fill="#0072b2"' if one.captures else 'fill="#ffffff" stroke="#b00020" stroke-dasharray="3 2"'
    said = f"{one.day}: {spell_minutes(in_minutes(one.longest))}, {one.account} {one.series}" + (
        "" if one.captures else ", no capture that day"
    )
    yield f"<g><title>{escape(said)}</title>"
    yield f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{max(_y(0, top) - y, 1):.1f}" {look}/></g>'
    yield f'<text x="{x + width / 2:.1f}" y="{_HEIGHT - 8}" text-anchor="middle">{one.day:%d}</text>'


def _ground(at: int, item: tuple[str, int], most: int) -> Iterator[str]:
    (ground, number), y = item, 4 + at * _ROW
    width = (_WIDTH - _LABEL - 60) * number / most
    yield f'<text x="{_LABEL - 8}" y="{y + 13}" text-anchor="end">{escape(ground)}</text>'
    yield f'<rect x="{_LABEL}" y="{y}" width="{width:.1f}" height="{_ROW - 5}" fill="#0072b2"/>'
    yield f'<text x="{_LABEL + width + 6:.1f}" y="{y + 13}">{number}</text>'


def _round_up(minutes: int) -> int:
    steps = (20, 40, 60, 120, 240, 480, 720, 1440, 2 * 1440, 4 * 1440, 8 * 1440, 16 * 1440, 32 * 1440)
    return next((step for step in steps if step >= minutes), -(-minutes // (4 * _DAY)) * 4 * _DAY)


def _y(minutes: float, top: int) -> float:
    return _HEIGHT - _BOTTOM - minutes / top * (_HEIGHT - _BOTTOM - _TOP)
