"""The certificate as a page: one self-contained HTML file that prints to PDF, in plain words, in the city's time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from html import escape

from muniment.evidence.destruction_certificate import (
    GONE,
    KEPT,
    PARTIAL,
    Certificate,
    CertifiedApproval,
    CertifiedVolume,
)
from muniment.evidence.digest import sha256_hex
from muniment.records.names import parse_instant
from muniment.retention.periods import zone_named

_STYLE = """
@page { size: A4; margin: 18mm 16mm; @bottom-right { content: counter(page) " / " counter(pages); } }
:root { color-scheme: light; }
body { font: 11pt/1.45 Georgia, "Times New Roman", serif; color: #111; background: #fff; max-width: 48rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin: 0 0 .2rem; } h2 { font-size: 1.1rem; margin: 1.6rem 0 .4rem;
  border-bottom: 1px solid #999; break-after: avoid; }
p.lead { font-size: 1.1rem; } table { border-collapse: collapse; width: 100%; margin: .4rem 0; }
th, td { text-align: left; vertical-align: top; padding: .25rem .5rem .25rem 0; border-bottom: 1px solid #ddd; }
th { font-weight: 600; width: 32%; } thead th { width: auto; border-bottom: 1px solid #999; }
tr { break-inside: avoid; } code { font: .82em/1.3 ui-monospace, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.partial { border: 2px solid #a33; padding: .5rem .8rem; } ol.sum { margin: .2rem 0 .6rem; padding-left: 1.2rem; }
@media print { body { margin: 0; max-width: none; padding: 0; } }
"""
_DONE = {"destroy": "destroyed", "transfer": "handed to their receiver, and then destroyed here"}


def render_page(certificate: Certificate, body: bytes, *, log: str) -> str:
    """Render *certificate*, whose sealed bytes are *body*; *log* says where the log has it, or that it does not yet."""
    parts = (
        *_head(certificate),
        *_what(certificate),
        *_authority(certificate),
        *_approvals(certificate),
        *_checks(certificate),
        *_done(certificate),
        *_volumes(certificate),
        *_proof(certificate, body, log),
    )
    title = escape(f"Certificate {certificate.id}")
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n" + "\n".join(parts) + "\n</body>\n</html>\n"
    )


def _head(found: Certificate) -> Iterator[str]:
    yield f"<p>{escape(found.agency_name)}<br>{escape(', '.join(found.departments))}</p>"
    yield "<h1>Certificate of disposition</h1>"
    yield f"<p><code>{escape(found.id)}</code></p>"
    done = _DONE.get(found.action, found.action)
    yield (
        f'<p class="lead">{_number(found.versions, "stored version")} of {escape(found.series_title.lower())} '
        f"were {escape(done)} between {_time(found, found.began_at)} and {_time(found, found.ended_at)}.</p>"
    )
    if found.outcome == PARTIAL:
        kept = sum(len(volume.kept) for volume in found.volumes)
        yield (
            f'<p class="partial"><strong>Not everything went.</strong> {_number(kept, "version")} stayed; each is '
            "named below with the reason.</p>"
        )


def _what(found: Certificate) -> Iterator[str]:
    yield _table(
        "What",
        (
            ("Series", f"{found.series_title} ({found.series}), row {found.row}"),
            ("Captured", f"from {_time(found, found.first_taken)} to {_time(found, found.last_taken)}"),
            ("Volumes", f"{len(found.volumes)}, with {_number(found.snapshots, 'snapshot')}"),
            ("Objects, rows, bytes", f"{found.objects:,} / {found.rows:,} / {found.size_bytes:,}, as listed"),
            ("Class", f"personal data {found.pii_class}, {found.confidentiality}"),
            ("Clock", found.trigger),
        ),
    )
    rows = [
        (
            copy.name,
            f"{copy.endpoint} / {copy.bucket}",
            f"{copy.destroyed:,}",
            f"{copy.shown_absent:,}",
            f"{copy.kept:,}",
        )
        for copy in found.copies
    ]
    yield _columns("Copies", ("Copy", "Where", "Destroyed", "Shown absent", "Stayed"), rows)
    yield f"<p>{escape(found.backups)}</p>"


def _authority(found: Certificate) -> Iterator[str]:
    lines = [
        ("Law and policy", "; ".join(found.authority)),
        ("Schedule", f"{found.schedule_version}, SHA-256 {found.schedule_sha256}"),
        ("Adopted by", f"{found.adoption_resolution}, on {found.adopted_on}"),
        ("Route", found.route),
        ("Proposed", f"by {found.proposed_by}, {_time(found, found.proposed_at)}"),
        ("No longer required", found.statement),
    ]
    if found.below_floor is not None:
        lines.append(("The floor does not bind", found.below_floor))
    if found.transfer is not None:
        receipt = found.transfer
        lines.append(
            ("Received by", f"{receipt.receiver}, {_time(found, receipt.acknowledged_at)}: {receipt.bag_sha256}")
        )
    yield _table("Authority", lines)


def _approvals(found: Certificate) -> Iterator[str]:
    yield "<h2>Approvals</h2>"
    if not found.approvals:
        yield "<p>None is asked for: the schedule's adoption is the authority.</p>"
    for item in found.approvals:
        lines = list(_approval(found, item))
        yield f"<h3>{escape(item.title)}</h3>"
        yield _rows(lines)


def _approval(found: Certificate, item: CertifiedApproval) -> Iterator[tuple[str, str]]:
    yield "Asked", item.question
    if item.standing:
        yield "Given", f"once, by the act that adopted the schedule: {found.adoption_resolution}, {found.adopted_on}"
        return
    yield "Approved by", f"{item.name}, {item.officer_title} ({item.by})"
    yield "On", _time(found, item.answered_at or "")
    if item.document is not None:
        yield "Paper", f"{item.document}, SHA-256 {item.document_sha256}"
    if item.reference:
        yield "Reference", item.reference
    if item.reason:
        yield "Reason", item.reason
    yield "Recorded as", item.recorded or ""


def _checks(found: Certificate) -> Iterator[str]:
    rows = [(item.question, "yes" if item.excluded else "no", item.authority) for item in found.exclusions]
    yield _columns("What may not be destroyed", ("Question", "Answer", "Authority"), rows)
    yield f"<h2>Holds</h2><p>Checked {_time(found, found.holds_checked_at)}.</p>"
    over = [item for item in found.holds_considered if item.over_the_list]
    if not over:
        yield (
            f"<p>{_number(len(found.holds_considered), 'matter')} considered: legal matters, claims, audits, CEQA "
            "projects and records requests. None that is open covers the records.</p>"
        )
    rows = [(item.id, item.kind, "open" if item.is_open else "released") for item in found.holds_considered]
    if rows:
        yield _columns("", ("Matter", "Kind", "State"), rows)


def _done(found: Certificate) -> Iterator[str]:
    lines = [
        ("Authorized", _time(found, found.authorized_at)),
        ("Grace until", _time(found, found.grace_until)),
        ("Begun", _time(found, found.began_at)),
        ("Ended", _time(found, found.ended_at)),
        ("Method", found.method),
        ("Standard", found.standard),
        ("Carried out by", f"{found.executed_by}; run {found.run}"),
        ("Verified by", found.verified_by),
        ("How", found.verification),
    ]
    yield _table("What was done", lines)
    for title, told in (
        ("Stopped while it ran", found.stops),
        ("Failures and retries", found.failures),
        ("Found gone, not by this destruction", found.anomalies),
    ):
        if told:
            yield f"<h2>{title}</h2><ul>{''.join(f'<li>{escape(line)}</li>' for line in told)}</ul>"


def _volumes(found: Certificate) -> Iterator[str]:
    yield "<h2>Volumes</h2>"
    for volume in found.volumes:
        yield from _volume(found, volume)


def _volume(found: Certificate, volume: CertifiedVolume) -> Iterator[str]:
    outcome = {GONE: "gone", KEPT: "stayed whole"}.get(volume.outcome, "went partly")
    yield f"<h3>{escape(volume.account)}, {escape(volume.volume)}: {outcome}</h3>"
    yield f'<ol class="sum">{"".join(f"<li>{escape(step)}</li>" for step in volume.steps)}</ol>'
    yield _rows(
        (
            ("Due", _time(found, volume.due_at)),
            ("Versions destroyed", f"{volume.versions:,}"),
            ("Manifests, by which the log proves it was there", f"{len(volume.manifests):,}"),
            ("Tombstone", volume.tombstone or "none: nothing of it went"),
        )
    )
    if volume.gone:
        yield _columns("", ("Gone",), [(key,) for key in volume.gone])
    if volume.kept:
        kept = [(one.copy, one.key, f"{one.code}: {one.detail}") for one in volume.kept]
        yield _columns("", ("Copy", "Stayed", "Why"), kept)


def _proof(found: Certificate, body: bytes, log: str) -> Iterator[str]:
    lines = [
        ("SHA-256 of this certificate", sha256_hex(body)),
        ("SHA-256 of the itemised list", found.list_sha256),
        ("The list", found.list_key),
        ("Entry of the log", found.log_entry),
        ("Signed", log),
        ("Goes to", ", ".join(found.distribution) or "the register of dispositions"),
    ]
    yield _table("Proof", lines)


def _table(title: str, lines: Iterable[tuple[str, str]]) -> str:
    return f"<h2>{escape(title)}</h2>{_rows(lines)}"


def _rows(lines: Iterable[tuple[str, str]]) -> str:
    cells = "".join(f"<tr><th>{escape(name)}</th><td>{_code(value)}</td></tr>" for name, value in lines)
    return f"<table><tbody>{cells}</tbody></table>"


def _columns(title: str, names: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    body = "".join("<tr>" + "".join(f"<td>{_code(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    heading = f"<h2>{escape(title)}</h2>" if title else ""
    return f"{heading}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _code(value: str) -> str:
    text = escape(value)
    return f"<code>{text}</code>" if " " not in value and len(value) > 40 else text


def _number(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _time(found: Certificate, instant: str) -> str:
    if not instant:
        return "not recorded"
    moment: datetime = parse_instant(instant).astimezone(zone_named(found.zone))
    return f"{moment:%Y-%m-%d %H:%M:%S} {moment.tzname()}"
