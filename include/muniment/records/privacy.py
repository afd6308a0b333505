"""An agency's privacy rules as values: what is personal data there, and what its policy promises about it.

`register` builds these from ``privacy.yaml`` and reports every fault. The policies contradict each
other on purpose of nobody (claremont-privacy 5, lathrop-privacy, calcities-privacy, MCA 2-17-552),
so that no rule here has a default.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

_STRICT = {"extra": "forbid"}


class PersonalDataProfile(StrEnum):
    """Which kinds of data count as personal: each jurisdiction draws the line elsewhere."""

    CALIFORNIA = "california"
    CALIFORNIA_ADDRESSES_FREE = "california-addresses-free"  # an IP address is none (lathrop-privacy)
    MONTANA = "montana"  # MCA 2-17-551, as the policy defines it
    NONPROFIT = "nonprofit"


class ChildRule(StrEnum):
    """What becomes of a child's data once somebody knows that they are a child's."""

    CASE = "case"  # a person decides each case
    AS_ADULTS = "as-adults"
    ERASED = "erased"  # on notice, without the consent of a parent


class ListRule(StrEnum):
    """In what form a list of subscribers may leave the agency."""

    REDACTED = "redacted"  # counts and a redacted list; the full one by counsel's decision
    WITH_PERMISSION = "with-permission"  # of those on it (MCA 2-6-1017)
    NOT_KEPT = "not-kept"  # no list is captured


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyRules:
    """What ``privacy.yaml`` says. `purposes` are the only ones for which personal data are read."""

    __pydantic_config__: ClassVar[dict[str, str]] = _STRICT
    policy: str  # claremont-privacy
    personal_data: PersonalDataProfile
    children: ChildRule
    subscriber_lists: ListRule
    purposes: tuple[str, ...]
    authority: tuple[str, ...]
