from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from muniment.errors import EvidenceError, ManifestError
from muniment.evidence.manifest import FindingCount, Manifest, parse_manifest
from muniment.records.canonical import canonical_json
from muniment.records.names import SnapshotId, VolumeId
from tests.unit.evidence.vault_folder import SoundVault


@pytest.fixture
def manifest(sound: SoundVault) -> Manifest:
    return sound.manifests[-1]


def test_a_manifest_survives_the_round_trip(manifest: Manifest) -> None:
    assert parse_manifest(manifest.to_bytes()) == manifest


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{}", b'{"format":"muniment.manifest/2"}', b"\xff", b"<html>"])
def test_bytes_that_are_no_manifest_are_refused(body: bytes) -> None:
    with pytest.raises(ManifestError):
        parse_manifest(body)


def test_another_spelling_of_the_same_values_is_refused(manifest: Manifest) -> None:
    with pytest.raises(ManifestError, match="canonical"):
        parse_manifest(json.dumps(json.loads(manifest.to_bytes()), indent=1).encode())


@pytest.mark.parametrize("field", ["objects", "previous", "commitment", "retention", "verdict", "began_at", "origin"])
def test_a_missing_field_is_refused(manifest: Manifest, field: str) -> None:
    value = json.loads(manifest.to_bytes())
    del value[field]

    with pytest.raises(ManifestError, match=field):
        parse_manifest(json.dumps(value, sort_keys=True, separators=(",", ":")).encode())


@pytest.mark.parametrize(
    "change",
    [{"rows": 2}, {"scheme": "muniment.rows/2"}, {"root": "0" * 63}, {"root": "A" * 64}, {"root": "0" * 64 + "\n"}],
)
def test_a_commitment_of_another_form_or_to_other_rows_is_refused(
    manifest: Manifest, change: dict[str, object]
) -> None:
    stated = replace(manifest.commitment, **change)  # type: ignore[arg-type]

    with pytest.raises(ManifestError, match="manifest: expected a"):
        parse_manifest(replace(manifest, commitment=stated).to_bytes())


def test_an_unknown_field_is_refused(manifest: Manifest) -> None:
    value = {**json.loads(manifest.to_bytes()), "zzz": 1}

    with pytest.raises(ManifestError, match="zzz"):
        parse_manifest(json.dumps(value, sort_keys=True, separators=(",", ":")).encode())


@pytest.mark.parametrize(
    "key", ["records/series=official-posts/account=other/volume=2026-11/media/" + "a" * 64, "../../etc/passwd"]
)
def test_an_object_outside_the_volume_is_refused(manifest: Manifest, key: str) -> None:
    outside = replace(manifest.objects[0], key=key)

    with pytest.raises(EvidenceError):
        parse_manifest(replace(manifest, objects=(*manifest.objects, outside)).to_bytes())


@pytest.mark.parametrize("name", ["pages.parquet", "rows.parquet"])
def test_a_manifest_that_names_no_pages_or_no_rows_is_refused(manifest: Manifest, name: str) -> None:
    rest = tuple(sealed for sealed in manifest.objects if not sealed.key.endswith(name))

    with pytest.raises(ManifestError, match=name):
        parse_manifest(replace(manifest, objects=rest).to_bytes())


def test_an_object_named_twice_is_refused(manifest: Manifest) -> None:
    with pytest.raises(ManifestError, match="twice"):
        parse_manifest(replace(manifest, objects=(*manifest.objects, manifest.objects[0])).to_bytes())


def test_a_link_to_what_is_no_snapshot_is_refused(manifest: Manifest) -> None:
    assert manifest.previous is not None
    elsewhere = replace(manifest.previous, volume=VolumeId("../x"))

    for broken in (replace(manifest, reads=(SnapshotId("latest"),)), replace(manifest, previous=elsewhere)):
        with pytest.raises(EvidenceError, match="specified form"):
            parse_manifest(broken.to_bytes())


STOPPER = FindingCount(code="G001", count=1, detail="", stops_seal=True)


@pytest.mark.parametrize(("outcome", "findings"), [("accepted", (STOPPER,)), ("quarantined", ()), ("fine", ())])
def test_a_verdict_that_its_findings_contradict_is_refused(
    manifest: Manifest, outcome: str, findings: tuple[FindingCount, ...]
) -> None:
    verdict = replace(manifest.verdict, outcome=outcome, findings=findings)

    with pytest.raises(ManifestError, match="verdict"):
        parse_manifest(replace(manifest, verdict=verdict).to_bytes())


@pytest.mark.parametrize("until", ["2026-11-30T08:00:00.000000Z", "2028-12-01T08:00:00.000001Z"])
def test_a_lock_that_ends_before_the_cutoff_or_objects_locked_for_less_are_refused(
    manifest: Manifest, until: str
) -> None:
    kept = replace(manifest.retention, locked_until=until)

    with pytest.raises(ManifestError, match="lock"):
        parse_manifest(replace(manifest, retention=kept).to_bytes())


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000, b'{"format":' + b"[" * 900 + b"]" * 900 + b"}"])
def test_a_manifest_nested_without_end_is_refused_and_not_a_crash(body: bytes) -> None:
    with pytest.raises(ManifestError):
        parse_manifest(body)


def places(value: object, at: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    yield at
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*at, key))


STRANGE = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_stands_in_a_field_a_manifest_is_read_or_refused_and_never_a_crash(
    manifest: Manifest, data: st.DataObject
) -> None:
    value = json.loads(manifest.to_bytes())
    *path, last = data.draw(st.sampled_from([at for at in places(value) if at]))
    holder = value
    for step in path:
        holder = holder[step]
    holder[last] = data.draw(STRANGE)

    try:
        read = parse_manifest(canonical_json(value))
    except EvidenceError:
        return
    assert json.loads(read.to_bytes()) == value


def test_a_floor_survives_the_round_trip_and_without_one_nothing_is_written(manifest: Manifest) -> None:
    floored = replace(manifest, retention=replace(manifest.retention, floor="P2Y"))

    assert parse_manifest(floored.to_bytes()) == floored
    assert "floor" not in json.loads(manifest.to_bytes())["retention"]


@pytest.mark.parametrize("floor", [None, 2, ["P2Y"]])
def test_a_floor_that_is_no_text_is_refused(manifest: Manifest, floor: object) -> None:
    value = json.loads(manifest.to_bytes())
    value["retention"]["floor"] = floor
    with pytest.raises(ManifestError, match="floor"):
        parse_manifest(canonical_json(value))
