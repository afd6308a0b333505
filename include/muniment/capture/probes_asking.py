"""One question to one host, and its answer: a page whatever the host says of the item, or the gap of not knowing."""

from __future__ import annotations

from dataclasses import dataclass

from muniment.capture.addresses import Query
from muniment.capture.exchange import Limits
from muniment.capture.gaps import gap_of
from muniment.capture.polite_client import PoliteClient
from muniment.errors import CaptureError, RateLimitedError
from muniment.records.agency import Account
from muniment.records.page import Gap, Page, Purpose

# XRPC tells with 400 that a record is not there: https://atproto.com/specs/xrpc#error-responses
TELLING = frozenset({400, 401, 403, 404, 410})
# A server that an author chose is asked once, shortly, and for little.
HOST_LIMITS = Limits(page_bytes=1 << 20, connect_s=5, read_s=10, total_s=20, attempts=1, wait_s=0, pages=20)


@dataclass(frozen=True, slots=True)
class Asking:
    """For which account, and with which clients: of its platform, and of the hosts that authors chose."""

    account: Account
    platform: PoliteClient
    hosts: PoliteClient

    def ask(self, url: str, query: Query | None = None, *, purpose: Purpose, subject: str | None = None) -> Page | Gap:
        """Ask the account's platform.

        Raises:
            RateLimitedError: it asked us to wait longer than the client waits.
        """
        try:
            return self.platform.fetch(url, query, purpose=purpose, subject=subject, keeps=TELLING)
        except RateLimitedError:
            raise
        except CaptureError as error:
            return gap_of(error, self.platform, purpose=purpose, subject=subject)

    def ask_host(
        self,
        url: str,
        query: Query | None = None,
        *,
        purpose: Purpose,
        subject: str | None,
        connect_to: str | None = None,
    ) -> Page | Gap:
        """Ask a host that somebody else chose. One that asks us to wait is not waited for."""
        try:
            return self.hosts.fetch(url, query, purpose=purpose, subject=subject, connect_to=connect_to, keeps=TELLING)
        except CaptureError as error:
            return gap_of(error, self.hosts, purpose=purpose, subject=subject)
