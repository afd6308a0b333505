"""Checks of ``time_authorities`` in ``agency.yaml``: who may be asked for the time, and whose certificates count."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from muniment.errors import TimestampError
from muniment.records.names import is_slug
from muniment.register.agency_checks import SLUG
from muniment.register.documents import Document
from muniment.register.entries import Entry, note_repeated, note_repeated_items, whole

_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.pem")
_MAX_BYTES = 1_000_000
_LONGEST_DAYS = 3650


def check_time_authorities(document: Document, folder: Path) -> None:
    """Note what the list says that does not hold together; certificates lie in *folder*."""
    authorities = list(whole(document).groups("time_authorities"))
    note_repeated(authorities, "name")
    for authority in authorities:
        _check_name(authority)
        days = authority.number("renew_days_before")
        if days is not None and not 1 <= days <= _LONGEST_DAYS:
            authority.fault("renew_days_before", f"a number of days from 1 to {_LONGEST_DAYS}", str(days))
        if authority.fields.get("local") is True:
            _check_local(authority)
        else:
            _check_url(authority)
            _check_roots(authority, folder)
    local = [authority for authority in authorities if authority.fields.get("local") is True]
    for authority in local[1:]:
        authority.fault("local", "one local authority", "another")


def _check_name(authority: Entry) -> None:
    name = authority.text("name")
    if name is not None and not is_slug(name):
        authority.fault("name", SLUG, repr(name[:60]))


def _check_local(authority: Entry) -> None:
    for name in ("url", "roots"):
        if authority.fields.get(name):
            authority.fault(name, "nothing, as the authority is local", "a value")


def _check_url(authority: Entry) -> None:
    text = authority.text("url")
    if text is None:
        authority.fault("url", "the address of the authority, or local: true", "nothing")
    elif not _is_address(text):
        # An answer is signed, so http loses nothing; most public authorities have nothing else.
        authority.fault("url", "an http or https address without user name, password or fragment", "other text")


def _is_address(text: str) -> bool:
    try:
        url = urlsplit(text)
        url.port  # noqa: B018 - raises when it is no number
    except ValueError:
        return False
    plain = url.username is None and url.password is None and not url.fragment
    return plain and url.scheme in ("http", "https") and bool(url.hostname) and text.isascii() and text.isprintable()


def _check_roots(authority: Entry, folder: Path) -> None:
    names = authority.texts("roots")
    if not names:
        authority.fault("roots", "at least one file of certificates, from the authority's own publication", "none")
    note_repeated_items(authority, "roots")
    bodies = []
    for index, name in names:
        body = _read_or_none(folder / name) if _FILE.fullmatch(name) else None
        if body is None:
            expected = f"the name of a .pem file in this folder, at most {_MAX_BYTES} bytes"
            authority.fault("roots", expected, repr(name[:60]), index=index)
        else:
            bodies.append(body)
    if names and len(bodies) == len(names):
        _check_certificates(authority, b"\n".join(bodies))


def _read_or_none(path: Path) -> bytes | None:
    try:
        return path.read_bytes() if path.stat().st_size <= _MAX_BYTES else None
    except OSError:
        return None


def _check_certificates(authority: Entry, pem: bytes) -> None:
    from muniment.evidence.timestamp_chain import read_trust  # noqa: PLC0415 - DAGs are parsed every half minute

    try:
        read_trust(pem)
    except TimestampError as error:
        expected, _, found = str(error).partition(": expected ")[2].partition(", found ")
        authority.fault("roots", expected, found)
