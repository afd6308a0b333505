"""What profiles must say and show (claremont-social B.2, B.13, B.24, B.25), from the profiles as captured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

from muniment.evidence.findings import Finding
from muniment.policy.check import Check, Judgement
from muniment.policy.profiles import (
    POLICY_KINDS,
    Reach,
    policy_pages,
    read_reach,
    social_accounts,
    version_in_force,
)
from muniment.policy.scene import ProfileFact, Scene
from muniment.policy.verdicts import cannot_tell, conclude, count_of, nothing_to_check
from muniment.records.agency import Account
from muniment.records.canonical import JsonValue
from muniment.records.policy import AgencyPolicy, ProfileStatements, WatchedPage

ATTESTED = "profile-attested"  # facts: element (logo), pictures (the SHA-256 of those seen, at least one)
LOGO = "logo"

# What a look at one profile yields: faults, and what could not be told.
_Found = Finding | str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """One profile under the eye of a check, with all that it is compared with."""

    scene: Scene
    policy: AgencyPolicy
    asked: ProfileStatements
    account: Account
    profile: ProfileFact
    reach: Reach

    def lacks(self, code: str, detail: str, *, page: WatchedPage | None = None, count: int = 1) -> Finding:
        """Make a finding on the account, or on a page that its profile must lead to."""
        return Finding(code, self.account.id if page is None else f"{self.account.id}/{page.id}", detail, count)


def _judge(scene: Scene, check: Callable[[_Look], Iterator[_Found]], what: str) -> Judgement:
    accounts, policy = social_accounts(scene), scene.agency.policy
    if not accounts:
        return nothing_to_check("No active account on a social platform is registered.")
    if policy is None or policy.profile is None:
        return cannot_tell("The agency has not said in policy.yaml what a profile must say.")
    found: list[_Found] = []
    seen: list[ProfileFact] = []
    for account in accounts:
        fact = scene.profiles.get(account.id)
        if fact is None:
            found.append(f"{account.id}: no accepted capture has its profile")
            continue
        seen.append(fact)
        reach = read_reach(scene, policy, fact)
        asked = policy.profile
        look = _Look(scene=scene, policy=policy, asked=asked, account=account, profile=fact, reach=reach)
        found += check(look)
    return _sum_up(found, what, len(accounts), seen, _pages_seen(scene, policy))


def _pages_seen(scene: Scene, policy: AgencyPolicy) -> list[str]:
    kinds = {page.id: page.kind for page in policy.pages}
    return [fact.key for fact in scene.pages.values() if fact.key and kinds.get(fact.page) in POLICY_KINDS]


def _sum_up(found: list[_Found], what: str, profiles: int, seen: list[ProfileFact], pages: list[str]) -> Judgement:
    findings = [one for one in found if isinstance(one, Finding)]
    lacking: dict[str, JsonValue] = {}
    for finding in findings:
        account = finding.subject.partition("/")[0]
        lacking[account] = [*cast("list[JsonValue]", lacking.get(account, [])), finding.code]
    return conclude(
        kept=f"{count_of(profiles, 'profile')} looked at for {what}; {len(lacking)} of them at fault.",
        findings=findings,
        doubts=[one for one in found if isinstance(one, str)],
        evidence=[*(fact.key for fact in seen), *pages],
        facts={
            "profiles": profiles,
            "lacking": lacking,
            "pictures": {fact.account: list(fact.pictures) for fact in seen},
        },
    )


def _statements(look: _Look) -> Iterator[_Found]:
    asked = look.asked
    for code, wordings, what in (
        ("K030", asked.officially_maintained, "it is officially maintained"),
        ("K031", asked.complies_with_policy, "it complies with the policy"),
    ):
        if not wordings:
            yield f"the agency has stated no wording that says: {what}"
        elif not look.reach.says(wordings):
            yield look.lacks(code, f"no wording in the profile says that {what}")
    for kind, name in POLICY_KINDS.items():
        pages = policy_pages(look.policy, kind)
        if not pages:
            yield f"policy.yaml names no watched page of the {name} among policy_links"
        for page in pages:
            yield from _leads_to(look, page, name)


def _leads_to(look: _Look, page: WatchedPage, name: str) -> Iterator[_Found]:
    if not look.reach.leads_to(page.address):
        yield look.lacks("K032", f"the profile does not lead to the {name}", page=page)
        return
    fact = look.scene.pages.get(page.id)
    if fact is None or fact.captured_at is None:
        yield f"the {name} ({page.id}) was never captured"
    elif fact.status != 200:
        found = "no answer" if fact.status is None else f"status {fact.status}"
        yield look.lacks("K033", f"the {name} that it leads to: expected status 200, found {found}", page=page)
    else:
        yield from _in_force(look, page, name, fact.text_sha256)


def _in_force(look: _Look, page: WatchedPage, name: str, text_sha256: str | None) -> Iterator[_Found]:
    version = version_in_force(look.scene, look.policy, page)
    if version is None or version.sha256 is None:
        yield f"the agency has not stated the SHA-256 of the {name} in force"
    elif text_sha256 != version.sha256:
        yield look.lacks("K034", f"the {name} that it leads to is not the text of {version.id}", page=page)


def _branding(look: _Look) -> Iterator[_Found]:
    asked, reach = look.asked, look.reach
    yield from _logo(look)
    if not asked.contact:
        yield "the agency has stated no official e-mail address for profiles"
    elif not any(reach.gives_mail(address) for address in asked.contact):
        yield look.lacks("K036", "no official e-mail address stands in the profile")
    if not asked.website:
        yield "the agency has stated no address of its website"
    elif not any(reach.leads_to(address) for address in asked.website):
        yield look.lacks("K037", "no link to the official website stands in the profile")
    others = [other for other in social_accounts(look.scene) if other.id != look.account.id]
    absent = [other.id for other in others if not reach.leads_to(other.address)]
    if absent:
        yield look.lacks("K038", f"it does not lead to {', '.join(absent)}", count=len(absent))


def _logo(look: _Look) -> Iterator[_Found]:
    pictures, logos = set(look.profile.pictures), set(look.asked.logo_sha256)
    if pictures & logos or _is_attested(look):
        return
    if not logos:
        yield f"{look.account.id}: the agency has stated no file of its logo, and nobody attested it"
    elif not pictures:
        yield look.lacks("K035", "no picture of the profile was kept, and nobody attested the logo")
    else:
        yield look.lacks("K035", "no picture of the profile is the logo, and nobody attested it")


def _is_attested(look: _Look) -> bool:
    """Tell whether a person attested the logo over a picture that the profile still shows."""
    for event in look.scene.events("attestations"):
        if event.event == ATTESTED and event.subject == look.account.id and event.facts.get("element") == LOGO:
            seen = event.facts.get("pictures")
            if isinstance(seen, list) and set(look.profile.pictures) & set(map(str, seen)):
                return True
    return False


def judge_statements(scene: Scene) -> Judgement:
    """Judge whether each profile says that it is official and complies, and leads to both policies in force."""
    return _judge(scene, _statements, "the statements and policies that it must have")


def judge_branding(scene: Scene) -> Judgement:
    """Judge whether each profile shows the logo, an official address, the website and the other accounts."""
    return _judge(scene, _branding, "the logo, contact and links that it must have")


CHECKS = (
    Check(
        name="profile-statements",
        sentence="Each profile says that it is official and complies, and leads to both policies as in force.",
        judge=judge_statements,
    ),
    Check(
        name="profile-branding",
        sentence="Each profile shows the logo, an official e-mail address, the website and the other accounts.",
        judge=judge_branding,
    ),
)
