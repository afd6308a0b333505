"""How accounts came to be: approvals, the address they were registered with, and how they ended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from muniment.evidence.findings import Finding
from muniment.policy.check import Check, Judgement
from muniment.policy.persons import active_accounts, local_day
from muniment.policy.scene import Scene, SnapshotFact
from muniment.policy.verdicts import conclude, count_of, nothing_to_check
from muniment.records.agency import Account, AccountStatus
from muniment.records.names import SeriesId

_FINAL = timedelta(days=1)  # a last capture is one of the account's last day, or later


def judge_approvals(scene: Scene) -> Judgement:
    """Look for active accounts without an approval, opened before it, or approved after hearing nobody."""
    accounts = active_accounts(scene)
    if not accounts:
        return nothing_to_check("The register has no active account, and so nothing that needs an approval.")
    findings = [finding for account in accounts for finding in _faults_of(account)]
    kept = f"The approvals of {count_of(len(accounts), 'active account')}: by whom, when, and after hearing whom."
    documents = sorted({account.approval.document for account in accounts if account.approval is not None})
    return conclude(kept=kept, findings=findings, facts={"documents": [*documents]})


def _faults_of(account: Account) -> Iterator[Finding]:
    approval = account.approval
    if approval is None:
        yield Finding("K004", account.id, "expected an approval, found none")
        return
    if account.opened_on is not None and approval.approved_on > account.opened_on:
        detail = (
            f"expected an approval before it was opened on {account.opened_on}, found one of {approval.approved_on}"
        )
        yield Finding("K004", account.id, detail)
    if not approval.consulted:
        yield Finding("K005", account.id, f"expected who was consulted, found nobody named in {approval.document}")


def judge_emails(scene: Scene) -> Judgement:
    """Look for accounts registered with an address outside the agency's own domains."""
    accounts = active_accounts(scene)
    if not accounts:
        return nothing_to_check("The register has no active account.")
    domains = {domain.lower() for domain in scene.agency.email_domains}
    findings = []
    for account in accounts:
        domain = account.registration_email.rpartition("@")[2].lower()
        if domain not in domains:
            detail = f"expected an address at {' or '.join(sorted(domains))}, found one at {domain}"
            findings.append(Finding("K009", account.id, detail))
    kept = f"{count_of(len(accounts), 'active account')}: the domain of the address that each was registered with."
    return conclude(kept=kept, findings=findings)


def judge_terminations(scene: Scene) -> Judgement:
    """Look for accounts that ended without an accepted capture of each series, without gaps, from their last day on."""
    ended = [account for account in scene.agency.accounts if account.status is AccountStatus.TERMINATED]
    if not ended:
        return nothing_to_check("No account of the register has ended.")
    findings, evidence = [], []
    for account in ended:
        finals = [(series, _find_final(scene, account, series)) for series in account.series]
        evidence += [fact.key for _, fact in finals if fact is not None]
        lacking = [series for series, fact in finals if fact is None]
        if lacking:
            detail = (
                f"expected a complete capture of its last day, {account.terminated_on}, of each series, "
                f"found none of {', '.join(lacking)}"
            )
            findings.append(Finding("K010", account.id, detail, len(lacking)))
    kept = f"The last captures of {count_of(len(ended), 'account')} that ended."
    return conclude(kept=kept, findings=findings, evidence=evidence)


def _find_final(scene: Scene, account: Account, series: SeriesId) -> SnapshotFact | None:
    complete = (
        fact
        for fact in scene.snapshots
        if (fact.account, fact.series) == (account.id, series)
        and fact.accepted
        and not fact.gaps
        and account.terminated_on is not None
        and local_day(scene, fact.began_at + _FINAL) >= account.terminated_on
    )
    return max(complete, key=lambda fact: fact.ended_at, default=None)


CHECKS = (
    Check(
        name="approval",
        sentence="Whether each active account was approved before it was opened, and who was consulted.",
        judge=judge_approvals,
    ),
    Check(
        name="official-email",
        sentence="Whether each account was registered with an address of the agency.",
        judge=judge_emails,
    ),
    Check(
        name="termination",
        sentence="Whether each account that ended has a complete last capture of every series.",
        judge=judge_terminations,
    ),
)
