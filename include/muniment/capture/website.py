"""Capture a website's news feed, RSS or Atom.

The whole feed every time: a conditional request would leave a day without its evidence.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urljoin

from muniment.capture.polite_client import PoliteClient
from muniment.records.agency import Account
from muniment.records.page import Page, Purpose


def capture_posts(account: Account, client: PoliteClient) -> Iterator[Page]:
    """Yield the feed: one page. Its ETag and Last-Modified stay among the answer's headers.

    Raises:
        CaptureError: see `PoliteClient.fetch`.
    """
    yield client.fetch(urljoin(f"{account.api}/", account.handle), purpose=Purpose.FEED)
