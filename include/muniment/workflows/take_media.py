"""Take the pictures and other media that a snapshot's rows show, once a volume."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from muniment.capture.platforms import capture_media
from muniment.evidence.layout import MEDIA, SnapshotAddress
from muniment.records.names import SnapshotId
from muniment.records.page import MediaExchange
from muniment.records.rows import MediaRef
from muniment.tables.media_file import read_media, write_media
from muniment.tables.sealed_rows import Basis
from muniment.workflows.connectors import open_client
from muniment.workflows.orders import Order
from muniment.workflows.wiring import Workplace

UNKNOWN_TYPE = "application/octet-stream"


def take_media(
    place: Workplace, order: Order, media: Mapping[str, MediaRef], basis: Basis | None, folder: Path
) -> None:
    """Seal each of *media* that the volume does not have, and the list of what was asked for.

    A medium that cannot be had is a line with its reason; it is asked for again next time.

    Raises:
        RateLimitedError: the platform asked us to wait.
        CustodyError: the store did not keep what it was given.
    """
    address = place.address(order)
    known = _known_media(place, address, basis, folder)
    wanted = [medium for media_id, medium in media.items() if media_id not in known]
    if not wanted or place.vault.find(address.key(MEDIA)) is not None:
        return
    path = folder / MEDIA
    write_media(path, _seal_each(place, order, wanted, folder))
    place.vault.seal_file(
        address.key(MEDIA), path, lock_until=place.locked_until(order), content_type="application/vnd.apache.parquet"
    )


def _seal_each(place: Workplace, order: Order, wanted: list[MediaRef], folder: Path) -> Iterator[MediaExchange]:
    account, volume, until = place.account(order.account), place.address(order).volume, place.locked_until(order)
    with closing(open_client(place, account)) as client:
        for exchange, path in capture_media(account, wanted, client, folder=folder):
            if path is not None and exchange.sha256 is not None:
                kind = exchange.content_type or UNKNOWN_TYPE
                place.vault.seal_file(volume.media_key(exchange.sha256), path, lock_until=until, content_type=kind)
                path.unlink()
            yield exchange


def _known_media(place: Workplace, address: SnapshotAddress, basis: Basis | None, folder: Path) -> frozenset[str]:
    if basis is None:
        return frozenset()
    known: set[str] = set()
    for snapshot in (basis.snapshot, *basis.holders):
        key = SnapshotAddress(address.volume, SnapshotId(snapshot)).key(MEDIA)
        if place.vault.find(key) is not None:
            path = folder / f"{snapshot}-media.parquet"
            place.vault.download(key, path)
            known |= {exchange.media_id for exchange in read_media(path) if exchange.sha256 is not None}
    return frozenset(known)
