"""Capture one watched page: HTML, text or PDF, byte for byte.

Redirects are not followed: a page that moved is no longer under the address that the agency gives.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urljoin

from muniment.capture.gaps import gap_of
from muniment.capture.polite_client import PoliteClient
from muniment.errors import MalformedReplyError, NotFoundError, TokenRefusedError, TruncatedReplyError
from muniment.records.agency import Account
from muniment.records.page import Gap, Page, Purpose


def capture_page(account: Account, client: PoliteClient) -> Iterator[Page | Gap]:
    """Yield the page, or a gap where the server says that it is not there, not for everybody, or elsewhere.

    Raises:
        CaptureError: the server failed or did not answer; see `PoliteClient.fetch`.
    """
    try:
        yield client.fetch(urljoin(f"{account.api}/", account.handle), purpose=Purpose.WEB_PAGE)
    except TruncatedReplyError:
        raise
    except (NotFoundError, TokenRefusedError, MalformedReplyError) as error:
        yield gap_of(error, client, purpose=Purpose.WEB_PAGE, subject=None)
