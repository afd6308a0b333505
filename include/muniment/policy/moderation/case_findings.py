"""What the entries of a case are found wanting in, by the ledger alone: grounds, reviewers, counsel, notices, blocks.

What is asked for after the decision, a second reviewer or counsel, is looked for once the next
business day has closed. The policy sets no time for either, nor for answering a notice: this is
the agency's own measure, the one that the sign-off of counsel has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from muniment.evidence.findings import Finding
from muniment.policy.business_days import end_of_next_business_day, local_day
from muniment.policy.moderation.cases import (
    TAKES_DOWN,
    Action,
    BlockReview,
    Case,
    Decision,
    Deed,
    Ledger,
    Notice,
    Review,
    SignOff,
    Verdict,
)
from muniment.policy.moderation.ledger_rules import asks_for, find_missing, is_in_force, same_name, switched_off
from muniment.policy.moderation.observations import same_item
from muniment.records.agency import Agency, AuthorizationLevel, AuthorizedPerson
from muniment.records.names import AccountId
from muniment.records.policy import AgencyPolicy, Ground, Requirement


@dataclass(frozen=True, slots=True, kw_only=True)
class Docket:
    """The ledger on a day: whose it is, from when on decisions are judged, and the moment (aware)."""

    ledger: Ledger
    agency: Agency
    policy: AgencyPolicy
    since: datetime
    now: datetime

    @property
    def grounds(self) -> Mapping[str, Ground]:
        """Return the policy's grounds by code."""
        return {ground.code: ground for ground in self.policy.grounds}

    def is_due(self, moment: datetime) -> bool:
        """Tell whether the business day after *moment* has closed."""
        return end_of_next_business_day(self.agency, moment) <= self.now


Look = Callable[[Case, Docket], Iterator[Finding]]


def look(docket: Docket, looks: Iterable[Look]) -> tuple[Finding, ...]:
    """Return what *looks* find in every case."""
    return tuple(finding for one in looks for case in docket.ledger.cases.values() for finding in one(case, docket))


def without_ground(case: Case, docket: Docket) -> Iterator[Finding]:
    """Yield M003: something was done, and no decision to do it names a ground."""
    if any(decision.verdict in TAKES_DOWN and decision.grounds for decision in case.all(Decision)):
        return
    for action in case.all(Action):
        if action.at >= docket.since:
            yield _found("M003", case, f"expected a decision with a ground for what was {action.deed}, found none")


def without_second_reviewer(case: Case, docket: Docket) -> Iterator[Finding]:
    """Yield M004: nobody else looked at a decision whose ground asks for it, and it is time."""
    decision = case.takes_down
    if decision is None or not asks_for(decision, Requirement.SECOND_REVIEWER, docket.grounds):
        return
    others = [one for one in case.all(Review) if not same_name(one.reviewer, decision.decided_by)]
    if not others and docket.is_due(decision.at):
        yield _found("M004", case, f"expected a second reviewer for {_spelled(decision)}, found none")


def without_version(case: Case, docket: Docket) -> Iterator[Finding]:
    """Yield M005: the version that the decision rests on was not in force."""
    decision = case.decision
    if decision is None or decision.at < docket.since:
        return
    day = local_day(docket.agency, decision.at)
    versions = {version.id: version for version in docket.policy.versions}
    version = versions.get(decision.policy_version or "")
    if version is None or not is_in_force(version, day):
        found = decision.policy_version or "none"
        yield _found("M005", case, f"expected a version in force on {day}, found {found}")


def block_without_violation(case: Case, docket: Docket) -> Iterator[Finding]:
    """Yield M006: a block, and no violation of that person logged before it."""
    for block in case.all(Action):
        if block.deed is not Deed.BLOCKED or block.at < docket.since:
            continue
        if not any(_logs_violation(other, block) for other in docket.ledger.cases.values()):
            yield _found("M006", case, "expected a violation logged before the block, found none")


def _logs_violation(case: Case, block: Action) -> bool:
    """Tell whether *case* has a decision, with its item and ground, against whom *block* is, and before it."""
    named = {one.casefold().lstrip("@") for one in (block.originator,) if one}
    return any(
        decision.item is not None
        and bool(decision.grounds)
        and decision.at <= block.at
        and (
            (decision.originator or case.first("originator") or "").casefold().lstrip("@") in named
            or (block.item is not None and same_item(decision.item, block.item))
        )
        for decision in case.all(Decision)
    )


