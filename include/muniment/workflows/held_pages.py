"""The pages of a snapshot with every body, also those that other snapshots of its volume hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from muniment.custody.vault import Vault
from muniment.evidence.layout import PAGES, SnapshotAddress, VolumeAddress
from muniment.records.names import SnapshotId
from muniment.tables.pages_file import FetchBody, HeldBodies


@contextmanager
def open_bodies(vault: Vault, volume: VolumeAddress, folder: Path) -> Iterator[FetchBody]:
    """Lend a function that finds a body by the snapshot of *volume* that holds it and its hash.

    The pages of a holder are downloaded into *folder* when they are first needed.
    """
    with ExitStack() as stack:
        holders: dict[str, HeldBodies] = {}

        def fetch_body(snapshot: str, digest: bytes) -> bytes:
            if snapshot not in holders:
                path = folder / f"{snapshot}-pages.parquet"
                vault.download(SnapshotAddress(volume, SnapshotId(snapshot)).key(PAGES), path)
                holders[snapshot] = stack.enter_context(HeldBodies(path))
            return holders[snapshot].find(digest)

        yield fetch_body
