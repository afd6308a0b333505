"""The register of accounts against what was captured and what operates (claremont-social B.6, B.19, C.3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

from muniment.evidence.findings import Finding
from muniment.policy.check import Check, Judgement
from muniment.policy.persons import active_accounts, local_day
from muniment.policy.scene import Scene, SnapshotFact
from muniment.policy.verdicts import conclude, count_of, nothing_to_check
from muniment.records.agency import Account, AccountStatus, Platform
from muniment.records.names import AccountId, SeriesId
from muniment.records.rows import ItemKind
from muniment.records.series import OFFICIAL_POSTS, POLICIES, PUBLIC_COMMENTS, SUBSCRIBER_LISTS

# What each platform offers of the classes of claremont-social B.19. None shows what was held back
# before it was published, or private messages, to a reader without a login.
OFFERED: dict[Platform, tuple[SeriesId, ...]] = {
    Platform.BLUESKY: (OFFICIAL_POSTS, PUBLIC_COMMENTS, SUBSCRIBER_LISTS),
    Platform.MASTODON: (OFFICIAL_POSTS, PUBLIC_COMMENTS, SUBSCRIBER_LISTS),
    Platform.NEWSLETTER: (SUBSCRIBER_LISTS,),
    Platform.WEBSITE: (OFFICIAL_POSTS,),
}
_SOCIAL = (Platform.BLUESKY, Platform.MASTODON)
_SETTLING = timedelta(days=1)  # a new account is captured within a day
Captured = dict[tuple[AccountId, SeriesId], SnapshotFact]


def judge_reconciliation(scene: Scene) -> Judgement:
    """Compare three ways: what is registered, what was captured, what operates."""
    captured = _latest(scene)
    accounts = active_accounts(scene)
    if not accounts and not captured:
        return nothing_to_check("The register has no active account, and nothing was captured.")
    findings = [*_not_captured(scene, captured), *_not_registered(scene, captured), *_not_operating(scene, captured)]
    pairs = count_of(len(captured), "account and series", "accounts and series")
    registered = count_of(len(accounts), "active account")
    kept = f"{registered} in the register, {pairs} captured in the span, {len(scene.profiles)} profiles seen operating."
    facts = {
        "registered": len(accounts),
        "captured": len({account for account, _ in captured}),
        "operating": len(scene.profiles),
    }
    return conclude(kept=kept, findings=findings, evidence=[fact.key for fact in captured.values()], facts=facts)


def _latest(scene: Scene) -> Captured:
    # Watched pages lie under their own ids: the register of pages is policy.yaml.
    found: Captured = {}
    for fact in sorted(scene.snapshots, key=lambda one: one.ended_at):
        if fact.series != POLICIES and fact.ended_at >= scene.since:
            found[fact.account, fact.series] = fact
    return found


def _not_captured(scene: Scene, captured: Captured) -> Iterator[Finding]:
    for account in active_accounts(scene):
        if account.opened_on is not None and account.opened_on >= local_day(scene, scene.now - _SETTLING):
            continue
        lacking = [series for series in account.series if (account.id, series) not in captured]
        if lacking:
            since = local_day(scene, scene.since)
            detail = f"expected a capture since {since} of each series, found none of {', '.join(lacking)}"
            yield Finding("K001", account.id, detail, len(lacking))


def _not_registered(scene: Scene, captured: Captured) -> Iterator[Finding]:
    for name in sorted({name for name, _ in captured}):
        last = local_day(scene, max(fact.began_at for (account, _), fact in captured.items() if account == name))
        found = scene.agency.account(name)
        if found is None:
            yield Finding("K002", name, f"expected it in the register, found only a capture of {last}")
        elif not _may_be_captured(found, last):
            detail = f"expected an active account, found one that is {found.status.value} and a capture of {last}"
            yield Finding("K002", name, detail)


def _may_be_captured(account: Account, day: date) -> bool:
    if account.status is AccountStatus.TERMINATED and account.terminated_on is not None:
        return day <= account.terminated_on + _SETTLING  # the last capture may come a day after its end
    return account.status is AccountStatus.ACTIVE


def _not_operating(scene: Scene, captured: Captured) -> Iterator[Finding]:
    for account in active_accounts(scene):
        fact = captured.get((account.id, OFFICIAL_POSTS))
        if account.platform in _SOCIAL and fact is not None and account.id not in scene.profiles:
            seen = local_day(scene, fact.began_at)
            yield Finding("K003", account.id, f"expected its profile, found none in the captures up to {seen}")


def judge_classes(scene: Scene) -> Judgement:
    """Look for classes of records that a platform offers and the register does not have captured."""
    accounts = active_accounts(scene)
    if not accounts:
        return nothing_to_check("The register has no active account.")
    findings, captured = [], _latest(scene)
    for account in accounts:
        offered = OFFERED[account.platform]
        lacking = [series for series in offered if series not in account.series or (account.id, series) not in captured]
        if lacking:
            detail = f"expected what {account.platform.value} offers, found no {', no '.join(lacking)}"
            findings.append(Finding("K011", account.id, detail, len(lacking)))
    kept = (
        f"{count_of(len(accounts), 'active account')}, each held against what its platform offers. No platform offers "
        f"what it held back, or private messages, to a reader without a login (known on {local_day(scene, scene.now)})."
    )
    gaps = {name.value: [*map(str, offered)] for name, offered in OFFERED.items()}
    return conclude(
        kept=kept, findings=findings, evidence=[fact.key for fact in captured.values()], facts={"offered": gaps}
    )


def judge_attribution(scene: Scene) -> Judgement:
    """Count each official post for its account's department, and for a person where one alone could have posted."""
    by_account: Counter[AccountId] = Counter(item.account for item in scene.posts() if item.kind != ItemKind.PROFILE)
    if not by_account:
        return nothing_to_check("No official posts are kept.")
    findings, departments = [], Counter[str]()
    for name, number in sorted(by_account.items()):
        account = scene.agency.account(name)
        if account is None or not account.department.strip():
            findings.append(Finding("K019", name, f"expected a department, found none for {number} posts", number))
        else:
            departments[account.department] += number
    alone = sum(number for name, number in by_account.items() if _publishers(scene, name) == 1)
    total = count_of(sum(by_account.values()), "post")
    kept = f"{total} of {count_of(len(departments), 'department')}; one person alone answers for {alone}."
    return conclude(kept=kept, findings=findings, facts={"departments": dict(departments), "one_person": alone})


def _publishers(scene: Scene, name: AccountId) -> int:
    account = scene.agency.account(name)
    return len({person.email for person in account.persons if person.level == "publish"}) if account else 0


CHECKS = (
    Check(
        name="register-reconciliation",
        sentence="Three ways: which accounts are registered, which were captured, and which operate.",
        judge=judge_reconciliation,
    ),
    Check(
        name="classes-captured",
        sentence="Whether each class of records that a platform offers is captured.",
        judge=judge_classes,
    ),
    Check(
        name="attribution",
        sentence="Whether each official post counts for a department, and for a person where one alone could post.",
        judge=judge_attribution,
    ),
)
