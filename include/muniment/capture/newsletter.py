"""Capture a newsletter's list of subscribers from the folder that it is dropped into.

Until an agency's privacy rules exist nobody's address goes under a lock in the clear: only a
demonstration's list, with addresses at domains that nobody can own, is taken.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from os import stat_result
from pathlib import Path
from stat import S_ISREG
from urllib.parse import quote

from muniment.errors import (
    NotFoundError,
    PageTooLargeError,
    PlatformUnavailableError,
    SubscriberListRefusedError,
)
from muniment.records.agency import Account
from muniment.records.page import Page, Purpose

RESERVED_DOMAINS = ("example", "test", "invalid", "localhost", "example.com", "example.net", "example.org")
# RFC 2606 sections 2 and 3, RFC 6761 section 6

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_AFTER_AT = re.compile(r"@([^@\s,;<>\"'()\[\]]*)")


def capture_subscribers(
    account: Account,
    folder: Path,
    *,
    clock: Callable[[], datetime],
    limit_bytes: int,
    invented_people: bool,
) -> Iterator[Page]:
    """Yield the newest CSV file in *folder*, its bytes as they are, as one page.

    Raises:
        SubscriberListRefusedError: the agency's people are not invented, or an address in the
            file is not at a reserved domain, or the file cannot be read as text.
        NotFoundError: *folder* holds no CSV file.
        PageTooLargeError: the file is larger than *limit_bytes*.
        PlatformUnavailableError: the file changed while it was read.
    """
    if not invented_people:
        raise SubscriberListRefusedError(
            f"subscriber list of {account.id}: expected privacy rules or invented people, found neither"
        )
    path = _newest_file(account, folder)
    requested_at = clock()
    body, stat = _read_whole(account, path, limit_bytes)
    _check_addresses(account, body)
    yield _page(account, path.name, body, modified_at=stat.st_mtime, times=(requested_at, clock()))


def _page(account: Account, name: str, body: bytes, *, modified_at: float, times: tuple[datetime, datetime]) -> Page:
    modified = format_datetime(datetime.fromtimestamp(modified_at, UTC), usegmt=True)
    return Page(
        sequence=0,
        purpose=Purpose.SUBSCRIBERS,
        subject=None,
        method="READ",
        url=f"drop:{account.id}/{quote(name)}",
        request_headers=(),
        status=200,
        response_headers=(
            ("Content-Type", "text/csv"),
            ("Content-Length", str(len(body))),
            ("Last-Modified", modified),
        ),
        requested_at=times[0],
        received_at=times[1],
        body=body,
    )


def _newest_file(account: Account, folder: Path) -> Path:
    found = [(path.lstat(), path) for path in folder.glob("*") if path.suffix.lower() == ".csv"]
    # A link could bring in any file of this machine.
    files = [(stat.st_mtime_ns, path.name, path) for stat, path in found if S_ISREG(stat.st_mode)]
    if not files:
        raise NotFoundError(f"subscriber list of {account.id}: expected a CSV file in its drop folder, found none")
    return max(files)[2]


def _read_whole(account: Account, path: Path, limit_bytes: int) -> tuple[bytes, stat_result]:
    before = path.lstat()
    if before.st_size > limit_bytes:
        raise PageTooLargeError(
            f"subscriber list of {account.id}: expected at most {limit_bytes} bytes, found {before.st_size}"
        )
    with path.open("rb") as file:
        body = file.read(limit_bytes + 1)
    after = path.lstat()
    if (before.st_mtime_ns, before.st_ino, before.st_size) != (after.st_mtime_ns, after.st_ino, len(body)):
        raise PlatformUnavailableError(f"subscriber list of {account.id}: expected a finished file, it was changing")
    return body, after


def _check_addresses(account: Account, body: bytes) -> None:
    encoding = account.csv_encoding or next(
        (name for mark, name in _BYTE_ORDER_MARKS if body.startswith(mark)), "utf-8"
    )
    try:
        text = unicodedata.normalize("NFKC", body.decode(encoding))
    except (UnicodeError, LookupError):
        raise SubscriberListRefusedError(
            f"subscriber list of {account.id}: expected text in {encoding}, found bytes that are not"
        ) from None
    outside = sum(not _is_reserved(domain) for domain in _AFTER_AT.findall(text))
    if outside:
        raise SubscriberListRefusedError(
            f"subscriber list of {account.id}: expected addresses at reserved domains only, found {outside} at others"
        )


def _is_reserved(domain: str) -> bool:
    name = domain.rstrip(".").lower()
    return any(name == reserved or name.endswith(f".{reserved}") for reserved in RESERVED_DOMAINS)
