"""Row commitments once more, written from docs/spec/commitments.md alone. It imports nothing of Muniment.

Rows are dictionaries by column. Slow, and in another manner than the product on purpose.
"""

from __future__ import annotations

import calendar
import hashlib
import json
import struct
from datetime import UTC, datetime
from typing import Any

import pyarrow.parquet as pq
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

# The two tables of "Rows and fields": column names with the letter of their type, [ ] a list, { } a struct.
TABLES = {
    "items/1": """
        item_id        item_id:T
        author         url:T author_id:T author_handle:T author_name:T
        circumstances  row_state:T row_snapshot:T kind:T published_at:I published_text:T edited_at:I \
                       language:T visibility:T like_count:N repost_count:N reply_count:N quote_count:N page:N
        thread         reply_parent_id:T reply_root_id:T
        text           text:T links:[T]
        media          media:[{media_id,url,kind,alt}]
        versions       versions:[{at,text,raw}]
        raw            content_sha256:B raw:T
    """,
    "removals/1": """
        item_id        item_id:T
        author         url:T author_id:T author_handle:T author_name:T
        circumstances  row_state:T row_snapshot:T kind:T published_at:I published_text:T edited_at:I \
                       language:T visibility:T like_count:N repost_count:N reply_count:N quote_count:N page:N
        thread         reply_parent_id:T reply_root_id:T
        text           text:T links:[T]
        media          media:[{media_id,url,kind,alt}]
        versions       versions:[{at,text,raw}]
        raw            content_sha256:B raw:T
        removal        series:T change:T state:T confidence:T last_seen_at:I first_missing_at:I unlisted_at:I \
                       seen_snapshot:T missing_snapshot:T item_snapshot:T outage_snapshot:T unavailable_reason:T
        probes         probes:[{asked_at,at,state,snapshot,page}]
    """,
    "subscribers/1": """
        subscriber_id  subscriber_id:T
        name           handle:T display_name:T
        address        address:T
        circumstances  row_state:T row_snapshot:T status:T list_name:T subscribed_at:I subscribed_text:T page:N
        raw            content_sha256:B raw:T
    """,
}
MEMBERS = {
    "{media_id,url,kind,alt}": "media_id:T url:T kind:T alt:T",
    "{at,text,raw}": "at:I text:T raw:T",
    "{asked_at,at,state,snapshot,page}": "asked_at:I at:I state:T snapshot:T page:N",
}


def fields(schema: str) -> list[tuple[str, list[list[str]]]]:
    lines = [line.split() for line in TABLES[schema].strip().splitlines()]
    return [(name, [column.split(":") for column in columns]) for name, *columns in lines]


def encode(letter: str, value: Any) -> bytes:
    if value is None:
        return b"\0"
    if letter in ("T", "B"):
        spelled = value.encode("utf-8") if letter == "T" else value
        return struct.pack(">cI", letter.encode(), len(spelled)) + spelled
    if letter == "N":
        return struct.pack(">cq", b"N", value)
    if letter == "I":
        seconds = calendar.timegm(value.utctimetuple())
        return struct.pack(">cq", b"I", seconds * 1_000_000 + value.microsecond)
    if letter.startswith("["):
        return struct.pack(">cI", b"L", len(value)) + b"".join(encode(letter[1:-1], one) for one in value)
    members = [member.split(":") for member in MEMBERS[letter].split()]
    return struct.pack(">cI", b"S", len(members)) + b"".join(encode(kind, value[name]) for name, kind in members)


def state(columns: list[list[str]], row: dict[str, Any]) -> str:
    values = [row[name] for name, _ in columns]
    if values.count(None) == len(values):
        return "n"
    if len(values) == 1 and columns[0][1] not in ("N", "I") and len(values[0]) == 0:
        return "e"
    return "v"


def key(secret: bytes, field: int, row: int) -> bytes:
    return Cipher(algorithms.AES(secret), modes.ECB()).encryptor().update(struct.pack(">QQ", field, row))


