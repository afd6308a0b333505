"""Transfer to an archive: pack what a disposition lists as a bag, and enter the receiver's acknowledgement.

Nothing is destroyed here. A disposition of the action ``transfer`` is carried out only once
the receiver has acknowledged, by the checksum of the bag's tag manifest, that it holds the bag.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

from muniment import __version__
from muniment.errors import ConfigurationError, EvidenceError, RetentionError
from muniment.evidence.digest import sha256_hex
from muniment.evidence.manifest import Manifest, parse_manifest
from muniment.evidence.register_event import RegisterEvent
from muniment.records.names import format_instant
from muniment.records.schedule import Action
from muniment.retention.dispositions import Disposition, DispositionState, FrozenList
from muniment.retention.frozen_list import MARKER_BYTES, VAULT
from muniment.settings import Settings
from muniment.workflows.disposition.scene import Scene, open_scene
from muniment.workflows.disposition.transfer_bag import PAYLOAD, BagFile, draft_bag, finish_bag, write_file
from muniment.workflows.handover_proofs import write_proofs
from muniment.workflows.registers import enter, read_events
from muniment.workflows.wiring import now, open_workplace

Json = dict[str, Any]
Progress = Callable[[int, int], None]  # objects done, objects in all

TRANSFERS = "transfers"
_FOLDER = "muniment/"  # tag files of ours, beside the payload
_AT_ONCE = 4
_SHA256 = re.compile(r"[0-9a-f]{64}")
_log = logging.getLogger(__name__)


def pack(
    agency_id: str,
    disposition_id: str,
    folder: Path,
    *,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> Json:
    """Pack every object that the disposition lists into a new bag at *folder*, and enter that it was packed.

    The payload lies under its keys, with the proofs that its manifests are in the log, so that
    ``data/`` verifies on its own. Every byte is compared with its manifest while it is written.

    Raises:
        RetentionError: the disposition is no transfer, or not authorized.
        ConfigurationError: there is no such disposition, or something is at *folder*.
        ChecksumError: an object is not what its manifest says; there is no bag.
        EvidenceError: the frozen list or a manifest is not what was signed; there is no bag.
        StoreUnavailableError: the store did not answer; there is no bag.
    """
    scene = open_scene(agency_id, settings)
    found = _read_transfer(scene, disposition_id)
    frozen = scene.read_list(found)
    manifests = _read_manifests(scene, frozen)
    with draft_bag(folder) as bag:
        payload = _write_objects(scene, frozen, manifests, bag, progress)
        payload += _write_proofs(agency_id, manifests, bag, settings)
        tags = _write_tags(scene, frozen, bag)
        checksum = finish_bag(bag, payload, tags, _describe(scene, found, frozen))
        _enter_packed(scene, found, payload, checksum)
    return {
        "bag": str(folder),
        "tag_manifest_sha256": checksum,
        "objects": len(payload),
        "size_bytes": sum(file.size_bytes for file in payload),
        "proofs": sum(file.path.endswith(".tlog-proof") for file in payload),
    }


def acknowledge(
    agency_id: str,
    disposition_id: str,
    *,
    tag_manifest_sha256: str,
    receiver: str,
    by: str,
    settings: Settings | None = None,
) -> Json:
    """Enter that *receiver* (an institution) holds the bag whose tag manifest has that SHA-256, as it computed it.

    *by* is the sign-in of whoever enters it. The same acknowledgement again changes nothing.

    Raises:
        RetentionError: the checksum is not that of a bag packed for this disposition, another was acknowledged
            before, or the disposition is no transfer or not authorized.
        ConfigurationError: there is no such disposition, or receiver, sign-in or checksum is not given.
        StoreUnavailableError: the store did not answer.
    """
    scene, checksum = open_scene(agency_id, settings), tag_manifest_sha256.strip().lower()
    for name, value in (("receiver", receiver), ("by", by)):
        if not value.strip():
            raise ConfigurationError(f"{name}: expected a name, found none")
    if not _SHA256.fullmatch(checksum):
        raise ConfigurationError(f"checksum: expected 64 hexadecimal digits, found {checksum!r}")
    found = _read_transfer(scene, disposition_id)
    packed = {str(event.facts["tag_manifest_sha256"]): event for event in _list_packed(scene, disposition_id)}
    if checksum not in packed:
        expected = " or ".join(packed) or "a bag packed for it"
        raise RetentionError(f"disposition {disposition_id}: expected the checksum {expected}, found {checksum}")
    facts = {"receiver": receiver.strip(), "bag_sha256": checksum, "receiver_sha256": checksum}
    if found.acknowledged is not None:
        return _same_receipt(found, facts)
    scene.enter(disposition_id, "acknowledged", facts, at=now(), by=by.strip())
    return facts


def _same_receipt(found: Disposition, facts: Json) -> Json:
    receipt = found.acknowledged or {}
    if any(receipt.get(name) != value for name, value in facts.items()):
        raise RetentionError(
            f"disposition {found.id}: expected one acknowledgement, found one of {receipt.get('bag_sha256')} "
            f"by {receipt.get('receiver')} already"
        )
    return facts


def _read_transfer(scene: Scene, disposition_id: str) -> Disposition:
    found = scene.read(disposition_id)
    if found.action != Action.TRANSFER or found.state is not DispositionState.AUTHORIZED:
        expected = f"expected an authorized {Action.TRANSFER}"
        raise RetentionError(f"disposition {disposition_id}: {expected}, found one {found.state}: {found.action}")
    return found


def _read_manifests(scene: Scene, frozen: FrozenList) -> dict[str, Manifest]:
    """Return the manifests of the list by key, each compared with the hash that was signed."""
    manifests = {}
    for listed in (manifest for volume in frozen.volumes for manifest in volume.manifests):
        body = scene.vault.read(listed.key)
        if sha256_hex(body) != listed.sha256:
            raise EvidenceError(f"{listed.key}: expected SHA-256 {listed.sha256}, found {sha256_hex(body)}")
        manifests[listed.key] = parse_manifest(body)
    return manifests


def _write_objects(
    scene: Scene, frozen: FrozenList, manifests: Mapping[str, Manifest], bag: Path, progress: Progress | None
) -> list[BagFile]:
    expected = {item.key: item.sha256 for manifest in manifests.values() for item in manifest.objects}
    expected |= {manifest.key: manifest.sha256 for volume in frozen.volumes for manifest in volume.manifests}
    listed = (one for one in frozen.versions() if one.copy == VAULT and one.size_bytes != MARKER_BYTES)
    keys = sorted({one.key for one in listed})
    missing = sorted(expected.keys() - set(keys))
    if missing:
        raise EvidenceError(f"{missing[0]}: expected on the frozen list with {len(missing) - 1} others, found none")

    def write(key: str) -> BagFile:
        # What no manifest names, a left-over of a crash, goes along as it lies.
        return write_file(bag, PAYLOAD + key, scene.vault.read_chunks(key), expected_sha256=expected.get(key))

    files = []
    with ThreadPoolExecutor(_AT_ONCE) as readers:
        for done, file in enumerate(readers.map(write, keys), 1):
            files.append(file)
            if progress is not None:
                progress(done, len(keys))
    return files


def _write_proofs(
    agency_id: str, manifests: Mapping[str, Manifest], bag: Path, settings: Settings | None
) -> list[BagFile]:
    """Write the proofs into the payload, beside what they prove; none where there is no log."""
    before = set((bag / PAYLOAD).rglob("*"))
    written = write_proofs(open_workplace(agency_id, settings), manifests.values(), bag / PAYLOAD)
    if written < len(manifests):
        _log.warning("proofs: expected one for each of %d manifests, found %d in the log", len(manifests), written)
    added = sorted(path for path in set((bag / PAYLOAD).rglob("*")) - before if path.is_file())
    return [
        BagFile(path.relative_to(bag).as_posix(), sha256_hex(body), len(body))
        for path, body in ((path, path.read_bytes()) for path in added)
    ]


def _write_tags(scene: Scene, frozen: FrozenList, bag: Path) -> list[BagFile]:
    """Write what tells the receiver what it has: the list that was signed, and the row of the schedule."""
    row = {**asdict(scene.row(frozen.series)), "schedule_version": frozen.schedule_version}
    text = json.dumps(row, indent=2, sort_keys=True, ensure_ascii=False, default=str) + "\n"
    return [
        write_file(bag, f"{_FOLDER}disposition-list.json", [frozen.to_bytes()]),
        write_file(bag, f"{_FOLDER}schedule-row.json", [text.encode("utf-8")]),
    ]


def _describe(scene: Scene, found: Disposition, frozen: FrozenList) -> dict[str, str]:
    """Return bag-info (RFC 8493 section 2.2.2): offices, dates and counts, nobody's name."""
    volumes = frozen.volumes
    snapshots = sum(volume.snapshots for volume in volumes)
    return {
        "Source-Organization": scene.agency.name,
        "External-Identifier": found.id,
        "External-Description": f"Series {frozen.series}, {len(volumes)} volume(s), {snapshots} snapshot(s)",
        "Bagging-Date": f"{now():%Y-%m-%d}",
        "Bag-Software-Agent": f"muniment {__version__}",
        "Muniment-Schedule-Row": frozen.row,
        "Muniment-Schedule-Version": frozen.schedule_version,
        "Muniment-Adoption": f"{frozen.adoption_resolution} of {frozen.adopted_on}",
        "Muniment-First-Captured": min((volume.first_taken for volume in volumes), default="none"),
        "Muniment-Last-Captured": max((volume.last_taken for volume in volumes), default="none"),
        "Muniment-List-SHA256": frozen.sha256,
    }


def _list_packed(scene: Scene, disposition_id: str) -> list[RegisterEvent]:
    return [event for event in read_events(scene.vault, TRANSFERS) if event.subject == disposition_id]


def _enter_packed(scene: Scene, found: Disposition, payload: list[BagFile], checksum: str) -> None:
    if any(event.facts["tag_manifest_sha256"] == checksum for event in _list_packed(scene, found.id)):
        return  # the same bag, packed again on the same day
    event = RegisterEvent(
        register=TRANSFERS,
        id=f"{found.id}-packed-{checksum[:16]}",
        event="packed",
        subject=found.id,
        at=format_instant(now()),
        by="muniment",
        facts={
            "tag_manifest_sha256": checksum,
            "list_sha256": found.list_sha256,
            "objects": len(payload),
            "size_bytes": sum(file.size_bytes for file in payload),
        },
    )
    enter(scene.vault, scene.agency, event)
