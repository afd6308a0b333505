"""Checks of ``officers`` in ``agency.yaml``: who holds which office, and since when."""

from __future__ import annotations

import re
from datetime import date

from muniment.records.names import is_slug
from muniment.register.agency_checks import SLUG
from muniment.register.documents import Document
from muniment.register.entries import Entry, check_order, is_in_force, whole

_SIGN_IN = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
_SIGN_IN_MAX = 63


def check_officers(document: Document) -> None:
    """Note what the list says that does not hold together."""
    seen: set[tuple[str | None, ...]] = set()
    for officer in whole(document).groups("officers"):
        sign_in, office = officer.text("sign_in"), officer.text("office")
        if sign_in is not None and (len(sign_in) > _SIGN_IN_MAX or _SIGN_IN.fullmatch(sign_in) is None):
            officer.fault("sign_in", "a user name: lower-case letters, digits and single . _ or -", "other text")
        if office is not None and not is_slug(office):
            officer.fault("office", SLUG, repr(office[:60]))
        check_order(officer, "valid_from", officer, "valid_until")
        term = (sign_in, office, officer.text("valid_from"))
        if None not in term and term in seen:
            officer.fault("office", "an office that the person does not hold already from that day", "one that is held")
        seen.add(term)


def offices_held(document: Document, today: date | None) -> frozenset[str] | None:
    """Return the offices that somebody holds on *today*; None when that cannot be told."""
    if not document.whole or today is None:
        return None
    held = (one.text("office") for one in whole(document).groups("officers") if _holds(one, today))
    return frozenset(filter(None, held))


def _holds(officer: Entry, today: date) -> bool:
    return officer.day("valid_from") is not None and is_in_force(officer, today)