def commitment(schema: str, name: str, salt: bytes, columns: list[list[str]], row: dict[str, Any]) -> bytes:
    sha = hashlib.sha256()
    for part in ("muniment.rows/1 field", schema, name):
        sha.update(encode("T", part))
    sha.update(salt)
    for column, letter in columns:
        sha.update(encode(letter, row[column]))
    return sha.digest()


def leaf(schema: str, secret: bytes, number: int, row: dict[str, Any]) -> bytes:
    states, commitments = "", b""
    for place, (name, columns) in enumerate(fields(schema)):
        states += state(columns, row)
        if states[-1] == "v":
            commitments += commitment(schema, name, key(secret, place, number), columns, row)
    return leaf_of(schema, states, commitments)


def leaf_of(schema: str, states: str, commitments: bytes) -> bytes:
    entry = encode("T", "muniment.rows/1 row") + encode("T", schema) + states.encode() + commitments
    return hashlib.sha256(b"\0" + entry).digest()


def tree(leaves: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.1, as it is written there."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + tree(leaves[:k]) + tree(leaves[k:])).digest()


def root_of_runs(schema: str, rows: list[dict[str, Any]], runs: list[tuple[int, bytes]]) -> bytes:
    leaves, left = [], iter(rows)
    for count, secret in runs:
        leaves += [leaf(schema, secret, number, next(left)) for number in range(count)]
    assert next(left, None) is None, "a row without a secret"
    return tree(leaves)


def root_of_file(path: Any) -> bytes:
    """Read a rows.parquet and return the root that its rows and its secrets give."""
    with pq.ParquetFile(path) as file:
        schema = file.schema_arrow.metadata[b"muniment.schema"].decode()
        said = json.loads(file.metadata.metadata[b"muniment.commitment"])
        rows = file.read().to_pylist()
    return root_of_runs(schema, rows, [(count, bytes.fromhex(secret)) for count, secret in said["runs"]])


def is_disclosed(body: bytes, rows: int, root: bytes) -> bool:
    """Check a disclosure as the document's three steps say."""
    told = json.loads(body)
    states, commitments, given = told["states"], b"", dict(told["fields"])
    for (name, columns), letter in zip(fields(told["schema"]), states, strict=True):
        if letter != "v":
            continue
        field = given.pop(name, None)
        if field is None:
            return False
        if "commitment" in field:
            commitments += bytes.fromhex(field["commitment"])
            continue
        row = {column: from_json(kind, field["values"][column]) for column, kind in columns}
        if state(columns, row) != "v":
            return False
        commitments += commitment(told["schema"], name, bytes.fromhex(field["key"]), columns, row)
    proof = [bytes.fromhex(one) for one in told["proof"]]
    found = walk(leaf_of(told["schema"], states, commitments), told["row"], told["rows"], proof)
    return not given and told["rows"] == rows and found == root


def walk(node: bytes, place: int, size: int, proof: list[bytes]) -> bytes:
    """The root that an inclusion proof leads to, by recursion over the tree's shape."""
    if size == 1:
        return node if not proof else b""
    k = 1
    while k * 2 < size:
        k *= 2
    if not proof:
        return b""
    if place < k:
        return hashlib.sha256(b"\1" + walk(node, place, k, proof[:-1]) + proof[-1]).digest()
    return hashlib.sha256(b"\1" + proof[-1] + walk(node, place - k, size - k, proof[:-1])).digest()


def from_json(letter: str, value: Any) -> Any:
    if value is None:
        return None
    if letter == "B":
        return bytes.fromhex(value)
    if letter == "I":
        return instant(value)
    if letter.startswith("["):
        return [from_json(letter[1:-1], one) for one in value]
    if letter in MEMBERS:
        members = [member.split(":") for member in MEMBERS[letter].split()]
        return {name: from_json(kind, value[name]) for name, kind in members}
    return value


def instant(text: str) -> Any:
    return datetime.fromisoformat(text).astimezone(UTC)
