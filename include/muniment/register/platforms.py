"""What each platform needs of an account: its handle's form, its series, its own fields."""

from __future__ import annotations

import re
from collections.abc import Callable

from muniment.records.agency import Platform
from muniment.records.series import OFFICIAL_POSTS, POLICIES, PUBLIC_COMMENTS, SUBSCRIBER_LISTS
from muniment.register.entries import Entry

SIMULATOR = "simulator"
DROP = "drop"

CAPTURABLE = {
    Platform.BLUESKY: (OFFICIAL_POSTS, PUBLIC_COMMENTS, SUBSCRIBER_LISTS),
    Platform.MASTODON: (OFFICIAL_POSTS, PUBLIC_COMMENTS, SUBSCRIBER_LISTS),
    Platform.NEWSLETTER: (SUBSCRIBER_LISTS,),
    Platform.WEBSITE: (OFFICIAL_POSTS,),
    Platform.WEB_PAGE: (POLICIES,),
}
"""The series that an account of a platform, or a watched page, can give."""

CSV_COLUMNS = ("subscriber_id", "handle", "display_name", "address", "status", "list_name", "subscribed_at")
"""Our columns that a newsletter's list may fill, as `muniment.records.rows.SubscriberRow` names them."""

_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_BLUESKY_HANDLE = re.compile(
    rf"(?:{_LABEL}\.)+[a-zA-Z](?:[a-zA-Z0-9-]{{0,61}}[a-zA-Z0-9])?"
)  # atproto.com/specs/handle
# app/models/account.rb of Mastodon, USERNAME_RE: the local name, without @ and server.
_MASTODON_HANDLE = re.compile(r"[a-zA-Z0-9_]+(?:[a-zA-Z0-9_.-]+[a-zA-Z0-9_]+)?")
_FOLDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
URL_PATH = re.compile(r"/(?!/)[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*")  # RFC 3986 section 3.3, and a query

_OWN_FIELDS = {"directory": Platform.BLUESKY, "csv_columns": Platform.NEWSLETTER, "csv_encoding": Platform.NEWSLETTER}


def check_platform(account: Entry) -> None:
    """Note what *account* lacks for its platform, or has for another."""
    name = account.text("platform")
    if name not in set(Platform):
        return
    platform = Platform(name)
    for index, series in account.texts("series"):
        if series in set().union(*CAPTURABLE.values()) and series not in CAPTURABLE[platform]:
            expected = f"a series that a {platform} account can give: {', '.join(CAPTURABLE[platform])}"
            account.fault("series", expected, repr(series), index=index)
    for name, owner in _OWN_FIELDS.items():
        if platform is not owner and account.fields.get(name) not in (None, {}):
            account.fault(name, f"nothing, as only a {owner} account has it", "a value")
    if account.text("api") == DROP and platform is not Platform.NEWSLETTER:
        account.fault("api", f"the address of a server, or the word {SIMULATOR}", f"the word {DROP}")
    _CHECKS[platform](account)


def _check_bluesky(account: Entry) -> None:
    _check_handle(account, _BLUESKY_HANDLE, "a Bluesky handle: a domain name without @")
    if not account.has("directory"):
        account.fault("directory", "the address of the PLC directory that resolves the account's DID", "nothing")


def _check_mastodon(account: Entry) -> None:
    _check_handle(account, _MASTODON_HANDLE, "a Mastodon user name without @ and server")


def _check_website(account: Entry) -> None:
    _check_handle(account, URL_PATH, "the path of the feed, beginning with one slash")


def _check_web_page(account: Entry) -> None:
    account.fault("platform", "a platform of accounts, as pages are watched by policy.yaml", repr("web-page"))


def _check_newsletter(account: Entry) -> None:
    _check_handle(account, _FOLDER, "the name of the drop folder: letters, digits, hyphens and underscores")
    _check_encoding(account)
    if account.fields.get("csv_columns") in (None, {}):
        account.fault("csv_columns", "the header of each column of the list", "nothing")
        return
    columns = account.group("csv_columns")
    if columns is None:
        return
    for column in columns.fields:
        if column not in CSV_COLUMNS:
            columns.fault(column, f"one of {', '.join(CSV_COLUMNS)}", repr(column[:60]))
    if not columns.has("subscriber_id") and not columns.has("address"):
        account.fault("csv_columns", "subscriber_id or address among them", "neither")


def _check_encoding(account: Entry) -> None:
    encoding = account.text("csv_encoding")
    try:
        "".encode(encoding or "utf-8")
    except (LookupError, ValueError):
        account.fault("csv_encoding", "the name of a text encoding, such as cp1252", repr(str(encoding)[:60]))


def _check_handle(account: Entry, form: re.Pattern[str], expected: str) -> None:
    handle = account.text("handle")
    if handle is not None and form.fullmatch(handle) is None:
        account.fault("handle", expected, "other text")


_CHECKS: dict[Platform, Callable[[Entry], None]] = {
    Platform.BLUESKY: _check_bluesky,
    Platform.MASTODON: _check_mastodon,
    Platform.NEWSLETTER: _check_newsletter,
    Platform.WEBSITE: _check_website,
    Platform.WEB_PAGE: _check_web_page,
}
