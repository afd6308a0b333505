"""The peer's load, in its own environment: ``python -m benchmarks.peer_load <path> <bodies> <bucket> <home>``.

``ordinary``: dlt is given the statuses as dictionaries, as its documentation begins. ``arrow``: it
is given the Arrow batches that our parser makes of the same bodies. Both end as Parquet in the
bucket *bucket* of the store that the environment names, without lock, manifest or the pages.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dlt
import orjson
from dlt.destinations import filesystem
from dlt.sources.credentials import AwsCredentials


def read_dictionaries(bodies: Path) -> Iterator[list[dict[str, Any]]]:
    """Yield the statuses of each context."""
    for path in sorted(bodies.glob("*.json")):
        yield orjson.loads(path.read_bytes())["descendants"]


def read_batches(bodies: Path) -> Iterator[Any]:
    """Yield the rows of each context as Arrow tables, by our own parser."""
    import pyarrow as pa  # noqa: PLC0415 - the ordinary path does without

    from muniment.records.series import RowKind  # noqa: PLC0415
    from muniment.tables.rows_file import BATCH_ROWS, make_batch  # noqa: PLC0415

    for rows in _read_rows(bodies):
        parts = [rows[at : at + BATCH_ROWS] for at in range(0, len(rows), BATCH_ROWS)]
        yield pa.Table.from_batches([make_batch(part, RowKind.ITEMS) for part in parts])


def _read_rows(bodies: Path) -> Iterator[list[Any]]:
    from types import SimpleNamespace  # noqa: PLC0415

    from muniment.parsing.context import ParseContext  # noqa: PLC0415
    from muniment.parsing.mastodon import parse_public_comments  # noqa: PLC0415
    from muniment.records.page import Page, Purpose  # noqa: PLC0415
    from muniment.records.series import PUBLIC_COMMENTS  # noqa: PLC0415

    account: Any = SimpleNamespace(id="bench", handle="cityhall")
    context = ParseContext(account=account, series=PUBLIC_COMMENTS, reference={}, history={})
    at = datetime.now(UTC)
    for number, path in enumerate(sorted(bodies.glob("*.json"))):
        page = Page(
            sequence=number,
            purpose=Purpose.THREAD,
            subject=path.stem,
            method="GET",
            url="",
            request_headers=(),
            status=200,
            response_headers=(),
            requested_at=at,
            received_at=at,
            body=path.read_bytes(),
        )
        yield parse_public_comments(page, context).rows


def main(path: str, bodies: str, bucket: str, home: str) -> None:
    """Load *bodies* by *path* and print how many bytes the store holds of them."""
    key = json.loads(Path(os.environ["BENCH_S3_KEY"]).read_text("utf-8"))
    credentials = AwsCredentials(
        aws_access_key_id=key["access_key"],
        aws_secret_access_key=key["secret_key"],
        endpoint_url=os.environ["BENCH_S3_ENDPOINT"],
        region_name="us-east-1",
    )
    pipeline = dlt.pipeline(
        pipeline_name=f"bench_{path}",
        pipelines_dir=home,
        destination=filesystem(bucket_url=f"s3://{bucket}/{path}", credentials=credentials),
        dataset_name=f"run_{datetime.now(UTC):%H%M%S%f}",
    )
    read = {"ordinary": read_dictionaries, "arrow": read_batches}[path]
    resource = dlt.resource(read(Path(bodies)), name="comments")
    load = pipeline.run(resource, loader_file_format="parquet")
    load.raise_on_failed_jobs()
    print(json.dumps({"rows": pipeline.last_trace.last_normalize_info.row_counts.get("comments", 0)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