def block_past_review(case: Case, docket: Docket) -> Iterator[Finding]:
    """Yield M007: a block that stands past its review, or past its end."""
    decision = case.decision
    blocked = any(action.deed is Deed.BLOCKED for action in case.all(Action))
    if decision is None or decision.verdict is not Verdict.BLOCK or not blocked or not case.stands:
        return
    today = local_day(docket.agency, docket.now)
    reviews = [review.review_on for review in case.all(BlockReview)]
    review_on = reviews[-1] if reviews else decision.review_on
    if review_on is None or review_on < today:
        yield _found("M007", case, f"expected a review by {review_on or 'a day that the decision names'}, found none")
    elif decision.ends_on is not None and decision.ends_on < today:
        yield _found("M007", case, f"expected the block ended on {decision.ends_on}, found it standing")


def notice_open(case: Case, docket: Docket) -> Iterator[Finding]:
    """Yield M008: a notice without a decision, or a decision to act without its action, and it is time."""
    for notice in case.all(Notice):
        if any(decision.at >= notice.at for decision in case.all(Decision)) or not docket.is_due(notice.at):
            continue
        due = end_of_next_business_day(docket.agency, notice.at)
        yield _found("M008", case, f"expected a decision by {due:%Y-%m-%d %H:%M}, found none")
        return
    decision = case.takes_down
    if case.all(Notice) and decision and not case.all(Action) and docket.is_due(decision.at):
        yield _found("M008", case, f"expected the action that was decided ({decision.verdict}), found none")


def switched_off_ground(case: Case, docket: Docket) -> Iterator[Finding]:
    """Yield M010: a ground that is switched off, and no override of counsel's before it was used."""
    decision = case.takes_down
    off = switched_off(decision, docket.grounds) if decision is not None else ()
    if decision is None or not off or decision.at < docket.since:
        return
    latest = max([decision.at, *(action.at for action in case.all(Action)[:1])])
    if not any(one.override and one.agrees and one.at <= latest for one in case.all(SignOff)):
        yield _found("M010", case, f"expected counsel's override of {', '.join(off)}, found none before it was used")


def counsel_late(case: Case, docket: Docket) -> Iterator[Finding]:
    """Yield M011: counsel did not sign off by the end of the next business day."""
    decision = case.takes_down
    if decision is None or not asks_for(decision, Requirement.COUNSEL, docket.grounds):
        return
    due, signed = end_of_next_business_day(docket.agency, decision.at), case.all(SignOff)
    if not signed and docket.now > due:
        yield _found("M011", case, f"expected counsel's sign-off by {due:%Y-%m-%d %H:%M}, found none")
    elif signed and signed[0].at > due and decision.at >= docket.since:
        found = signed[0].at.astimezone(due.tzinfo)
        yield _found(
            "M011", case, f"expected counsel's sign-off by {due:%Y-%m-%d %H:%M}, found it at {found:%Y-%m-%d %H:%M}"
        )


def incomplete(case: Case, docket: Docket) -> Iterator[Finding]:
    """Yield M012: a removal whose record lacks what its ground asks for."""
    decision = case.takes_down
    missing = find_missing(decision, docket.grounds) if decision is not None and decision.at >= docket.since else ()
    if missing:
        yield _found("M012", case, "; ".join(missing))


def without_authorization(case: Case, docket: Docket) -> Iterator[Finding]:
    """Yield M014: who acted held no written authorization for the account above viewing, on that day."""
    for action in case.all(Action):
        account, day = docket.agency.account(AccountId(action.account)), local_day(docket.agency, action.at)
        held = account is not None and any(_may_act(person, action.acted_by, day) for person in account.persons)
        if action.at >= docket.since and not held:
            detail = f"expected who acted on {action.account} to be authorized for it on {day}, found no such person"
            yield _found("M014", case, detail)


def _may_act(person: AuthorizedPerson, name: str, day: date) -> bool:
    in_force = person.valid_from <= day and (person.valid_until is None or day <= person.valid_until)
    return in_force and person.level is not AuthorizationLevel.VIEW and same_name(person.name, name)


def not_agreed(case: Case, docket: Docket) -> Iterator[Finding]:
    """Yield M013: the last word of the second reviewer or of counsel is no, and what was done stands."""
    last = [words[-1] for words in (case.all(Review), case.all(SignOff)) if words]
    if case.stands and any(not one.agrees and docket.is_due(one.at) for one in last):
        yield _found("M013", case, "expected it taken back, or a new decision, found it standing")


def _found(code: str, case: Case, detail: str) -> Finding:
    return Finding(code, f"case {case.id}", detail)


def _spelled(decision: Decision) -> str:
    return ", ".join(decision.grounds)
