"""A compliance report as one HTML page that needs nothing else and prints to PDF. No script runs in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from html import escape

from muniment.retention.periods import zone_named
from muniment.workflows.compliance.report import ComplianceReport
from muniment.workflows.reports.page import STYLE, render_prose, render_table

_OWN_STYLE = ".calendar svg text { fill: var(--ink); }\n"


def render_page(report: ComplianceReport) -> str:
    """Return *report* as a page."""
    title = f"Compliance report: {escape(report.name)}, {date.fromisoformat(f'{report.month}-01'):%B %Y}"
    made = report.made_at.astimezone(zone_named(report.zone))
    return "".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title><style>{STYLE}{_OWN_STYLE}</style></head><body>",
            f"<h1>{title}</h1><p>Made on {made:%d %B %Y, %H:%M}; times are those of {escape(report.zone)}.</p>",
            *(f"<p class=quiet>{render_prose(remark)}</p>" for remark in report.remarks),
            "<div class=numbers>",
            *(f"<span><strong>{escape(figure)}</strong>{escape(what)}</span>" for figure, what in report.figures),
            "</div>",
            *_parts(report),
            "<h2>To check this report</h2><p>It proves nothing by itself. It is counted from sealed snapshots and "
            "registers; nobody of the public is named in it. Whoever doubts it runs "
            f"<code>muniment compliance report --agency {escape(report.agency)} --month {report.month}</code>, and "
            f"<code>muniment verify --agency {escape(report.agency)}</code> for the records themselves.</p>"
            "</body></html>\n",
        )
    )


def _parts(report: ComplianceReport) -> Iterator[str]:
    zone, pictures = zone_named(report.zone), {one.table: one for one in report.pictures}
    for table in report.tables:
        parts = render_table(table, zone)
        yield next(parts)
        picture = pictures.get(table.id)
        if picture is not None:
            yield f"<figure class=calendar>{picture.svg}</figure>{picture.legend}"
        yield from parts
