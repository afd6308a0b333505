"""The specifications say what the code does: every field of a manifest, every form of a key."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import get_args

import pytest

from muniment.evidence import manifest
from muniment.evidence.layout import is_register_key, parse_record_key, parse_timestamp_key

SPEC = Path(__file__).parents[2] / "docs" / "spec"
PARTS = {
    "series": "official-posts",
    "account": "city",
    "volume": "2026-11",
    "snapshot": "20261121T120000.000000Z-0123abcd",
    "sha256": "0" * 64,
    "register": "findings",
    "event": "a-1",
    "seq": "0000000000",
    "authority": "local",
    "number": "0",
}
PARTS_OF_A_MANIFEST = (
    manifest.Manifest,
    manifest.SealedObject,
    manifest.Origin,
    manifest.DeclaredCount,
    manifest.GapCount,
    manifest.RowCounts,
    manifest.Commitment,
    manifest.FindingCount,
    manifest.Verdict,
    manifest.Retention,
    manifest.Previous,
)


def fill(form: str) -> str:
    return re.sub(r"<(\w+)>", lambda match: PARTS[match[1]], form)


@pytest.mark.parametrize("kind", PARTS_OF_A_MANIFEST, ids=lambda kind: kind.__name__)
def test_every_field_of_a_manifest_is_specified(kind: type) -> None:
    page = (SPEC / "manifest.md").read_text("utf-8")

    assert [field.name for field in dataclasses.fields(kind) if f"`{field.name}`" not in page] == []


def test_every_part_of_a_manifest_is_among_those_tested() -> None:
    used = {
        kind for field in dataclasses.fields(manifest.Manifest) for kind in (str(field.type), *get_args(field.type))
    }
    named = {name for text in used for name in re.findall(r"[A-Z]\w+", str(text))}

    assert named - {kind.__name__ for kind in PARTS_OF_A_MANIFEST} == {
        "SeriesId",
        "AccountId",
        "VolumeId",
        "SnapshotId",
        "None",
    }


def test_the_fields_in_the_table_are_those_of_a_manifest_and_no_others() -> None:
    page = (SPEC / "manifest.md").read_text("utf-8")
    table = page.split("## Fields", 1)[1].split("### ", 1)[0]
    rows = re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE)

    named = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert sorted(named) == sorted(["format", *(field.name for field in dataclasses.fields(manifest.Manifest))])


def forms(start: str) -> list[str]:
    page = (SPEC / "keys.md").read_text("utf-8")
    return re.findall(rf"`({re.escape(start)}[^`]*)`", page)


def test_every_form_of_a_record_is_one_that_the_layout_reads() -> None:
    whole = [form for form in forms("records/") if "<" in form]
    tails = [form.removeprefix("...") for form in forms(".../snapshot=")]
    prefix = next(form for form in whole if form.endswith("pages.parquet")).split("/snapshot=")[0]

    assert len(whole) == 2
    assert len(tails) == 3
    for form in [*whole, *(prefix + tail for tail in tails)]:
        parse_record_key(fill(form))


def test_every_form_of_a_time_stamp_is_one_that_the_layout_reads() -> None:
    found = [parse_timestamp_key(fill(form))[1] for form in forms("log/timestamps/")]

    assert sorted(found) == ["chain.pem", "sums", "tsr"]


def test_the_form_of_a_register_is_one_that_the_layout_reads() -> None:
    (form,) = forms("registers/")

    assert is_register_key(fill(form))
