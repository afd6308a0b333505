"""An account's signed repository (CAR): whole, in order, and signed by the account's key.

https://atproto.com/specs/repository. Its posts make no rows, for the author feed has them;
`repository_post_ids` lets the two be compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import libipld
import msgspec

from muniment.errors import ParseError
from muniment.parsing.context import ParseContext
from muniment.parsing.decoding import decode_body, decode_json
from muniment.parsing.signatures import SigningKey, parse_signing_key
from muniment.records.page import Page, Purpose
from muniment.records.rows import Declared, PageFault, ParsedPage

POSTS = "app.bsky.feed.post"

# https://atproto.com/specs/data-model#link-and-cid-formats: CIDv1, dag-cbor or raw, SHA-256 of 32 bytes.
_CID_PREFIXES = frozenset((b"\x01\x71\x12\x20", b"\x01\x55\x12\x20"))
_CID_BYTES = 36
_SIGNATURE_ENTRY = b"\x63sig\x58\x40"  # DAG-CBOR: the key "sig", then 64 bytes


class _Method(msgspec.Struct, gc=False):
    id: str
    type: str
    publicKeyMultibase: str | None = None  # noqa: N815 - W3C's name


class _DidDocument(msgspec.Struct, gc=False):
    id: str
    verificationMethod: list[_Method] = []  # noqa: N815


_DID_DOCUMENT = msgspec.json.Decoder(_DidDocument)


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository that is whole and in order; `SigningKey.check_signature` tells whether it is signed."""

    did: str
    records: tuple[str, ...]  # paths, collection/key, in order
    signed: bytes  # the commit without its signature
    signature: bytes


def parse_did_document(page: Page, _context: ParseContext) -> ParsedPage:
    """Read a DID document, for the faults of its signing key."""
    _read_key(page)
    return ParsedPage([], [], frozenset(), [])


def parse_repository(page: Page, context: ParseContext) -> ParsedPage:
    """Verify the repository on *page* by the snapshot's DID document, and count its posts."""
    try:
        repository = _verify(page, context.reference.get(Purpose.DID_DOCUMENT))
    except ParseError as error:
        return ParsedPage([], [], frozenset(), [PageFault(page.sequence, "G005", f"repository: {error}")])
    number = sum(path.startswith(f"{POSTS}/") for path in repository.records)
    return ParsedPage([], [Declared("repository posts", number, page.sequence)], frozenset(), [])


def repository_post_ids(page: Page) -> frozenset[str]:
    """Return the at-uri of every post in the repository on *page*, signed or not.

    Raises:
        ParseError: the repository is not whole or not in order; `parse_repository` reports it as G005.
    """
    repository = _read_repository(page)
    return frozenset(f"at://{repository.did}/{path}" for path in repository.records if path.startswith(f"{POSTS}/"))


def _verify(page: Page, document: Page | None) -> Repository:
    repository = _read_repository(page)
    if document is None:
        raise ParseError("expected a DID document in the snapshot, found none")
    did, key = _read_key(document)
    if did != repository.did:
        raise ParseError("expected the repository of the DID document's account, found another's")
    key.check_signature(repository.signature, repository.signed)
    return repository


def _read_key(page: Page) -> tuple[str, SigningKey]:
    document = decode_json(page, _DID_DOCUMENT)
    for method in document.verificationMethod:
        if method.id in {"#atproto", f"{document.id}#atproto"} and method.publicKeyMultibase:
            return document.id, parse_signing_key(method.type, method.publicKeyMultibase)
    raise ParseError("DID document: expected an #atproto signing key, found none")


def _read_repository(page: Page) -> Repository:
    try:
        root, blocks = _read_car(decode_body(page))
        block = _block(blocks, root)
        commit = libipld.decode_dag_cbor(block)
        signature = commit["sig"]
        if commit["version"] != 3 or not isinstance(commit["did"], str) or not isinstance(signature, bytes):
            raise ParseError("commit: expected version 3 with did and sig, found another form")
        records = tuple(_walk(blocks, commit["data"]))
        return Repository(commit["did"], records, _unsigned(block, signature, commit), signature)
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        # Bytes that nobody signed may be of any shape; every wrong one is the same finding.
        raise ParseError("expected a CAR of a commit, its tree and its records, found another form") from None


def _read_car(body: bytes) -> tuple[bytes, dict[bytes, bytes]]:
    size, start = _varint(body, 0)
    header = libipld.decode_dag_cbor(body[start : start + size])
    if header["version"] != 1 or len(header["roots"]) != 1:
        raise ParseError("CAR: expected version 1 with one root, found another form")
    position = start + size
    blocks: dict[bytes, bytes] = {}
    while position < len(body):
        size, start = _varint(body, position)
        position = start + size
        cid, block = body[start : start + _CID_BYTES], body[start + _CID_BYTES : position]
        if position > len(body) or cid[:4] not in _CID_PREFIXES:
            raise ParseError("CAR: expected whole blocks with SHA-256 CIDs, found another form")
        if sha256(block).digest() != cid[4:]:
            raise ParseError("CAR: expected every block to hash to its CID, found one that does not")
        blocks[cid] = block
    return _cid(header["roots"][0]), blocks


def _varint(body: bytes, position: int) -> tuple[int, int]:
    # https://github.com/multiformats/unsigned-varint: at most nine bytes.
    number = 0
    for index in range(9):
        byte = body[position + index]
        number |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return number, position + index + 1
    raise ParseError("CAR: expected a length of at most nine bytes, found a longer one")


def _walk(blocks: dict[bytes, bytes], root: Any) -> Iterator[str]:
    waiting: list[tuple[str, Any]] = [("node", root)]
    last = b""
    while waiting:
        what, value = waiting.pop()
        if what == "key":
            if value <= last:
                raise ParseError("tree: expected keys in ascending order, found them out of order")
            last = value
            yield value.decode("ascii")
        else:
            entries = _entries(blocks, _cid(value))
            if not entries and value != root:
                raise ParseError("tree: expected entries in every node below the first, found an empty node")
            waiting.extend(reversed(entries))


def _entries(blocks: dict[bytes, bytes], cid: bytes) -> list[tuple[str, Any]]:
    node = libipld.decode_dag_cbor(_block(blocks, cid))
    found: list[tuple[str, Any]] = [("node", node["l"])] if node["l"] is not None else []
    key = b""
    for entry in node["e"]:
        key = key[: entry["p"]] + bytes(entry["k"])
        _block(blocks, _cid(entry["v"]))
        found.append(("key", key))
        if entry["t"] is not None:
            found.append(("node", entry["t"]))
    return found


def _unsigned(block: bytes, signature: bytes, commit: dict[str, Any]) -> bytes:
    # Cut out of the original bytes: what was signed is never encoded anew.
    entry = _SIGNATURE_ENTRY + signature
    rest = bytes([block[0] - 1]) + block[1:].replace(entry, b"", 1)
    if libipld.decode_dag_cbor(rest) != {k: v for k, v in commit.items() if k != "sig"}:
        raise ParseError("commit: expected one signature of 64 bytes, found another form")
    return rest


def _block(blocks: dict[bytes, bytes], cid: bytes) -> bytes:
    try:
        return blocks[cid]
    except KeyError:
        raise ParseError("CAR: expected every block that is linked, found one missing") from None


def _cid(value: Any) -> bytes:
    if not isinstance(value, bytes) or len(value) != _CID_BYTES:
        raise ParseError("CAR: expected a link of 36 bytes, found another form")
    return value
