"""What an account's captured profile says and leads to, beside what the agency's policy asks of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from muniment.policy.addresses import addresses_in, fold_address
from muniment.policy.scene import ProfileFact, Scene
from muniment.records.agency import Account, AccountStatus, Platform
from muniment.records.policy import AgencyPolicy, PageKind, PolicyVersion, WatchedPage
from muniment.records.series import OFFICIAL_POSTS

SOCIAL = (Platform.BLUESKY, Platform.MASTODON)
# B.24 asks for both; the words are those of the findings.
POLICY_KINDS = {PageKind.POLICY: "social media policy", PageKind.COMMENT_POLICY: "comment policy"}
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """A profile as it is compared: its words, the addresses in it, and those on watched pages that it links to."""

    words: str
    addresses: frozenset[str]
    beyond: frozenset[str]

    def says(self, wordings: tuple[str, ...]) -> bool:
        """Tell whether one of *wordings* stands in the profile, any case, spaces folded."""
        return any(fold_words(wording) in self.words for wording in wordings)

    def leads_to(self, address: str) -> bool:
        """Tell whether *address* stands in the profile, or on a watched page that it links to."""
        folded = fold_address(address)
        return folded in self.addresses or folded in self.beyond

    def gives_mail(self, address: str) -> bool:
        """Tell whether the e-mail *address* stands in the profile itself."""
        folded = fold_address(address)
        return folded in self.addresses or f"mailto:{folded}" in self.addresses


def fold_words(text: str) -> str:
    """Return *text* in one case, with single spaces and straight apostrophes."""
    return " ".join(text.translate(_APOSTROPHES).casefold().split())


def social_accounts(scene: Scene) -> tuple[Account, ...]:
    """Return the active accounts whose profiles are captured: what the policy calls social media sites."""
    return tuple(
        account
        for account in scene.agency.accounts
        if account.status is AccountStatus.ACTIVE and account.platform in SOCIAL and OFFICIAL_POSTS in account.series
    )


def read_reach(scene: Scene, policy: AgencyPolicy, profile: ProfileFact) -> Reach:
    """Read *profile* for a comparison."""
    text = profile.text or ""
    addresses = addresses_in(text) | {fold_address(link) for link in profile.links}
    beyond: set[str] = set()
    for page in policy.pages:
        fact = scene.pages.get(page.id)
        if fact is not None and fact.text is not None and fold_address(page.address) in addresses:
            beyond |= addresses_in(fact.text)
    return Reach(words=fold_words(text), addresses=frozenset(addresses), beyond=frozenset(beyond))


def policy_pages(policy: AgencyPolicy, kind: PageKind) -> tuple[WatchedPage, ...]:
    """Return the watched pages of *kind* that profiles must lead to."""
    wanted = {fold_address(link) for link in policy.profile.policy_links} if policy.profile else set()
    return tuple(page for page in policy.pages if page.kind is kind and fold_address(page.address) in wanted)


def version_in_force(scene: Scene, policy: AgencyPolicy, page: WatchedPage) -> PolicyVersion | None:
    """Return the version of the policy of *page* that is in force today, in the agency's own zone."""
    today = scene.now.astimezone(ZoneInfo(scene.agency.zone)).date()
    versions = [one for one in policy.versions if one.policy == page.policy and _is_in_force(one, today)]
    return max(versions, key=lambda one: one.effective_from, default=None)


def _is_in_force(version: PolicyVersion, today: date) -> bool:
    return version.effective_from <= today and (version.effective_until is None or today <= version.effective_until)
