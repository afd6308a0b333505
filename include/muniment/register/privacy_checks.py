"""Checks of ``privacy.yaml`` against the register: what the rules promise, no account may break."""

from __future__ import annotations

from muniment.records.privacy import ListRule
from muniment.records.series import SUBSCRIBER_LISTS
from muniment.register.documents import Document
from muniment.register.entries import whole


def check_privacy(document: Document, accounts: Document) -> None:
    """Note accounts whose subscriber lists are captured where the rules say that none is kept."""
    if not document.whole or not accounts.whole or whole(document).text("subscriber_lists") != ListRule.NOT_KEPT:
        return
    for account in whole(accounts).groups("accounts"):
        for index, series in account.texts("series"):
            if series == SUBSCRIBER_LISTS:
                account.fault("series", "no list of subscribers: privacy.yaml keeps none", repr(series), index=index)
