"""An agency's policies as values: each clause with its control, and what the checks of the clauses go by.

`register` builds these from ``policy.yaml`` and reports every fault; nothing here reads a file.
What the agency has not decided is null or an empty list, never guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar

from muniment.records.agency import Platform
from muniment.records.names import SeriesId

_STRICT = {"extra": "forbid"}


class ClauseState(StrEnum):
    """How a clause is kept."""

    WORKS = "works"  # a check of ours watches it
    PERSON_ACTS = "person-acts"  # a person does it; the reason says why no check can
    LATER = "later"  # the reason says what it waits for
    NONE_NEEDED = "none-needed"  # the reason says why


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvingTests:
    """The two tests of a working check, as ``path::name``: the fault is planted and found; the sound case passes."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    found: str
    sound: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One clause of a policy and how it is kept."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    id: str  # R-B6
    clause: str  # claremont-social B.6
    title: str  # what it asks, in our words
    control: str  # what is done about it
    state: ClauseState
    acts: tuple[str, ...]  # operations, clerk, public-information, counsel, auditor
    check: str | None = None  # the name of a check; one must be there when the state is works
    reason: str | None = None  # why there is no check; one must be there when the state is not works
    evidence: str | None = None  # the muniment command that shows it
    tests: ProvingTests | None = None
    also: tuple[str, ...] = ()  # further checks of the same clause: one apart for the statute beside the policy

    @property
    def checks(self) -> tuple[str, ...]:
        """Return the names of every check of the clause."""
        return (*((self.check,) if self.check is not None else ()), *self.also)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tension:
    """Two provisions that pull apart, and how the software holds them until a person decides."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    id: str  # T-01
    between: tuple[str, ...]  # clauses and statutes
    tension: str
    handling: str
    owner: str  # counsel, clerk


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyVersion:
    """One version of a policy's text, and when it is in force. Null: not evidenced."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    id: str  # claremont-social-2026
    policy: str  # claremont-social
    effective_from: date
    effective_until: date | None = None
    sha256: str | None = None  # of the text as the policy watch reads it
    adopted_on: date | None = None
    adopted_by: str | None = None


class PageKind(StrEnum):
    """What a watched page is."""

    POLICY = "policy"
    COMMENT_POLICY = "comment-policy"
    PRIVACY_POLICY = "privacy-policy"
    PLATFORM_TERMS = "platform-terms"
    WEBSITE = "website"  # the agency's own front page or contact page


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedPage:
    """A page of the web that is captured and compared: the agency's own policies, and platforms' terms."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    id: str  # a slug; the account under which its snapshots lie
    kind: PageKind
    address: str  # as a reader finds it
    api: str  # the server asked, or ``simulator``
    path: str  # on that server
    policy: str | None = None  # claremont-social
    platform: Platform | None = None  # whose terms they are
    reviewed_within_days: int | None = None  # null: the agency has not set how often


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A person's review of a page, by the SHA-256 of its text."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    page: str
    sha256: str
    reviewed_on: date
    reviewer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileStatements:
    """What a profile must say and link to (claremont-social B.2, B.13, B.24, B.25).

    Wordings are alternatives: one of them must stand in the profile's text, any case, spaces folded.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    officially_maintained: tuple[str, ...]
    complies_with_policy: tuple[str, ...]
    contact: tuple[str, ...]  # official e-mail addresses
    website: tuple[str, ...]  # addresses, one of which must be linked
    policy_links: tuple[str, ...]  # each must be linked, or stand on a page that is
    logo_sha256: tuple[str, ...]  # of the picture files that are the logo
    attested: tuple[str, ...] = ()  # accounts whose profile a person has attested, in the register of attestations


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedContacts:
    """Contact details that official posts may carry: of the agency's offices and its partners, of nobody in private."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    telephones: tuple[str, ...] = ()
    email: tuple[str, ...] = ()  # outside the agency's own domains, which need no entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An elected or appointed member of a legislative body, and the accounts known to be theirs (B.18)."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    name: str
    body: str
    accounts: tuple[str, ...]  # platform ids or handles: did:plc:..., @name@server
    valid_from: date
    valid_until: date | None = None


class Risk(StrEnum):
    """How near a ground of removal comes to judging a viewpoint: triage for counsel, no legal conclusion."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    HIGHEST = "highest"


class Requirement(StrEnum):
    """What the record of a removal must carry for a ground."""

    RATIONALE = "rationale"
    SECOND_REVIEWER = "second-reviewer"
    COUNSEL = "counsel"  # counsel signs off, before or within one business day
    LAW_CITED = "law-cited"
    NOTICE_REFERENCE = "notice-reference"
    DUPLICATE_COUNT = "duplicate-count"
    TERMS_SNAPSHOT = "terms-snapshot"
    REFERRAL = "referral"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A ground of removal that the agency's policy names, as a controlled word (claremont-social C.7)."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    code: str  # C7-i
    title: str  # in our words
    risk: Risk
    requires: tuple[Requirement, ...] = ()
    enabled: bool = True  # false: only with counsel's override
    parts: tuple[str, ...] = ()  # sub-codes: obscene, threat


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitoring:
    """On which days monitoring is attested (claremont-social B.4, D.2). Business days are those of the timetable."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    holidays: tuple[date, ...]


class TermsRule(StrEnum):
    """What a platform's terms say of keeping a field."""

    KEEP = "keep"
    REFRESH = "refresh"
    NEEDS_NOTE = "needs-note"  # counsel's note is needed, and named in the basis


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """On what ground fields of a platform are kept, and what its terms say (claremont-social F.1)."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    platform: Platform
    series: SeriesId
    fields: tuple[str, ...]  # columns of the series' rows
    basis: str  # the law or clause
    terms: TermsRule
    note: str | None = None  # counsel's, where the terms need one


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyPolicy:
    """What ``policy.yaml`` says."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    clauses: tuple[Clause, ...]
    tensions: tuple[Tension, ...]
    versions: tuple[PolicyVersion, ...]
    pages: tuple[WatchedPage, ...]
    bases: tuple[Basis, ...]
    grounds: tuple[Ground, ...] = ()
    members: tuple[Member, ...] = ()
    profile: ProfileStatements | None = None
    contacts: PublishedContacts = PublishedContacts()
    monitoring: Monitoring | None = None
