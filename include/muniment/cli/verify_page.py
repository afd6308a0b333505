"""A verification's report as one HTML page that needs nothing else and prints to PDF. No script runs in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from html import escape

from muniment import __version__
from muniment.cli.verify_text import closing_sentence, plain, sampling_sentences
from muniment.evidence.report import VerificationReport

_STYLE = """
:root { --ink: #1b1f24; --quiet: #57606a; --line: #d0d7de; --good: #116329; --bad: #a40e26; --half: #7a4d00; }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: #fff; max-width: 60rem;
       margin: 2.5rem auto; padding: 0 1.5rem; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; border-bottom: 1px solid var(--line); padding-bottom: .25rem; }
p { margin: .3rem 0; }
.quiet { color: var(--quiet); }
.outcome { border-left: .4rem solid; padding: .7rem 1rem; margin: 1.2rem 0; font-size: 1.1rem; font-weight: 600; }
.sound { color: var(--good); background: #effaf1; }
.findings { color: var(--bad); background: #fff1f1; }
.sampled { color: var(--half); background: #fff8e6; }
.numbers { display: flex; gap: 2.5rem; margin: 1rem 0; }
.numbers strong { display: block; font-size: 1.4rem; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
th, td { overflow-wrap: anywhere; text-align: left; vertical-align: top;
         padding: .45rem .6rem .45rem 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; color: var(--quiet); }
.code { width: 4.5rem; font-weight: 600; }
.mark { width: 7rem; white-space: nowrap; }
code { font: .85em ui-monospace, monospace; overflow-wrap: anywhere; }
ul { margin: .3rem 0; padding-left: 1.2rem; }
@page { margin: 18mm 15mm; }
@media print { body { margin: 0; max-width: none; padding: 0; font-size: 10pt; }
  tr, .outcome { break-inside: avoid; } h2 { break-after: avoid; } thead { display: table-header-group; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
"""


def to_page(report: VerificationReport, *, place: str, made_at: datetime) -> str:
    """Return *report* over *place* as a page; *made_at* (aware) is when the verification ended."""
    title = "Sampling report" if report.sampling is not None else "Verification report"
    return "".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}: {_text(place)}</title><style>{_STYLE}</style></head><body>",
            *_head(report, title, place, made_at),
            *_findings(report),
            *_checks(report),
            *_list("What to know before relying on this", report.facts),
            *_by_hand(report),
            *_again(report),
            "</body></html>\n",
        )
    )


def _head(report: VerificationReport, title: str, place: str, made_at: datetime) -> Iterator[str]:
    yield f"<h1>{title}</h1><p class=quiet><code>{_text(place)}</code>, everything under <code>{_text(report.scope)}"
    yield f"</code><br>{made_at.astimezone(UTC):%d %B %Y, %H:%M:%S} UTC by this machine's clock, "
    yield f"by muniment {_text(__version__)}</p>"
    yield f'<p class="outcome {report.outcome}">{_text(closing_sentence(report))}</p><div class=numbers>'
    for number, what in (
        (report.snapshots, "snapshots"),
        (report.objects, "objects read"),
        (report.size_bytes, "bytes read"),
        (len(report.findings), "findings"),
    ):
        yield f"<span><strong>{number:,}</strong>{what}</span>"
    yield "</div>"
    yield from _list("The sample", sampling_sentences(report.sampling))


def _findings(report: VerificationReport) -> Iterator[str]:
    if not report.findings:
        return
    yield "<h2>Findings</h2><table><thead><tr><th class=code>code</th><th>what is wrong</th></tr></thead><tbody>"
    for finding in report.findings:
        kind = finding.type
        yield f"<tr><td class=code>{_text(finding.code)}</td><td>{_text(kind.sentence)}<br>"
        yield f"<code>{_text(finding.subject)}</code><br>{_text(finding.detail)}"
        yield f"<br><span class=quiet>Asked for by {_text(kind.ground)}</span></td></tr>"
    yield "</tbody></table>"


def _checks(report: VerificationReport) -> Iterator[str]:
    yield "<h2>Checks</h2><table><tbody>"
    yield from (f"<tr><td class=mark>made</td><td>{_text(check)}</td></tr>" for check in report.checks_made)
    yield from (f"<tr><td class=mark>NOT made</td><td>{_text(check)}</td></tr>" for check in report.checks_not_made)
    yield "</tbody></table>"


def _by_hand(report: VerificationReport) -> Iterator[str]:
    yield from _list("To compare by hand", report.by_hand)
    if report.heads:
        yield "<h2>The latest manifests</h2><p class=quiet>SHA-256, to compare with a copy kept elsewhere.</p><ul>"
        yield from (
            f"<li><code>{_text(sha256)}</code><br><code>{_text(prefix)}</code></li>" for prefix, sha256 in report.heads
        )
        yield "</ul>"


def _again(report: VerificationReport) -> Iterator[str]:
    yield "<h2>To check this report</h2><p>It proves nothing by itself. Whoever doubts it runs "
    yield "<code>muniment verify</code> over a copy of the same objects"
    if report.sampling is not None:
        yield f" with <code>--sample {report.sampling.drawn} --seed {_text(report.sampling.seed)}</code>"
    yield ", or follows <code>docs/verify-by-hand.md</code> with no software of ours.</p>"


def _list(title: str, items: Iterable[str]) -> Iterator[str]:
    lines = "".join(f"<li>{_text(item)}</li>" for item in items)
    if lines:
        yield f"<h2>{title}</h2><ul>{lines}</ul>"


def _text(value: str) -> str:
    return escape(plain(value), quote=True)
