"""A made-up catalog of many objects in a real PostgreSQL."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.processes import StepFailedError
from benchmarks.workspace import AGENCY
from muniment.catalog.index import Catalog
from muniment.catalog.schema import OBJECTS, SCHEMA, SNAPSHOTS, Table, quote
from muniment.catalog.session import PATIENT, open_session
from muniment.embedded import postgres as pg
from muniment.embedded.ports import pick_free_ports
from muniment.embedded.processes import Supervised, start_process

PER_SNAPSHOT = 5  # objects: pages, media list, rows, a medium, and the manifest
PER_VOLUME = 100  # snapshots: 500 objects
_READY_WITHIN_S = 60
_SHA256 = "repeat('0', 64)"
# Of every snapshot n: volumes one after the other, 32 accounts, two series, month by month.
_VOLUME = f"n / {PER_VOLUME}"
_KEYS = {
    "agency": f"'{AGENCY}'",
    "series": f"CASE WHEN ({_VOLUME}) %% 2 = 0 THEN 'official-posts' ELSE 'public-comments' END",
    "account": f"'mastodon-' || lpad((({_VOLUME}) / 2 %% 32 + 1)::text, 2, '0')",
    "volume": f"to_char(DATE '1990-01-01' + make_interval(months => (({_VOLUME}) / 64)::int), 'YYYY-MM')",
    "snapshot": f"to_char(DATE '1990-01-01' + make_interval(months => (({_VOLUME}) / 64)::int,"
    f" mins => n %% {PER_VOLUME}), 'YYYYMMDD\"T\"HH24MISS') || '.000000Z-' || lpad(to_hex(n), 8, '0')",
}
_BY_TYPE = {"text": "'x'", "bigint": "1000", "boolean": "true", "timestamptz": "TIMESTAMPTZ '2020-01-01 00:00Z'"}


@contextmanager
def open_catalog() -> Iterator[Catalog]:
    """Start a PostgreSQL of its own with an empty catalog; stop it in the end.

    Raises:
        StepFailedError: it did not start.
    """
    with TemporaryDirectory(prefix="muniment-bench-postgres-", ignore_cleanup_errors=True) as folder:
        cluster = pg.Postgres(folder=Path(folder), port=pick_free_ports(1)[0])
        process = Supervised("postgres", Path(folder) / "postgres.pid", Path(folder) / "postgres.log")
        pg.prepare(cluster)
        try:
            start_process(process, pg.command(cluster), {**os.environ, "LC_ALL": "C"})
            _wait(cluster)
            pg.ensure_database(cluster)
            catalog = Catalog(cluster.catalog_url())
            catalog.prepare()
            yield catalog
        finally:
            pg.stop(process)


def fill(catalog: Catalog, objects: int) -> None:
    """Put a made-up agency of as many *objects* in place of what *catalog* holds."""
    snapshots = objects // PER_SNAPSHOT
    with open_session(catalog.address, patience=PATIENT) as session:
        session.run(f"TRUNCATE {SCHEMA}.{SNAPSHOTS.name}, {SCHEMA}.{OBJECTS.name}, {SCHEMA}.agencies")
        session.run(f"INSERT INTO {SCHEMA}.agencies VALUES (%s, now())", (AGENCY,))
        session.run(_insert(SNAPSHOTS, _KEYS, "generate_series(0, %s - 1) AS n"), (snapshots,))
        named = {**_KEYS, "key": f"'records/' || lpad(n::text, 12, '0') || '/' || part || {_SHA256}"}
        source = f"generate_series(0, %s - 1) AS n, generate_series(1, {PER_SNAPSHOT - 1}) AS part"
        session.run(_insert(OBJECTS, named, source), (snapshots,))
        session.run(f"ANALYZE {SCHEMA}.{SNAPSHOTS.name}")
        session.run(f"ANALYZE {SCHEMA}.{OBJECTS.name}")


def _insert(table: Table, known: dict[str, str], source: str) -> str:
    values = [known.get(name) or _made_up(kind) for name, kind in table.columns.items()]
    return f"INSERT INTO {SCHEMA}.{table.name} ({quote(tuple(table.columns))}) SELECT {', '.join(values)} FROM {source}"


def _made_up(kind: str) -> str:
    name = kind.partition(" ")[0]
    return f"ARRAY[]::{name}" if name.endswith("[]") else _BY_TYPE[name]


def _wait(cluster: pg.Postgres) -> None:
    deadline = time.monotonic() + _READY_WITHIN_S
    while not pg.is_ready(cluster):
        if time.monotonic() > deadline:
            raise StepFailedError("postgres: did not answer in time")
        time.sleep(0.05)
