"""The note in a handed-over folder: what this is, in plain words, and how to check it."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from zoneinfo import ZoneInfo

from muniment.evidence.finding_types import CATALOGUE
from muniment.evidence.manifest import Manifest
from muniment.records.names import parse_instant

_SPELL = "%A, %d %B %Y, %H:%M:%S %Z"


def write_note(folder: Path, manifest: Manifest, *, rows: int, media: Iterable[tuple[str, str, str, str]]) -> None:
    """Write ``READ-ME.txt`` and, when there are media, ``media.csv`` into *folder*."""
    lines = list(media)
    (folder / "READ-ME.txt").write_text("\n".join(_note(manifest, rows, len(lines))) + "\n", "utf-8")
    if lines:
        with (folder / "media.csv").open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("media_id", "url", "content_type", "file"))
            writer.writerows(lines)


def _note(manifest: Manifest, rows: int, media: int) -> Iterable[str]:
    zone = ZoneInfo(manifest.zone)
    began, ended, until = (
        parse_instant(instant).astimezone(zone).strftime(_SPELL)
        for instant in (manifest.began_at, manifest.ended_at, manifest.retention.locked_until)
    )
    yield f"{manifest.series} of {manifest.account} ({manifest.origin.address})"
    yield f"Captured between {began} and {ended}."
    if manifest.origin.simulator:
        yield "THIS IS NOT A RECORD OF A REAL PLATFORM: a simulator answered, and its people are invented."
    yield ""
    yield f"rows.csv and rows.parquet: the {rows} item(s) that the platform showed. Those gone since are not in them."
    if media:
        yield f"media.csv: {media} picture(s) and other media, and the file of each."
    yield "records/: the sealed objects, byte for byte as they lie in the vault. Nothing in there was changed."
    yield ""
    yield f"Verdict of the checks at capture: {manifest.verdict.outcome}."
    for finding in manifest.verdict.findings:
        yield f"  {finding.code}, {finding.count} time(s): {CATALOGUE[finding.code].sentence} {finding.detail}".rstrip()
    yield from _gaps(manifest)
    yield f"Kept under {manifest.retention.row} ({manifest.retention.title}) and locked until {until}."
    yield ""
    yield "What the public wrote is the writers' own and not the opinion of the agency."
    yield "To check every byte of records/: muniment verify <this folder>"
    yield "proofs/, where it is: that the manifests are in the agency's log; the command above checks them too."
    yield "The files beside records/ were made from it to be read with ease: they prove nothing by themselves."
    yield "Compare the next line with what the agency's own vault shows for the snapshot (muniment verify --agency)."
    yield f"SHA-256 of the manifest: {manifest.sha256()}"


def _gaps(manifest: Manifest) -> Iterable[str]:
    if not manifest.gaps:
        yield "Nothing that was known to exist was missed."
    for gap in manifest.gaps:
        yield f"Missed: {gap.count} of {gap.purpose}, reason: {gap.reason}."
