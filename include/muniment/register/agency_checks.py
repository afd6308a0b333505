"""Checks of ``agency.yaml`` across its fields."""

from __future__ import annotations

import re
from zoneinfo import available_timezones

from muniment.records.names import is_slug
from muniment.register.documents import Document
from muniment.register.entries import Entry, note_repeated_items, whole
from muniment.register.timetable import check_timetable

SLUG = "lower-case letters, digits and single hyphens, 63 at most"

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"  # RFC 1035 section 2.3.1, lower case
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
_RESERVED = re.compile(
    r"(?:.*\.)?(?:example|test|invalid|localhost|example\.(?:com|net|org))"
)  # RFC 2606, sections 2 and 3
_ADDRESS = re.compile(rf"[^@\s<>,;:\"()\[\]\\]+@({_LABEL}(?:\.{_LABEL})+)", re.IGNORECASE)
_LONGEST_DAYS = 3660  # ten years: past it nobody would call it a schedule
_NOT_PLACES = frozenset({"Factory", "localtime", "posixrules"})  # in some systems' zone folders


def check_agency(document: Document, folder: str) -> None:
    """Note what ``agency.yaml`` of *folder* says that does not hold together."""
    agency = whole(document)
    name = agency.text("id")
    if name is not None and name != folder:
        agency.fault("id", f"the name of its folder, {folder!r}", repr(name[:60]))
    if not is_slug(folder):
        agency.fault("id", f"a folder named in {SLUG}", repr(folder[:60]))
    zone = agency.text("zone")
    if zone is not None and zone not in available_timezones() - _NOT_PLACES:
        agency.fault("zone", "the name of an IANA time zone, such as America/Los_Angeles", repr(zone[:60]))
    _check_domains(agency)
    timetable, notices, fixity = (agency.group(name) for name in ("timetable", "notices", "fixity"))
    if timetable is not None:
        check_timetable(timetable)
    if notices is not None:
        check_addresses(notices, "email")
    if fixity is not None:
        _check_fixity(fixity)


def email_domains(document: Document) -> frozenset[str] | None:
    """Return the agency's own e-mail domains; None when they cannot be told."""
    domains = frozenset(domain for _, domain in whole(document).texts("email_domains"))
    return domains or None


def domain_of(address: str) -> str | None:
    """Return the domain of an e-mail *address* in lower case; None when it is not of that form."""
    match = _ADDRESS.fullmatch(address)
    return match.group(1).lower() if match else None


def check_addresses(entry: Entry, name: str) -> None:
    """Note every text of the list *name* that is not an e-mail address."""
    for index, address in entry.texts(name):
        if domain_of(address) is None:
            entry.fault(name, "an e-mail address", "other text", index=index)


def is_reserved(host: str) -> bool:
    """Tell whether *host* is of a name that nobody can own (RFC 2606)."""
    return _RESERVED.fullmatch(host.lower()) is not None


def _check_fixity(fixity: Entry) -> None:
    days = fixity.number("reread_within_days")
    if days is not None and not 1 <= days <= _LONGEST_DAYS:
        fixity.fault("reread_within_days", f"a number of days from 1 to {_LONGEST_DAYS}", str(days))


def _check_domains(agency: Entry) -> None:
    if agency.fields.get("email_domains") == []:
        agency.fault("email_domains", "at least one domain", "none")
    note_repeated_items(agency, "email_domains")
    for index, domain in agency.texts("email_domains"):
        if _DOMAIN.fullmatch(domain) is None:
            agency.fault("email_domains", "a domain in lower case", repr(domain[:60]), index=index)
        elif agency.fields.get("invented_people") is True and not is_reserved(domain):
            expected = "a reserved domain (RFC 2606), as the people are invented"
            agency.fault("email_domains", expected, repr(domain[:60]), index=index)
