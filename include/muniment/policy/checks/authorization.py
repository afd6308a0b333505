"""Who may act on the accounts: written authorizations, held against the posts and against each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from muniment.evidence.findings import Finding
from muniment.policy.check import Check, Judgement
from muniment.policy.persons import active_accounts, is_in_force, list_in_force, local_day
from muniment.policy.scene import ItemFact, Scene
from muniment.policy.verdicts import conclude, count_of, nothing_to_check
from muniment.records.agency import Account, AuthorizationLevel, AuthorizedPerson
from muniment.records.names import AccountId
from muniment.records.rows import ItemKind


@dataclass(slots=True)
class _Acts:
    """The acts of one account in the span: how many, and of which days those are that nobody was authorized for."""

    acts: int = 0
    without: int = 0
    first: date | None = None
    keys: set[str] = field(default_factory=set)


def judge_authorization(scene: Scene) -> Judgement:
    """Hold each official post and edit of the span against who was authorized at that instant."""
    found: dict[AccountId, _Acts] = {}
    for item in scene.posts():
        account = scene.agency.account(item.account)
        for at, level in _acts_of(item, scene):
            acts, day = found.setdefault(item.account, _Acts()), local_day(scene, at)
            acts.acts += 1
            if account is None or next(list_in_force(account, day, level=level), None) is None:
                acts.without += 1
                acts.first = min(acts.first or day, day)
    if not found:
        return nothing_to_check("No account posted or edited anything in the span.")
    findings = [
        Finding(
            "K006", name, f"{count_of(acts.without, 'act')} of {acts.acts}, the first on {acts.first}", acts.without
        )
        for name, acts in sorted(found.items())
        if acts.without
    ]
    total = sum(acts.acts for acts in found.values())
    kept = f"{count_of(total, 'post or edit', 'posts and edits')} held against who was authorized."
    keys = [fact.key for fact in scene.snapshots if fact.account in found and fact.accepted]
    return conclude(kept=kept, findings=findings, evidence=keys[-20:], facts={"acts": total})


def _acts_of(item: ItemFact, scene: Scene) -> Iterator[tuple[datetime, AuthorizationLevel]]:
    if item.kind == ItemKind.PROFILE:
        return
    level = AuthorizationLevel.COMMENT if item.kind == ItemKind.REPLY else AuthorizationLevel.PUBLISH
    for at, needed in ((item.published_at, level), (item.edited_at, AuthorizationLevel.EDIT)):
        if at is not None and scene.since <= at < scene.now:
            yield at, needed


def judge_person_types(scene: Scene) -> Judgement:
    """Look for active accounts for which nobody is authorized now."""
    accounts, today = active_accounts(scene), local_day(scene, scene.now)
    if not accounts:
        return nothing_to_check("The register has no active account.")
    kinds: Counter[str] = Counter()
    findings = []
    for account in accounts:
        held = [person for person in account.persons if is_in_force(person, today)]
        kinds.update(person.person_type.value for person in held)
        if not held:
            written = count_of(len(account.persons), "entry", "entries")
            detail = f"expected somebody authorized on {today}, found {written} not in force"
            findings.append(Finding("K008", account.id, detail))
    kept = f"{count_of(len(accounts), 'active account')}; in force: {_spell(kinds)}."
    return conclude(kept=kept, findings=findings, facts={"kinds": dict(sorted(kinds.items()))})


def _spell(kinds: Counter[str]) -> str:
    return ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items())) or "nobody"


def judge_revoked(scene: Scene) -> Judgement:
    """Look for persons whose authorization ended on one account and stands on another, not granted anew since."""
    today = local_day(scene, scene.now)
    ended = [
        (account, person)
        for account in scene.agency.accounts
        for person in account.persons
        if _has_ended(person, today)
    ]
    if not ended:
        return nothing_to_check("No authorization of the register has ended.")
    standing = [(account, person) for account in active_accounts(scene) for person in account.persons]
    found: dict[tuple[str, str], Finding] = {}
    for account, person in ended:
        for other in _stands_elsewhere(account, person, standing, today):
            detail = f"ended on {account.id} on {person.valid_until}, document {person.document}"
            found[other.id, account.id] = Finding("K007", f"{other.id}/{account.id}", detail)
    kept = f"{count_of(len(ended), 'authorization')} ended; each person was looked for on every active account."
    return conclude(kept=kept, findings=list(found.values()), facts={"ended": len(ended)})


def _has_ended(person: AuthorizedPerson, today: date) -> bool:
    return person.valid_until is not None and person.valid_until < today


def _stands_elsewhere(
    account: Account, ended: AuthorizedPerson, standing: list[tuple[Account, AuthorizedPerson]], today: date
) -> Iterator[Account]:
    # Who was granted it anew on the same account was not denied anything.
    same = [(other, held) for other, held in standing if held.email == ended.email and is_in_force(held, today)]
    if any(other.id == account.id for other, _ in same):
        return
    for other, held in same:
        if ended.valid_until is not None and held.valid_from <= ended.valid_until:
            yield other


CHECKS = (
    Check(
        name="written-authorization",
        sentence="For each post and edit, whether somebody with a sufficient level was authorized that day.",
        judge=judge_authorization,
    ),
    Check(
        name="person-types",
        sentence="Whether each active account has somebody in force, and of which kinds they are.",
        judge=judge_person_types,
    ),
    Check(
        name="revoked-access",
        sentence="Whether somebody whose authorization ended on one account still has one on another.",
        judge=judge_revoked,
    ),
)
