"""The root of a snapshot's rows, computed again from its Parquet, against the one in its manifest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from muniment.errors import MunimentError
from muniment.evidence.findings import Finding
from muniment.evidence.layout import ROWS
from muniment.evidence.manifest import Manifest

# Returns the number of rows of a file and the root over them, given its path and schema. Parquet is not this package's.
RowRoot = Callable[[Path, str], tuple[int, bytes]]


def check_rows(manifest: Manifest, path: Path, row_root: RowRoot) -> Iterator[Finding]:
    """Find that the rows file at *path* does not give the root that *manifest* states."""
    key, stated = manifest.address.key(ROWS), manifest.commitment
    try:
        rows, root = row_root(path, manifest.row_schema)
    except MunimentError as error:
        yield Finding("V011", key, str(error).replace(str(path), key))
        return
    if (rows, root.hex()) != (stated.rows, stated.root):
        expected = f"{stated.rows} rows with root {stated.root}"
        yield Finding("V011", key, f"expected {expected}, found {rows} with root {root.hex()}")
