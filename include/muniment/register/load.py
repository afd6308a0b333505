"""An agency's folder, read, checked and built. Every fault of its files is told at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from muniment.errors import AgencyFilesError, ConfigurationError, Fault
from muniment.records.agency import Account, Agency
from muniment.records.policy import AgencyPolicy
from muniment.records.privacy import PrivacyRules
from muniment.records.schedule import RetentionSchedule
from muniment.register.account_checks import Surroundings, check_accounts
from muniment.register.agency_checks import check_agency, email_domains
from muniment.register.documents import Document, read_body, read_document
from muniment.register.entries import whole
from muniment.register.moderation_checks import check_grounds
from muniment.register.officer_checks import check_officers, offices_held
from muniment.register.page_checks import PageSurroundings, check_pages
from muniment.register.platforms import SIMULATOR
from muniment.register.policy_checks import check_policy
from muniment.register.privacy_checks import check_privacy
from muniment.register.schedule_checks import (
    Offices,
    check_schedule,
    lockless_series,
    retain_only_reason,
    scheduled_series,
)
from muniment.register.shapes import ACCOUNTS, AGENCY, POLICY, PRIVACY, SCHEDULE, AccountsFile, AgencyFile, build
from muniment.register.time_authority_checks import check_time_authorities
from muniment.register.timetable import timetable_crons

__all__ = [
    "agency_folders",
    "find_faults",
    "is_in_service",
    "lacks_policy",
    "load_agencies",
    "load_agency",
    "read_schedule",
    "retain_only_reason",
    "timetable_crons",
]

AGENCY_FILE, ACCOUNTS_FILE, RETENTION_FILE = "agency.yaml", "accounts.yaml", "retention.yaml"
POLICY_FILE, PRIVACY_FILE = "policy.yaml", "privacy.yaml"


class _Read(NamedTuple):
    agency: AgencyFile | None
    accounts: AccountsFile | None
    schedule: RetentionSchedule | None
    policy: AgencyPolicy | None
    privacy: PrivacyRules | None
    schedule_sha256: str
    faults: list[Fault]


def load_agency(
    folder: Path, *, simulator: str | None, today: date | None = None, checks: frozenset[str] | None = None
) -> Agency:
    """Load the agency whose files lie in *folder*.

    *simulator* is the address that the word ``simulator`` stands for; without one the word
    stays. With *today*, dates are judged too: some person's authorization must be in force,
    the schedule's rows in effect. A capture passes none, so that a paper that lapses
    overnight does not stop the keeping of records. With *checks*, the names of the checks that
    there are, a clause may name no other.

    Raises:
        AgencyFilesError: the files have faults; it carries all of them.
        ConfigurationError: *simulator* is no address.
    """
    read = _read(folder, today, checks)
    if read.faults or read.agency is None or read.accounts is None or read.schedule is None:
        raise AgencyFilesError(folder.name, read.faults)
    about = read.agency
    return Agency(
        id=about.id,
        name=about.name,
        zone=about.zone,
        email_domains=about.email_domains,
        invented_people=about.invented_people,
        timetable=about.timetable,
        notices=about.notices,
        fixity=about.fixity,
        accounts=tuple(_resolve(account, _check_simulator(simulator)) for account in read.accounts.accounts),
        schedule=read.schedule,
        schedule_sha256=read.schedule_sha256,
        time_authorities=about.time_authorities,
        officers=about.officers,
        in_service=about.in_service,
        policy=_resolve_pages(read.policy, _check_simulator(simulator)),
        privacy=read.privacy,
    )


def load_agencies(root: Path, *, simulator: str | None, today: date | None = None) -> tuple[Agency, ...]:
    """Load every agency under *root*, in the order of their ids, as `load_agency` does.

    Raises:
        AgencyFilesError: files have faults; it carries those of every agency.
        ConfigurationError: *root* holds no agency, or *simulator* is no address.
    """
    agencies: list[Agency] = []
    refused: list[AgencyFilesError] = []
    for folder in agency_folders(root):
        try:
            agencies.append(load_agency(folder, simulator=simulator, today=today))
        except AgencyFilesError as error:
            refused.append(error)
    if refused:
        raise AgencyFilesError(
            ", ".join(error.agency for error in refused), [fault for error in refused for fault in error.faults]
        )
    return tuple(agencies)


def agency_folders(root: Path) -> tuple[Path, ...]:
    """Return the folders of the agencies under *root*, by name.

    Raises:
        ConfigurationError: there is none.
    """
    try:
        folders = sorted(entry for entry in root.iterdir() if entry.is_dir() and entry.name[0] not in "._")
    except OSError as error:
        raise ConfigurationError(f"{root}: expected a folder of agencies, found {type(error).__name__}") from None
    if not folders:
        raise ConfigurationError(f"{root}: expected a folder for each agency, found none")
    return tuple(folders)


def find_faults(folder: Path, *, today: date | None = None, checks: frozenset[str] | None = None) -> list[Fault]:
    """Return every fault of the files in *folder*, file by file, line by line."""
    return _read(folder, today, checks).faults


def lacks_policy(folder: Path) -> Fault | None:
    """Return the fault of an agency in service that has no ``policy.yaml``; nothing is captured before there is one."""
    if (folder / POLICY_FILE).exists() or not is_in_service(folder):
        return None
    return Fault(f"{folder.name}/{POLICY_FILE}", 1, "the file", "one, as the agency is in service", "none")


def read_schedule(name: str, body: bytes) -> RetentionSchedule:
    """Read a schedule from the bytes of a ``retention.yaml``, checked for itself alone.

    Raises:
        AgencyFilesError: it has faults; they are told under *name*.
    """
    document = read_body(name, body)
    built = build(document, SCHEDULE)
    check_schedule(document, Offices(held=None, invented_people=True, today=None))
    if built is None or document.faults:
        raise AgencyFilesError(name, document.faults)
    return built


def is_in_service(folder: Path) -> bool:
    """Tell whether the agency in *folder* is in service.

    It is unless its file says no: one that cannot be read has a fault, which is told to
    whoever captures it.
    """
    return whole(read_document(folder / AGENCY_FILE)).fields.get("in_service") is not False


def _read(folder: Path, today: date | None, checks: frozenset[str] | None = None) -> _Read:
    about, register, schedule = (read_document(folder / name) for name in (AGENCY_FILE, ACCOUNTS_FILE, RETENTION_FILE))
    built = build(about, AGENCY), build(register, ACCOUNTS), build(schedule, SCHEDULE)
    if about.whole:
        check_agency(about, folder.name)
        check_time_authorities(about, folder)
        check_officers(about)
    invented = whole(about).fields.get("invented_people") is True
    check_schedule(schedule, Offices(held=offices_held(about, today), invented_people=invented, today=today))
    check_accounts(
        register,
        Surroundings(
            email_domains=email_domains(about),
            scheduled=scheduled_series(schedule),
            lockless=lockless_series(schedule),
            invented_people=invented,
            today=today,
        ),
    )
    policies, rules = (_read_if_there(folder / name) for name in (POLICY_FILE, PRIVACY_FILE))
    if policies is not None:
        accounts = frozenset(account.id for account in built[1].accounts) if built[1] else frozenset()
        around = PageSurroundings(
            accounts=accounts,
            scheduled=scheduled_series(schedule),
            lockless=lockless_series(schedule),
            invented_people=invented,
        )
        check_pages(policies, around)
        check_policy(policies, checks=checks)
        check_grounds(policies)
    if rules is not None:
        check_privacy(rules, register)
    policy = build(policies, POLICY) if policies is not None else None
    privacy = build(rules, PRIVACY) if rules is not None else None
    documents = (about, register, schedule, policies, rules)
    faults = [fault for document in documents if document is not None for fault in document.faults]
    return _Read(*built, policy, privacy, sha256(schedule.body).hexdigest(), faults)


def _read_if_there(path: Path) -> Document | None:
    return read_document(path) if path.exists() else None


def _check_simulator(simulator: str | None) -> str | None:
    if simulator is None:
        return None
    url = urlsplit(simulator)
    if url.scheme not in ("http", "https") or not url.hostname:
        raise ConfigurationError(f"simulator: expected an address, http or https, found {simulator!r}")
    return simulator.rstrip("/")


def _resolve_pages(policy: AgencyPolicy | None, simulator: str | None) -> AgencyPolicy | None:
    if policy is None:
        return None
    pages = (replace(page, api=_address(page.api, simulator)) for page in policy.pages)
    return replace(policy, pages=tuple(pages))


def _resolve(account: Account, simulator: str | None) -> Account:
    return replace(
        account,
        api=_address(account.api, simulator),
        directory=_address(account.directory, simulator) if account.directory is not None else None,
    )


def _address(text: str, simulator: str | None) -> str:
    return simulator if text == SIMULATOR and simulator is not None else text.rstrip("/")
