"""Questions to the ledger: what was done under which clause, by whom, and when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from muniment.policy.moderation.cases import Action, Case, Decision, Ledger, Notice, Reversal, Review, SignOff
from muniment.policy.moderation.ledger_rules import ground_code


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked for; None asks for everything. Times are aware: from `since` until before `until`."""

    ground: str | None = None  # a code, or a code with its part
    reviewer: str | None = None  # who decided, or gave a second look, or signed
    account: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One case in a line: what was decided and done, on which grounds, by whom. Nobody of the public is in it."""

    case: str
    account: str | None
    verdict: str | None
    grounds: tuple[str, ...]
    decided_at: datetime | None
    decided_by: str | None
    policy_version: str | None
    deeds: tuple[str, ...]
    acted_at: datetime | None
    acted_by: tuple[str, ...]
    reviewers: tuple[str, ...]
    counsel: tuple[str, ...]
    stands: bool
    reversed_at: datetime | None
    noticed_at: datetime | None = None  # of the first notice: how long it took is told from here


def answer(ledger: Ledger, question: Question) -> tuple[Answer, ...]:
    """Return the cases that *question* asks for, by when they were decided."""
    found = [_line(case) for case in ledger.cases.values() if _is_asked_for(case, question)]
    return tuple(sorted(found, key=lambda one: (one.decided_at is None, one.decided_at, one.case)))


def _is_asked_for(case: Case, question: Question) -> bool:
    decision = case.decision
    grounds = decision.grounds if decision is not None else ()
    named = {question.ground} & {*grounds, *(ground_code(text) for text in grounds)}
    return (
        (question.ground is None or bool(named))
        and (question.reviewer is None or question.reviewer.casefold() in {name.casefold() for name in _people(case)})
        and question.account in (None, case.first("account"))
        and _is_within(case, question)
    )


def _people(case: Case) -> Iterator[str]:
    yield from (decision.decided_by for decision in case.all(Decision))
    yield from (review.reviewer for review in case.all(Review))
    yield from (signed.counsel for signed in case.all(SignOff))


def _is_within(case: Case, question: Question) -> bool:
    moment = case.decision.at if case.decision is not None else case.entered[0].entry.at
    since, until = question.since, question.until
    return (since is None or since <= moment) and (until is None or moment < until)


def _line(case: Case) -> Answer:
    decision, notices = case.decision, case.all(Notice)
    actions, reversals = case.all(Action), case.all(Reversal)
    return Answer(
        case=case.id,
        account=case.first("account"),
        verdict=decision.verdict.value if decision else None,
        grounds=decision.grounds if decision else (),
        decided_at=decision.at if decision else None,
        decided_by=decision.decided_by if decision else None,
        policy_version=decision.policy_version if decision else None,
        deeds=tuple(dict.fromkeys(action.deed.value for action in actions)),
        acted_at=actions[0].at if actions else None,
        acted_by=tuple(dict.fromkeys(action.acted_by for action in actions)),
        reviewers=tuple(dict.fromkeys(review.reviewer for review in case.all(Review))),
        counsel=tuple(dict.fromkeys(signed.counsel for signed in case.all(SignOff))),
        stands=case.stands,
        reversed_at=reversals[-1].at if reversals else None,
        noticed_at=notices[0].at if notices else None,
    )
