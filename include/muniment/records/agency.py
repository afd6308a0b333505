"""What an agency's files say, as values: the agency, its register of accounts, its schedule.

`register` builds these from YAML and reports every fault; nothing here reads a file. A
field without a default is one that the agency must state: no legal number has a default.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from muniment.records.names import AccountId, AgencyId, SeriesId
from muniment.records.schedule import RetentionSchedule

if TYPE_CHECKING:
    from muniment.records.policy import AgencyPolicy
    from muniment.records.privacy import PrivacyRules

_STRICT = {"extra": "forbid"}
RENEW_DAYS = 365  # a year to find another authority in, should this one fail


class Platform(StrEnum):
    """Where an account lives."""

    BLUESKY = "bluesky"
    MASTODON = "mastodon"
    NEWSLETTER = "newsletter"  # a subscriber list dropped as CSV
    WEBSITE = "website"  # news by RSS or Atom
    WEB_PAGE = "web-page"  # a page that policy.yaml has watched; never an account of the register


class AccountStatus(StrEnum):
    """Where an account stands in the register."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    TERMINATED = "terminated"


class AuthorizationLevel(StrEnum):
    """What a person may do on an account (claremont-social B.9)."""

    PUBLISH = "publish"
    EDIT = "edit"
    COMMENT = "comment"
    VIEW = "view"


class PersonType(StrEnum):
    """Who a person is to the agency (claremont-social A.1)."""

    EMPLOYEE = "employee"
    OFFICER = "officer"
    VOLUNTEER = "volunteer"
    CONSULTANT = "consultant"
    SERVICE_PROVIDER = "service-provider"
    CONTRACTOR = "contractor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Who approved an account, when, and after consulting whom (claremont-social B.3, B.8)."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    approver: str
    role: str
    approved_on: date
    document: str
    consulted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizedPerson:
    """A written authorization of one person for one account (claremont-social B.9)."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    name: str
    title: str
    email: str
    person_type: PersonType
    level: AuthorizationLevel
    granted_by: str
    document: str
    valid_from: date
    valid_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An official presence, as the register lists it (claremont-social B.6).

    `api` is the base address that a connector asks: https, or http on the loopback
    interface, or the word ``simulator``. `handle` is the platform's own name for the
    account; for a newsletter the drop folder's name; for a website the feed's path.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    id: AccountId
    platform: Platform
    handle: str
    address: str
    api: str
    department: str
    status: AccountStatus
    registration_email: str
    series: tuple[SeriesId, ...]
    approval: Approval | None = None
    persons: tuple[AuthorizedPerson, ...] = ()
    directory: str | None = None  # Bluesky: the PLC directory that resolves its DID
    token: str | None = None  # the name of a secret, never the secret
    csv_columns: dict[str, str] = field(default_factory=dict)  # newsletter: our column -> its header
    csv_encoding: str | None = None  # newsletter: when it is not UTF-8
    opened_on: date | None = None
    terminated_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureTimetable:
    """How often to capture, in the agency's own zone (claremont-social D.2)."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    business_days: tuple[str, ...]  # mon .. sun
    opens: str  # HH:MM
    closes: str  # HH:MM
    business_hours_every_minutes: int
    other_times_every_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixity:
    """How long a sealed byte may go without being read again, in days; the agency sets it, no law does."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    reread_within_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeAuthority:
    """Who stamps the log's checkpoints with the time (RFC 3161).

    The local one runs on the agency's own machine, for demonstration, and needs no address.
    `roots` names files in the agency's folder: the certificates that an answer must lead to.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    name: str
    required: bool  # a checkpoint without its stamp is a finding
    local: bool = False
    url: str | None = None
    roots: tuple[str, ...] = ()
    renew_days_before: int = RENEW_DAYS  # that a stamp ages out


@dataclass(frozen=True, slots=True, kw_only=True)
class Notices:
    """Who hears of a failure; the log always does."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    email: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Officer:
    """A person who holds an office of the agency, and so may sign for it: written, dated, and ended.

    `sign_in` is the user name in Airflow. `office` is a slug that the disposition profile's steps name.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    sign_in: str
    name: str
    title: str
    office: str
    granted_by: str
    document: str
    valid_from: date
    valid_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """One city or organisation, whole.

    `invented_people` declares a demonstration or a drill: only then, and only for reserved
    addresses (RFC 2606), may a subscriber list be captured before privacy rules exist. An agency
    that is not `in_service` has its files checked, and nothing else is done for it.
    """

    id: AgencyId
    name: str
    zone: str  # IANA time zone
    email_domains: tuple[str, ...]
    invented_people: bool
    timetable: CaptureTimetable
    notices: Notices
    fixity: Fixity
    accounts: tuple[Account, ...]
    schedule: RetentionSchedule
    schedule_sha256: str
    time_authorities: tuple[TimeAuthority, ...] = ()
    officers: tuple[Officer, ...] = ()
    in_service: bool = True  # its file must say it
    policy: AgencyPolicy | None = None  # without one no clause is checked, and the policy status says so
    privacy: PrivacyRules | None = None  # no list of real people is captured without them

    def account(self, account_id: AccountId) -> Account | None:
        """Return the account with *account_id*, or None when the register has none."""
        return next((account for account in self.accounts if account.id == account_id), None)
