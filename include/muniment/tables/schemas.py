"""The Arrow schemas of sealed Parquet, versioned: a sealed file names the one it was written by.

Every version stays readable for ever. A field is added by a new version, never in place.
"""

from __future__ import annotations

import pyarrow as pa

_TIME = pa.timestamp("us", tz="UTC")
_WORD = pa.dictionary(pa.int32(), pa.string())

PAGES = pa.schema(
    [
        pa.field("sequence", pa.int32(), nullable=False),
        pa.field("purpose", _WORD, nullable=False),
        pa.field("subject", pa.string()),
        pa.field("method", _WORD),
        pa.field("url", pa.string()),
        pa.field("request_headers", pa.list_(pa.struct([("name", pa.string()), ("value", pa.string())]))),
        pa.field("status", pa.int16()),
        pa.field("response_headers", pa.list_(pa.struct([("name", pa.string()), ("value", pa.string())]))),
        pa.field("requested_at", _TIME),
        pa.field("received_at", _TIME),
        pa.field("body_sha256", pa.binary(32)),
        pa.field("body_size", pa.int64()),
        # The snapshot of the same volume that holds these very bytes; null when they are here.
        pa.field("body_snapshot", pa.string()),
        pa.field("body", pa.large_binary()),
        # A gap instead of a page: why, and what; the exchange's own fields are null.
        pa.field("gap_reason", _WORD),
        pa.field("gap_detail", pa.string()),
    ],
    metadata={"muniment.schema": "pages/1"},
)

MEDIA = pa.schema(
    [
        pa.field("media_id", pa.string(), nullable=False),
        pa.field("url", pa.string(), nullable=False),
        pa.field("fetched_at", _TIME, nullable=False),
        pa.field("status", pa.int16()),
        pa.field("content_type", pa.string()),
        pa.field("sha256", pa.string()),
        pa.field("size_bytes", pa.int64()),
        pa.field("gap_reason", _WORD),
        pa.field("detail", pa.string()),
    ],
    metadata={"muniment.schema": "media/1"},
)

# How a row stands against the volume's previous snapshot. `row_snapshot` names the snapshot of
# the same volume that holds the row in full; null when it is here. An unchanged or gone row
# carries its id, its pointer and (unchanged) its counters; `content_sha256` stands on full rows.
_STANDING = [
    pa.field("row_state", _WORD, nullable=False),
    pa.field("row_snapshot", _WORD),
    pa.field("content_sha256", pa.binary(32)),
]

_MEDIA_REF = pa.struct([("media_id", pa.string()), ("url", pa.string()), ("kind", pa.string()), ("alt", pa.string())])
_VERSION = pa.struct([("at", _TIME), ("text", pa.string()), ("raw", pa.string())])

ITEMS = pa.schema(
    [
        pa.field("item_id", pa.string(), nullable=False),
        *_STANDING,
        pa.field("kind", _WORD),
        pa.field("url", pa.string()),
        pa.field("author_id", pa.string()),
        pa.field("author_handle", pa.string()),
        pa.field("author_name", pa.string()),
        pa.field("published_at", _TIME),
        pa.field("published_text", pa.string()),
        pa.field("edited_at", _TIME),
        pa.field("language", _WORD),
        pa.field("text", pa.string()),
        pa.field("reply_parent_id", pa.string()),
        pa.field("reply_root_id", pa.string()),
        pa.field("visibility", _WORD),
        pa.field("links", pa.list_(pa.string())),
        pa.field("media", pa.list_(_MEDIA_REF)),
        pa.field("versions", pa.list_(_VERSION)),
        pa.field("like_count", pa.int64()),
        pa.field("repost_count", pa.int64()),
        pa.field("reply_count", pa.int64()),
        pa.field("quote_count", pa.int64()),
        pa.field("page", pa.int32()),
        pa.field("raw", pa.string()),
    ],
    metadata={"muniment.schema": "items/1"},
)

_PROBE = pa.struct(
    [("asked_at", _TIME), ("at", _TIME), ("state", pa.string()), ("snapshot", pa.string()), ("page", pa.int32())]
)

REMOVALS = pa.schema(
    [
        *ITEMS,
        pa.field("series", _WORD, nullable=False),
        pa.field("change", _WORD, nullable=False),
        pa.field("state", _WORD, nullable=False),
        pa.field("confidence", _WORD, nullable=False),
        pa.field("last_seen_at", _TIME),
        pa.field("first_missing_at", _TIME, nullable=False),
        pa.field("unlisted_at", _TIME),
        pa.field("seen_snapshot", _WORD),
        pa.field("missing_snapshot", _WORD),
        pa.field("item_snapshot", _WORD),
        pa.field("outage_snapshot", _WORD),
        pa.field("unavailable_reason", _WORD),
        pa.field("probes", pa.list_(_PROBE)),
    ],
    metadata={"muniment.schema": "removals/1"},
)

SUBSCRIBERS = pa.schema(
    [
        pa.field("subscriber_id", pa.string(), nullable=False),
        *_STANDING,
        pa.field("handle", pa.string()),
        pa.field("display_name", pa.string()),
        pa.field("address", pa.string()),
        pa.field("status", _WORD),
        pa.field("list_name", _WORD),
        pa.field("subscribed_at", _TIME),
        pa.field("subscribed_text", pa.string()),
        pa.field("page", pa.int32()),
        pa.field("raw", pa.string()),
    ],
    metadata={"muniment.schema": "subscribers/1"},
)


def schema_name(schema: pa.Schema) -> str:
    """Return the name and version that *schema* carries, as ``items/1``."""
    return str((schema.metadata or {})[b"muniment.schema"].decode())
