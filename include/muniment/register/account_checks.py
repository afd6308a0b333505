"""Checks of ``accounts.yaml`` across its fields: the register of approved accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from muniment.records.agency import AccountStatus
from muniment.records.names import is_slug
from muniment.records.series import SERIES
from muniment.register.agency_checks import SLUG, domain_of, is_reserved
from muniment.register.documents import Document
from muniment.register.entries import Entry, check_order, is_in_force, note_repeated, note_repeated_items, whole
from muniment.register.platforms import DROP, SIMULATOR, check_platform

_ACTIVE = AccountStatus.ACTIVE.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the other files say. None where they cannot be read, so that no check leans on it."""

    email_domains: frozenset[str] | None
    scheduled: frozenset[str] | None
    lockless: frozenset[str]
    invented_people: bool
    today: date | None


def check_accounts(document: Document, around: Surroundings) -> None:
    """Note what the register says that does not hold together."""
    register = whole(document)
    accounts = list(register.groups("accounts"))
    if register.fields.get("accounts") == []:
        register.fault("accounts", "at least one account", "none")
    note_repeated(accounts, "id")
    _note_same_presence(accounts)
    for account in accounts:
        _check_account(account, around)


def _check_account(account: Entry, around: Surroundings) -> None:
    name = account.text("id")
    if name is not None and not is_slug(name):
        account.fault("id", SLUG, repr(name[:60]))
    _check_series(account, around)
    _check_standing(account)
    _check_registration(account, around.email_domains)
    _check_persons(account, around.today)
    check_origin(account, "api", invented_people=around.invented_people)
    check_origin(account, "directory", invented_people=around.invented_people)
    _check_token(account)
    check_platform(account)


def _check_series(account: Entry, around: Surroundings) -> None:
    if account.fields.get("series") == []:
        account.fault("series", "at least one series", "none")
    note_repeated_items(account, "series")
    for index, series in account.texts("series"):
        if series not in SERIES:
            account.fault("series", f"one of {', '.join(SERIES)}", repr(series[:60]), index=index)
        elif around.scheduled is not None and series not in around.scheduled:
            account.fault("series", "a series that retention.yaml has a row for", repr(series), index=index)
        elif series in around.lockless:
            expected = "a series that may lie under a lock (lock_mode in retention.yaml), as all that is kept does"
            account.fault("series", expected, repr(series), index=index)


def _check_standing(account: Entry) -> None:
    status, approval = account.text("status"), account.group("approval")
    if status == _ACTIVE and not account.has("approval"):
        account.fault("approval", "the approval of an active account (claremont-social B.3, B.8)", "nothing")
    if status == AccountStatus.TERMINATED and not account.has("terminated_on"):
        account.fault("terminated_on", "the day on which the account was terminated", "nothing")
    if status in (_ACTIVE, AccountStatus.PROPOSED) and account.has("terminated_on"):
        account.fault("terminated_on", f"nothing, as the account is {status}", "a date")
    check_order(account, "opened_on", account, "terminated_on")
    if approval is not None:
        check_order(approval, "approved_on", account, "terminated_on")


def _check_registration(account: Entry, domains: frozenset[str] | None) -> None:
    address = account.text("registration_email")
    if address is None:
        return
    domain = domain_of(address)
    if domain is None:
        account.fault("registration_email", "an e-mail address", "other text")
    elif domains is not None and domain not in domains:
        expected = f"an address of the agency's own, at {' or '.join(sorted(domains))} (claremont-social B.10)"
        account.fault("registration_email", expected, f"one at {domain}")


def _check_persons(account: Entry, today: date | None) -> None:
    persons = list(account.groups("persons"))
    for person in persons:
        address = person.text("email")
        if address is not None and domain_of(address) is None:
            person.fault("email", "an e-mail address", "other text")
        check_order(person, "valid_from", person, "valid_until")
    if account.text("status") != _ACTIVE:
        return
    expected = "at least one person authorized in writing (claremont-social B.9)"
    if not persons and account.fields.get("persons", []) in (None, []):
        account.fault("persons", expected, "nobody")
    elif today is not None and persons and not any(is_in_force(person, today) for person in persons):
        account.fault("persons", f"{expected} and in force on {today}", f"{len(persons)} that are not")


def check_origin(account: Entry, name: str, *, invented_people: bool) -> None:
    """Note when field *name* is no address of a server that may be asked."""
    address = account.text(name)
    if address in (None, SIMULATOR) or (name == "api" and address == DROP):
        return
    url = _origin_or_none(address)
    if url is None:
        account.fault(name, f"the address of a server without a path, or the word {SIMULATOR}", "other text")
        return
    host = url.hostname or ""
    if url.scheme == "http" and not _is_loopback(host):
        account.fault(name, "https, or http on the loopback interface", f"http at {host}")
    if invented_people and not (_is_loopback(host) or is_reserved(host)):
        expected = f"the word {SIMULATOR}, a loopback or a reserved address (RFC 2606), as the people are invented"
        account.fault(name, expected, host)


def _origin_or_none(address: str) -> SplitResult | None:
    try:
        url = urlsplit(address)
        url.port  # noqa: B018 - raises when it is no number
    except ValueError:
        return None
    plain = url.scheme in ("https", "http") and url.path in ("", "/") and not (url.query or url.fragment)
    return url if plain and url.hostname and url.username is None and url.password is None else None


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_token(account: Entry) -> None:
    token = account.text("token")
    if token is not None and not is_slug(token):
        account.fault("token", f"the name of a secret: {SLUG}", f"{len(token)} characters that are not one")


def _note_same_presence(accounts: list[Entry]) -> None:
    seen: set[tuple[str | None, ...]] = set()
    for account in accounts:
        presence = tuple(account.text(name) for name in ("platform", "api", "handle"))
        if None not in presence and presence in seen:
            account.fault("handle", "an account that the register does not list already", "one that it does")
        seen.add(presence)
