"""What of the ledger waits for somebody: a decision, an action, a second look, a sign-off, the review of a block."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from muniment.policy.business_days import end_of_next_business_day, local_day
from muniment.policy.moderation.case_findings import Docket
from muniment.policy.moderation.cases import Action, BlockReview, Case, Decision, Notice, Review, SignOff, Verdict
from muniment.policy.moderation.ledger_rules import asks_for
from muniment.records.policy import Requirement


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Task:
    """One thing to do for a case, and the day (in the agency's zone) by whose close it is due."""

    due: date
    what: str
    case: str


def list_tasks(docket: Docket) -> tuple[Task, ...]:
    """Return what waits, earliest first. A block is listed on the day of its review, not before."""
    return tuple(sorted(task for case in docket.ledger.cases.values() for task in _tasks(case, docket)))


def _tasks(case: Case, docket: Docket) -> Iterator[Task]:
    def due(moment: datetime) -> date:
        return local_day(docket.agency, end_of_next_business_day(docket.agency, moment))

    for notice in case.all(Notice)[-1:]:
        if not any(decision.at >= notice.at for decision in case.all(Decision)):
            yield Task(due=due(notice.at), what="decide on the notice", case=case.id)
    decision = case.takes_down
    if decision is None:
        return
    if not case.all(Action):
        yield Task(due=due(decision.at), what=f"carry out the decision ({decision.verdict})", case=case.id)
    if asks_for(decision, Requirement.SECOND_REVIEWER, docket.grounds) and not case.all(Review):
        yield Task(due=due(decision.at), what="second review", case=case.id)
    if asks_for(decision, Requirement.COUNSEL, docket.grounds) and not case.all(SignOff):
        yield Task(due=due(decision.at), what="counsel's sign-off", case=case.id)
    yield from _block(case, decision, docket)


def _block(case: Case, decision: Decision, docket: Docket) -> Iterator[Task]:
    if decision.verdict is not Verdict.BLOCK or not case.stands:
        return
    reviews = [review.review_on for review in case.all(BlockReview)]
    review_on = reviews[-1] if reviews else decision.review_on
    if review_on is not None and review_on <= local_day(docket.agency, docket.now):
        yield Task(due=review_on, what="review the block", case=case.id)
