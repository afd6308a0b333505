"""Fetch the pictures and videos of a Bluesky account as it posted them.

The platform shows re-encoded copies, and of a video a playlist. The blob itself lies on the
account's own server, and its CID, which the signed repository names, states its SHA-256:
https://atproto.com/specs/blob. Servers of other people are not asked, for they could keep a
capture waiting; of their media the copy is kept that the platform shows.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlencode

import msgspec

from muniment.capture.addresses import Resolve, resolve_host
from muniment.capture.bluesky_host import find_host
from muniment.capture.gaps import detail_of
from muniment.capture.media import fetch_media
from muniment.capture.polite_client import PoliteClient
from muniment.capture.reading import read_json
from muniment.errors import CaptureError, ParseError, RateLimitedError
from muniment.records.agency import Account
from muniment.records.page import GapReason, MediaExchange, Purpose
from muniment.records.rows import MediaRef

_DID = re.compile(r"/(did(?::|%3[Aa])(?:plc|web)(?::|%3[Aa])[^/]+)/")
_RAW_SHA256 = (
    b"\x01\x55\x12\x20"  # CID version 1, codec raw, sha2-256 of 32 bytes: https://atproto.com/specs/data-model
)

Fetched = tuple[MediaExchange, Path | None]


class _Profile(msgspec.Struct):
    did: str


@dataclass(frozen=True, slots=True)
class _Server:
    did: str
    url: str

    def address_or_none(self, ref: MediaRef) -> str | None:
        if _author_of(ref) != self.did or _digest_of(ref.media_id) is None:
            return None
        return f"{self.url}/xrpc/com.atproto.sync.getBlob?{urlencode({'did': self.did, 'cid': ref.media_id})}"


def fetch_blobs(
    account: Account, refs: Iterable[MediaRef], client: PoliteClient, *, folder: Path, resolve: Resolve = resolve_host
) -> Iterator[Fetched]:
    """Yield what came of each of *refs* as `fetch_media` does: the account's own as posted, others' as shown.

    When the account's server does not give the very bytes that the CID names, the shown copy
    is kept, and the exchange's detail says why.

    Raises:
        RateLimitedError: a host asked us to wait longer than the client waits.
    """
    wanted = list(refs)
    server: _Server | None = None
    trouble = ""
    if any(_author_of(ref) for ref in wanted):
        try:
            server = _find_server(account, client)
        except RateLimitedError:
            raise
        except (CaptureError, ParseError) as error:
            trouble = detail_of(error)

    def fetch(ref: MediaRef) -> Fetched:
        return next(fetch_media([ref], client, home=account.api, folder=folder, resolve=resolve))

    for ref in wanted:
        address, why = server.address_or_none(ref) if server else None, trouble if _author_of(ref) else ""
        if address:
            exchange, path = _check(fetch(ref._replace(url=address)))
            if path is not None:
                yield exchange, path
                continue
            why = exchange.detail or ""
        exchange, path = fetch(ref)
        yield (replace(exchange, detail=f"a copy as shown; the original: {why}") if path and why else exchange), path


def _find_server(account: Account, client: PoliteClient) -> _Server:
    url = f"{account.api}/xrpc/app.bsky.actor.getProfile"
    did = read_json(client.look(url, {"actor": account.handle}, purpose=Purpose.ACCOUNT), _Profile).did
    return _Server(did, find_host(account, did, client).url)


def _check(fetched: Fetched) -> Fetched:
    exchange, path = fetched
    if path is None or exchange.sha256 == _digest_of(exchange.media_id):
        return fetched
    path.unlink()
    detail = "expected the blob that its CID names, found other bytes"
    return replace(exchange, sha256=None, size_bytes=None, gap_reason=GapReason.UNREADABLE, detail=detail), None


def _author_of(ref: MediaRef) -> str | None:
    found = _DID.search(ref.url)
    return unquote(found[1]) if found else None


def _digest_of(cid: str) -> str | None:
    text = cid.removeprefix("b").upper()
    try:
        number = base64.b32decode(text + "=" * (-len(text) % 8))
    except binascii.Error:
        return None
    return number[4:].hex() if number.startswith(_RAW_SHA256) and len(number) == 36 else None
