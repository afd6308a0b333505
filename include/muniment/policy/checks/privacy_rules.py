"""Whether the agency has said what its privacy policy promises, and keeps no list that it promises not to keep."""

from __future__ import annotations

from muniment.evidence.findings import Finding
from muniment.policy.check import Check, Judgement
from muniment.policy.scene import Scene
from muniment.policy.verdicts import conclude
from muniment.records.privacy import ListRule
from muniment.records.series import SUBSCRIBER_LISTS


def judge_rules(scene: Scene) -> Judgement:
    """Look for rules that nobody stated, and for lists that are kept against them."""
    rules = scene.agency.privacy
    if rules is None:
        finding = Finding("K023", scene.agency.id, "expected a privacy.yaml, found none")
        return conclude(kept="The privacy rules of the agency.", findings=[finding])
    lists = {fact.account: fact.key for fact in scene.snapshots if fact.series == SUBSCRIBER_LISTS}
    against = sorted(lists) if rules.subscriber_lists is ListRule.NOT_KEPT else []
    findings = [Finding("K024", account, "expected no list of subscribers kept, found one") for account in against]
    kept = (
        f"The rules of {rules.policy}, each of them stated and none by default: personal data as "
        f"{rules.personal_data.value}, data of children {rules.children.value}, lists {rules.subscriber_lists.value}."
    )
    facts = {"children": rules.children.value, "personal_data": rules.personal_data.value}
    return conclude(kept=kept, findings=findings, evidence=lists.values() if against else (), facts=facts)


CHECKS = (
    Check(
        name="privacy-rules",
        sentence="Whether the agency's privacy rules are stated, and no list is kept that they do not keep.",
        judge=judge_rules,
    ),
)
