"""Certify: a tombstone of each volume that went, and one certificate of it all, each sealed once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from muniment.evidence.destruction_certificate import (
    GONE,
    KEPT,
    PARTLY,
    CertifiedManifest,
    CertifiedVolume,
    parse_certificate,
)
from muniment.evidence.digest import sha256_hex
from muniment.evidence.layout import register_key
from muniment.records.canonical import JsonValue
from muniment.records.names import VolumeId
from muniment.retention.dispositions import Disposition, FrozenList, ListedVolume
from muniment.retention.frozen_list import VAULT
from muniment.retention.tombstones import Tombstone
from muniment.workflows.disposition.absence import Shown
from muniment.workflows.disposition.certificate_parts import Written, write_certificate
from muniment.workflows.disposition.doors import Doors
from muniment.workflows.disposition.scene import Scene, find_document
from muniment.workflows.registers import lock_until

TOMBSTONES, REGISTER = "tombstones", "certificates"
_TYPE = "application/json"


def certify(doors: Doors, found: Disposition, frozen: FrozenList, shown: Shown) -> None:
    """Seal the tombstones and the certificate of what was *shown*, each unless it is there.

    Raises:
        CustodyError: the vault did not keep one.
    """
    volumes = [
        _bury(doors, found, frozen, _judge(volume, shown)) for volume in sorted(frozen.volumes, key=lambda v: v.address)
    ]
    key = find_document(doors.scene.vault, REGISTER, found.id)
    if key is None:
        moment = doors.now()
        key = register_key(REGISTER, VolumeId(f"{moment:%Y-%m}"), found.id)
        written = Written(volumes=tuple(volumes), shown=shown, ended_at=moment, log_entry=key)
        certificate = write_certificate(doors, found, frozen, written)
        _seal(doors.scene, REGISTER, key, certificate.to_bytes(), moment)
    _enter(doors, found, key)


def _judge(volume: ListedVolume, shown: Shown) -> CertifiedVolume:
    prefix = volume.address.prefix
    kept = tuple(one for one in shown.kept if one.key.startswith(prefix))
    gone = [one for one in volume.versions if one in shown.gone]
    outcome = KEPT if not gone else PARTLY if kept else GONE
    left = {one.key for one in kept if one.copy == VAULT}
    keys = sorted({one.key for one in gone if one.copy == VAULT and one.key not in left})
    return CertifiedVolume(
        series=volume.series,
        account=volume.account,
        volume=volume.volume,
        outcome=outcome,
        cutoff_at=volume.cutoff_at,
        due_at=volume.due_at,
        steps=volume.steps,
        first_taken=volume.first_taken,
        last_taken=volume.last_taken,
        snapshots=volume.snapshots,
        objects=volume.objects,
        rows=volume.rows,
        size_bytes=volume.size_bytes,
        versions=len(gone),
        manifests=tuple(
            CertifiedManifest(key=one.key, sha256=one.sha256) for one in volume.manifests if one.key in set(keys)
        ),
        gone=tuple(keys) if outcome == PARTLY else (),
        kept=kept,
        tombstone=None,
    )


def _bury(doors: Doors, found: Disposition, frozen: FrozenList, volume: CertifiedVolume) -> CertifiedVolume:
    """Seal the tombstone of *volume*, unless nothing of it went, and return the volume with its key."""
    if volume.outcome == KEPT:
        return volume
    prefix = volume.address.prefix
    name = f"{found.id}-{sha256_hex(prefix.encode())[:12]}"
    key = found.tombstones.get(prefix) or find_document(doors.scene.vault, TOMBSTONES, name)
    moment = doors.now()
    if key is None:
        key = register_key(TOMBSTONES, VolumeId(f"{moment:%Y-%m}"), name)
        _seal(doors.scene, TOMBSTONES, key, _write_tombstone(doors.scene, found, frozen, volume).to_bytes(), moment)
    if prefix not in found.tombstones:
        digest = sha256_hex(doors.scene.vault.read(key))
        facts: dict[str, JsonValue] = {
            "volume": prefix,
            "key": key,
            "sha256": digest,
            "outcome": volume.outcome,
            "snapshots": volume.snapshots,
            "objects": volume.objects,
            "rows": volume.rows,
            "size_bytes": volume.size_bytes,
            "versions": volume.versions,
        }
        doors.scene.enter(found.id, "tombstone", facts, at=moment, name=f"tombstone-{name[-12:]}")
    return replace(volume, tombstone=key)


def _write_tombstone(scene: Scene, found: Disposition, frozen: FrozenList, volume: CertifiedVolume) -> Tombstone:
    row = scene.row(frozen.series)
    return Tombstone(
        agency=frozen.agency,
        disposition=found.id,
        series=volume.series,
        account=volume.account,
        volume=volume.volume,
        outcome=volume.outcome,
        action=frozen.action,
        row=frozen.row,
        authority=(*row.authority, *scene.profile().authority),
        schedule_version=frozen.schedule_version,
        schedule_sha256=frozen.schedule_sha256,
        adoption_resolution=frozen.adoption_resolution,
        adopted_on=frozen.adopted_on,
        cutoff_at=volume.cutoff_at,
        due_at=volume.due_at,
        first_taken=volume.first_taken,
        last_taken=volume.last_taken,
        snapshots=volume.snapshots,
        objects=volume.objects,
        rows=volume.rows,
        size_bytes=volume.size_bytes,
        versions=volume.versions,
        manifests=volume.manifests,
        list_sha256=found.list_sha256 or "",
        proposed_at=found.proposed_at or "",
        authorized_at=found.authorized_at or "",
        began_at=found.began_at or "",
    )


def _seal(scene: Scene, register: str, key: str, body: bytes, moment: datetime) -> None:
    scene.vault.seal_bytes(key, body, lock_until=lock_until(scene.agency, register, moment), content_type=_TYPE)


def _enter(doors: Doors, found: Disposition, key: str) -> None:
    body = doors.scene.vault.read(key)
    certificate = parse_certificate(body)
    facts: dict[str, JsonValue] = {
        "certificate_key": key,
        "certificate_sha256": sha256_hex(body),
        "outcome": certificate.outcome,
        "versions": certificate.versions,
        "kept": sum(len(volume.kept) for volume in certificate.volumes),
    }
    doors.scene.enter(found.id, "certified", facts, at=doors.now())
