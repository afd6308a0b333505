"""``log/checkpoint``: a copy of the newest checkpoint, where other people's tools look for one (C2SP tlog-tiles).

It is written anew each time and not locked; nothing of ours believes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from muniment.custody.client import store_errors
from muniment.evidence.layout import LOG_HEAD

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

NOTE = "text/plain; charset=utf-8"


def publish_head(client: S3Client, bucket: str, note: bytes) -> None:
    """Put *note* where the newest checkpoint is looked for.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    with store_errors(f"{LOG_HEAD}: publish"):
        client.put_object(Bucket=bucket, Key=LOG_HEAD, Body=note, ContentType=NOTE, CacheControl="no-store")
