"""The media of removed items, copied into the volume of removed content: a volume stands alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from muniment.errors import ObjectMissingError
from muniment.evidence.layout import MEDIA, VolumeAddress, parse_record_key
from muniment.records.page import MediaExchange
from muniment.tables.media_file import read_media, write_media
from muniment.workflows.orders import Order
from muniment.workflows.removed.concluding import Held
from muniment.workflows.take_media import UNKNOWN_TYPE
from muniment.workflows.take_pages import PARQUET
from muniment.workflows.wiring import Workplace


def copy_media(place: Workplace, order: Order, held: Iterable[Held], folder: Path) -> None:
    """Seal the media that *held* items show, from the volumes that have them, and the list of them.

    A medium that was never had stays a line with its reason.

    Raises:
        CustodyError: the store did not keep what it was given, or a volume lacks what it lists.
    """
    address = place.address(order)
    if place.vault.find(address.key(MEDIA)) is not None:
        return
    wanted: dict[VolumeAddress, set[str]] = {}
    for one in held:
        wanted.setdefault(one.volume, set()).update(medium.media_id for medium in one.row.media)
    lines: dict[str, MediaExchange] = {}
    for volume, media_ids in sorted(wanted.items()):
        if media_ids:
            for line in _copy_from(place, order, volume, media_ids, folder):
                if line.sha256 is not None or line.media_id not in lines:
                    lines[line.media_id] = line
    if lines:
        path = folder / MEDIA
        write_media(path, (lines[media_id] for media_id in sorted(lines)))
        place.vault.seal_file(address.key(MEDIA), path, lock_until=place.locked_until(order), content_type=PARQUET)


def _copy_from(
    place: Workplace, order: Order, volume: VolumeAddress, wanted: set[str], folder: Path
) -> Iterator[MediaExchange]:
    target, until = place.address(order).volume, place.locked_until(order)
    for line in _find_lines(place, volume, wanted, folder):
        if line.sha256 is not None and place.vault.find(target.media_key(line.sha256)) is None:
            path = folder / line.sha256
            place.vault.download(volume.media_key(line.sha256), path)
            kind = line.content_type or UNKNOWN_TYPE
            place.vault.seal_file(target.media_key(line.sha256), path, lock_until=until, content_type=kind)
            path.unlink()
        yield line


def _find_lines(place: Workplace, volume: VolumeAddress, wanted: set[str], folder: Path) -> list[MediaExchange]:
    """Return, of each of *wanted*, the first line of *volume* that has it, or the last that says why not."""
    found: dict[str, MediaExchange] = {}
    for key in sorted(place.vault.list_keys(f"{volume.prefix}snapshot=")):
        if parse_record_key(key)[2] != MEDIA:
            continue
        path = folder / f"{parse_record_key(key)[1]}-{MEDIA}"
        if not path.exists():
            _download(place, key, path)
        for line in read_media(path):
            if line.media_id in wanted and (line.media_id not in found or found[line.media_id].sha256 is None):
                found[line.media_id] = line
    return list(found.values())


def _download(place: Workplace, key: str, path: Path) -> None:
    if place.vault.find(key) is None:
        raise ObjectMissingError(f"{key}: expected a list of media, found no object")
    place.vault.download(key, path)
