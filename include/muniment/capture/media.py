"""Fetch pictures and other media that items show, each into a file named by its SHA-256.

One medium that cannot be had is a gap with its reason; it stops no other. Addresses come
out of captured data, so each one, and each redirect, is checked before it is followed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urljoin

from muniment.capture.addresses import Resolve, choose_address, resolve_host
from muniment.capture.exchange import REDIRECTS, Answer, Sink
from muniment.capture.gaps import detail_of, reason_of
from muniment.capture.polite_client import PoliteClient
from muniment.errors import CaptureError, MalformedReplyError, RateLimitedError
from muniment.evidence.digest import read_chunks, sha256_of_chunks
from muniment.records.page import MediaExchange
from muniment.records.rows import MediaRef

REDIRECTS_FOLLOWED = 3
_NO_MEDIA = frozenset({"text/html", "application/json", "application/xhtml+xml"})  # an error or a sign-in page


def fetch_media(
    refs: Iterable[MediaRef], client: PoliteClient, *, home: str, folder: Path, resolve: Resolve = resolve_host
) -> Iterator[tuple[MediaExchange, Path | None]]:
    """Yield what came of each medium of *refs*, asked for once, and the file of its bytes in *folder*.

    *home* is the account's own interface: its host is trusted, loopback included. A file
    is named by the SHA-256 of its bytes; the caller removes it.

    Raises:
        RateLimitedError: a host asked us to wait longer than the client waits.
    """
    asked: set[tuple[str, str]] = set()
    for ref in refs:
        if (ref.media_id, ref.url) not in asked:
            asked.add((ref.media_id, ref.url))
            yield _fetch_medium(ref, client, home=home, folder=folder, resolve=resolve)


def _fetch_medium(
    ref: MediaRef, client: PoliteClient, *, home: str, folder: Path, resolve: Resolve
) -> tuple[MediaExchange, Path | None]:
    partial = folder / "medium.part"
    try:
        answer = _download(ref.url, client, partial, home=home, resolve=resolve)
        content_type = _content_type(answer)
    except RateLimitedError:
        raise
    except CaptureError as error:
        return _gap(ref, error, client), None
    digest, size = sha256_of_chunks(read_chunks(partial))
    path = partial.replace(folder / digest)
    return (
        MediaExchange(
            media_id=ref.media_id,
            url=ref.url,
            fetched_at=answer.received_at,
            status=answer.status,
            content_type=content_type,
            sha256=digest,
            size_bytes=size,
            gap_reason=None,
            detail=None,
        ),
        path,
    )


def _download(url: str, client: PoliteClient, partial: Path, *, home: str, resolve: Resolve) -> Answer:
    with partial.open("wb") as file:

        def restart() -> Sink:
            file.seek(0)
            file.truncate()
            return file.write

        for _ in range(REDIRECTS_FOLLOWED + 1):
            answer = client.download(url, restart, connect_to=choose_address(url, home=home, resolve=resolve))
            if answer.status not in REDIRECTS:
                return answer
            url = urljoin(url, answer.header("location") or "")
    raise MalformedReplyError(f"expected at most {REDIRECTS_FOLLOWED} redirects, found more")


def _content_type(answer: Answer) -> str | None:
    stated = answer.header("content-type")
    kind = (stated or "").partition(";")[0].strip().lower()
    if kind in _NO_MEDIA:
        raise MalformedReplyError(f"expected a medium, found {kind}")
    if answer.size_bytes == 0:
        raise MalformedReplyError("expected a medium, found no bytes")
    encoding = answer.header("content-encoding")
    if encoding and encoding.strip().lower() != "identity":
        raise MalformedReplyError("expected a medium as it is, found an encoded one")
    return stated


def _gap(ref: MediaRef, error: CaptureError, client: PoliteClient) -> MediaExchange:
    return MediaExchange(
        media_id=ref.media_id,
        url=ref.url,
        fetched_at=client.clock(),
        status=None,
        content_type=None,
        sha256=None,
        size_bytes=None,
        gap_reason=reason_of(error),
        detail=detail_of(error),
    )
