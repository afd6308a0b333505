"""Members of legislative bodies on the agency's accounts, under two rules; counsel judges each flag.

The policy (claremont-social B.18) asks members not to respond at all. The statute (GC 54952.2(b)(3))
forbids a member to respond directly to what another member of the same body made, posted or shared,
a digital icon included: one is enough. Whether the matter lies within the body's subject matter
jurisdiction, as the statute further asks, no software can tell.

No connector captures who liked or shared an item: reactions are never claimed to be absent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from muniment.evidence.findings import Finding
from muniment.policy.check import Check, Judgement
from muniment.policy.content.reviews import REGISTER, fold_reviewed, item_hash
from muniment.policy.members import MemberDirectory, list_members
from muniment.policy.profiles import SOCIAL
from muniment.policy.scene import ItemFact, Scene
from muniment.policy.verdicts import cannot_tell, conclude, count_of, manifest_keys, nothing_to_check
from muniment.records.agency import Account, AccountStatus
from muniment.records.rows import ItemKind
from muniment.records.series import PUBLIC_COMMENTS

POLICY_RULE, STATUTE_RULE = "claremont-social-b18", "gc-54952-2-b-3"


@dataclass(frozen=True, slots=True)
class _Said:
    """What a member said: the item, and the member's entries in the directory."""

    item: ItemFact
    by: frozenset[int]


def _commented(scene: Scene) -> tuple[Account, ...]:
    return tuple(
        account
        for account in scene.agency.accounts
        if account.status is AccountStatus.ACTIVE and account.platform in SOCIAL and PUBLIC_COMMENTS in account.series
    )


@dataclass(frozen=True, slots=True)
class _Hearing:
    """What both rules judge: the members' comments, and where nobody could see who reacted."""

    directory: MemberDirectory
    said: tuple[_Said, ...]
    comments: int
    blind: str  # the platforms, for a sentence


def _hear(scene: Scene) -> _Hearing | Judgement:
    """Gather what members said on the agency's accounts; a judgement where there is nothing to gather."""
    accounts, policy = _commented(scene), scene.agency.policy
    if not accounts:
        return nothing_to_check("No active account on which the public comments is captured.")
    if policy is None or not policy.members:
        return cannot_tell("The agency has listed no members of its legislative bodies in policy.yaml.")
    directory = list_members(scene.agency, policy.members)
    count = 0
    said: list[_Said] = []
    for item in scene.comments():
        count += 1
        by = directory.find(item)
        if by:
            said.append(_Said(item, by))
    blind = " and ".join(sorted({account.platform.value for account in accounts}))
    return _Hearing(directory, tuple(said), count, blind)


def list_flags(scene: Scene, rule: str) -> tuple[ItemFact, ...]:
    """Return the comments that *rule* flags and that counsel has not reviewed under it."""
    heard = _hear(scene)
    return () if isinstance(heard, Judgement) else _unreviewed(scene, rule, _RULES[rule](scene, heard)[0])


# What a rule finds, and whether there may be more that was not captured.
_Found = tuple[tuple[ItemFact, ...], bool]


def _responses(_scene: Scene, heard: _Hearing) -> _Found:
    return tuple(said.item for said in heard.said), False


def _responses_to_colleagues(scene: Scene, heard: _Hearing) -> _Found:
    made = {said.item.item_id: said.by for said in heard.said}
    for post in scene.posts():
        by = heard.directory.find(post) if post.kind != ItemKind.ARTICLE else None
        if by:
            made[post.item_id] = by
    found = tuple(said.item for said in heard.said if _answers_a_colleague(said, made, heard.directory))
    return found, bool(made)


def judge_policy_rule(scene: Scene) -> Judgement:
    """Judge whether members responded on the agency's accounts at all (claremont-social B.18)."""
    return _judge(scene, POLICY_RULE, "K055", "comments or replies by members of legislative bodies")


def judge_statute_rule(scene: Scene) -> Judgement:
    """Judge whether a member responded directly to another of the same body (GC 54952.2(b)(3)).

    Where members made anything, other members may have put an icon to it unseen: then nothing more
    than doubt is claimed.
    """
    return _judge(scene, STATUTE_RULE, "K056", "direct responses of a member to another of the same body")


def _judge(scene: Scene, rule: str, code: str, what: str) -> Judgement:
    heard = _hear(scene)
    if isinstance(heard, Judgement):
        return heard
    found, is_open = _RULES[rule](scene, heard)
    flagged = _unreviewed(scene, rule, found)
    by_account = Counter(item.account for item in flagged)
    return conclude(
        kept=(
            f"{count_of(heard.comments, 'comment')} looked through; {what}, for counsel: {len(flagged):,}. Who put an"
            f" icon to an item, or shared it, is not captured on {heard.blind}: of that nothing is said."
        ),
        findings=[
            Finding(code, account, f"{what}: {number:,}", number) for account, number in sorted(by_account.items())
        ],
        doubts=["whether members put icons to what other members made or shared here"] if is_open else [],
        evidence=manifest_keys(scene, ((item.account, item.snapshot) for item in flagged)),
        facts={
            "comments": heard.comments,
            "found": len(found),
            "for_counsel": len(flagged),
            "reactions": "not captured",
        },
    )


def _answers_a_colleague(said: _Said, made: Mapping[str, frozenset[int]], directory: MemberDirectory) -> bool:
    parent = said.item.reply_parent_id
    if parent is None:
        return False
    # A parent that is gone still names its author on Bluesky: its address begins with the author's id.
    return directory.are_colleagues(said.by, made.get(parent) or directory.find_in_address(parent))


def _unreviewed(scene: Scene, rule: str, items: tuple[ItemFact, ...]) -> tuple[ItemFact, ...]:
    if not items:
        return ()
    reviewed = fold_reviewed(scene.events(REGISTER), rule)
    return tuple(item for item in items if item_hash(item.account, item.item_id) not in reviewed)


_RULES: Mapping[str, Callable[[Scene, _Hearing], _Found]] = {
    POLICY_RULE: _responses,
    STATUTE_RULE: _responses_to_colleagues,
}
CHECKS = (
    Check(
        name="member-interactions-policy",
        sentence="No member of a legislative body comments or replies on an official account.",
        judge=judge_policy_rule,
    ),
    Check(
        name="member-interactions-statute",
        sentence="No member of a legislative body responds directly to another member of it.",
        judge=judge_statute_rule,
    ),
)
