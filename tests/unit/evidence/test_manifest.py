from __future__ import annotations

import json
from dataclasses import replace

import pytest

from muniment.errors import EvidenceError, ManifestError
from muniment.evidence.manifest import Manifest, parse_manifest
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


@pytest.mark.parametrize("field", ["objects", "previous", "retention", "verdict", "began_at", "origin"])
def test_a_missing_field_is_refused(manifest: Manifest, field: str) -> None:
    value = json.loads(manifest.to_bytes())
    del value[field]

    with pytest.raises(ManifestError, match=field):
        parse_manifest(json.dumps(value, sort_keys=True, separators=(",", ":")).encode())


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
        parse_manifest(replace(manifest, objects=(outside,)).to_bytes())
