"""Many objects, read several at a time, in the order in which they were given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from muniment.custody.vault import Vault
from muniment.custody.versions import StoredVersion
from muniment.tables.ahead import each_ahead

_AT_ONCE = 8


def read_each(vault: Vault, records: Iterable[StoredVersion]) -> Iterator[tuple[str, bytes]]:
    """Yield the key and the bytes of each of *records*, as *vault* lists them; eight at most lie in memory.

    Raises:
        ObjectMissingError: one is no longer there.
        StoreUnavailableError: the store did not answer, or stopped half way.
    """

    def read(record: StoredVersion) -> tuple[str, bytes]:
        return record.key, vault.read_record(record)

    with ThreadPoolExecutor(_AT_ONCE, "read") as threads:
        yield from each_ahead(threads, read, records, ahead=_AT_ONCE)


def download_each(vault: Vault, records: Iterable[StoredVersion], folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the key of each of *records* and the file in *folder* that it was copied to, the taker's to remove.

    Raises:
        ObjectMissingError: one is no longer there.
        ChecksumError: other than as many bytes came as the store lists.
        StoreUnavailableError: the store did not answer, or stopped half way.
    """

    def download(numbered: tuple[int, StoredVersion]) -> tuple[str, Path]:
        number, record = numbered
        path = folder / f"{number}-{record.key.rpartition('/')[2]}"
        vault.download_record(record, path)
        return record.key, path

    with ThreadPoolExecutor(_AT_ONCE, "download") as threads:
        yield from each_ahead(threads, download, enumerate(records), ahead=_AT_ONCE)
