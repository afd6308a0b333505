"""Do official posts carry personal data (claremont-social B.12, C.1)? A look-out: it alters and hides nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from muniment.evidence.findings import Finding
from muniment.policy.check import Check, Judgement
from muniment.policy.content.personal_data import ALL_KINDS, Match, Rules, find_personal_data, rules_for
from muniment.policy.content.reviews import REGISTER, fold_allowed
from muniment.policy.scene import ItemFact, Scene
from muniment.policy.verdicts import conclude, count_of, manifest_keys, nothing_to_check
from muniment.records.canonical import JsonValue
from muniment.records.names import AccountId, SnapshotId


@dataclass(slots=True)
class _Tally:
    posts: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    snapshots: set[SnapshotId] = field(default_factory=set)

    def to_json(self) -> dict[str, JsonValue]:
        return {"posts": self.posts, **{str(kind): number for kind, number in self.kinds.items()}}


def scan_rules(scene: Scene, pii_profile: str = ALL_KINDS) -> Rules:
    """Return what a scan of the agency's posts lets stand.

    Of the persons in the register of accounts, contacts may be given: B.12 asks for it.
    """
    agency, policy = scene.agency, scene.agency.policy
    persons = [person.email for account in agency.accounts for person in account.persons]
    mail = [*persons, *(account.registration_email for account in agency.accounts), *agency.notices.email]
    telephones: tuple[str, ...] = ()
    if policy is not None:
        mail += [*policy.contacts.email, *(policy.profile.contact if policy.profile else ())]
        telephones = policy.contacts.telephones
    return rules_for(
        domains=agency.email_domains,
        mail=mail,
        telephones=telephones,
        allowed=fold_allowed(scene.events(REGISTER)),
        pii_profile=pii_profile,
    )


def scan_posts(scene: Scene, rules: Rules) -> Iterator[tuple[ItemFact, tuple[Match, ...]]]:
    """Yield each official post, article and profile, with what in it looks like personal data."""
    for post in scene.posts():
        yield post, find_personal_data(post.text, rules)


def judge_personal_data(scene: Scene) -> Judgement:
    """Judge whether official posts are free of what looks like personal data."""
    tallies: dict[AccountId, _Tally] = {}
    posts = 0
    for post, matches in scan_posts(scene, scan_rules(scene)):
        posts += 1
        if matches:
            tally = tallies.setdefault(post.account, _Tally())
            tally.posts += 1
            tally.kinds.update(match.kind for match in matches)
            tally.snapshots.add(post.snapshot)
    if not posts:
        return nothing_to_check("No official post is captured.")
    seen = [(account, snapshot) for account, tally in tallies.items() for snapshot in tally.snapshots]
    hit = sum(tally.posts for tally in tallies.values())
    return conclude(
        kept=f"{count_of(posts, 'post')} looked through for personal data; {hit:,} seem to have some.",
        findings=[_finding(account, tally) for account, tally in sorted(tallies.items())],
        evidence=manifest_keys(scene, seen),
        facts={"posts": posts, "accounts": {account: tally.to_json() for account, tally in tallies.items()}},
    )


def _finding(account: AccountId, tally: _Tally) -> Finding:
    kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(tally.kinds.items()))
    return Finding("K050", account, f"{count_of(tally.posts, 'post')}: {kinds}", tally.posts)


CHECKS = (
    Check(
        name="personal-data",
        sentence="Official posts carry no personal data of anybody.",
        judge=judge_personal_data,
    ),
)
