"""The two floors: ``python -m benchmarks.floors bytes|table <source> <out>``, each on one core.

``bytes`` compresses and hashes the platform's answers; ``table`` writes the rows that were made of
them as Parquet. Both with the settings of the product, and both wait for the disk. Neither counts
the start of Python, and ``table`` does not count how it comes by its rows.
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from muniment.records.series import RowKind
from muniment.tables.parquet import ZSTD_LEVEL, flush
from muniment.tables.rows_file import open_rows_writer


@dataclass(slots=True)
class Stopwatch:
    """Seconds on the clock and of processor, over the stretches that were timed."""

    wall_s: float = 0
    cpu_s: float = 0

    def __enter__(self) -> None:
        self.wall_s -= time.monotonic()
        self.cpu_s -= time.process_time()

    def __exit__(self, *_: object) -> None:
        self.wall_s += time.monotonic()
        self.cpu_s += time.process_time()


def compress_and_hash(bodies: Path, out: Path, watch: Stopwatch) -> None:
    """Write each file of the folder *bodies* into *out* as zstd, with its SHA-256 taken."""
    codec = pa.Codec("zstd", compression_level=ZSTD_LEVEL)
    with watch, out.open("wb") as file:
        for path in sorted(bodies.glob("*.json")):
            body = path.read_bytes()
            sha256(body).digest()
            file.write(codec.compress(body))
        file.flush()
        os.fsync(file.fileno())


def write_table(rows: Path, out: Path, watch: Stopwatch) -> None:
    """Write the table in the file *rows* to *out* as the product does."""
    source = pq.ParquetFile(rows)
    with open_rows_writer(out, RowKind.ITEMS) as writer:
        for group in range(source.metadata.num_row_groups):
            table = source.read_row_group(group)
            with watch:
                writer.write_table(table)
        with watch:
            writer.close()
            flush(out)


def main(floor: str, source: str, out: str) -> None:
    """Measure *floor* and print what it took."""
    pa.set_cpu_count(1)
    watch = Stopwatch()
    {"bytes": compress_and_hash, "table": write_table}[floor](Path(source), Path(out), watch)
    size = Path(out).stat().st_size
    Path(out).unlink()
    print(json.dumps({"wall_s": watch.wall_s, "cpu_s": watch.cpu_s, "bytes": size}))


if __name__ == "__main__":
    main(*sys.argv[1:])
