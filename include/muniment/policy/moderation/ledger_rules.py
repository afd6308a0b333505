"""What an entry must say to be taken into the ledger. Each fault names what was expected and what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime

from muniment.policy.moderation.cases import (
    TAKES_DOWN,
    Action,
    BlockReview,
    Case,
    Decision,
    Deed,
    Entry,
    Notice,
    Reversal,
    Review,
    SignOff,
    Verdict,
)
from muniment.policy.moderation.quoting import quoted
from muniment.records.policy import AgencyPolicy, Ground, PolicyVersion, Requirement

_LONGEST = 4000  # characters of one text: a rationale, no attachment
LEDGER_CHECK = "moderation-grounds"

# What stands in the decision itself; a second reviewer and counsel come later, and are looked for then.
_STATED: Mapping[Requirement, tuple[str, Callable[[Decision], object]]] = {
    Requirement.RATIONALE: ("a rationale", lambda decision: decision.rationale),
    Requirement.LAW_CITED: ("the law that is violated", lambda decision: decision.law),
    Requirement.NOTICE_REFERENCE: ("a reference to the claim or notice", lambda decision: decision.reference),
    Requirement.DUPLICATE_COUNT: ("the number of duplicates, 2 or more", lambda d: (d.duplicates or 0) >= 2),
    Requirement.TERMS_SNAPSHOT: ("the snapshot of the terms relied upon", lambda decision: decision.terms),
    Requirement.REFERRAL: ("to whom it was referred", lambda decision: decision.referral),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What an entry is held against: the policy, the accounts of the register, the day and the moment (aware)."""

    policy: AgencyPolicy
    accounts: frozenset[str]
    now: datetime
    day_of: Callable[[datetime], date]  # in the agency's zone


def find_faults(case: Case, entry: Entry, around: Surroundings) -> tuple[str, ...]:
    """Return what stands against taking *entry* into *case*; nothing when it can be taken."""
    return (*_check_texts(entry), *_check_common(entry, around), *_check_own(case, entry, around))


def find_missing(decision: Decision, grounds: Mapping[str, Ground]) -> tuple[str, ...]:
    """Return what the grounds of *decision* ask for and it does not state."""
    asked = {need: ground.code for ground in _grounds_of(decision, grounds) for need in ground.requires}
    if decision.verdict not in TAKES_DOWN:
        return ()
    return tuple(
        f"{asked[need]}: expected {what}, found none"
        for need, (what, stated) in _STATED.items()
        if need in asked and not stated(decision)
    )


def asks_for(decision: Decision, need: Requirement, grounds: Mapping[str, Ground]) -> bool:
    """Tell whether a ground of *decision* asks for *need*."""
    return any(need in ground.requires for ground in _grounds_of(decision, grounds))


def switched_off(decision: Decision, grounds: Mapping[str, Ground]) -> tuple[str, ...]:
    """Return the codes of *decision* that are switched off."""
    return tuple(ground.code for ground in _grounds_of(decision, grounds) if not ground.enabled)


def ground_code(text: str) -> str:
    """Return the code of a ground: that of ``C7-i/threat`` is ``C7-i``."""
    return text.partition("/")[0]


def versions_in_force(policy: AgencyPolicy, day: date) -> tuple[PolicyVersion, ...]:
    """Return the versions in force on *day* of the policy whose clause the ledger watches; of all where none does."""
    watched = {clause.clause.partition(" ")[0] for clause in policy.clauses if clause.check == LEDGER_CHECK}
    return tuple(
        version
        for version in policy.versions
        if (version.policy in watched or not watched) and is_in_force(version, day)
    )


def is_in_force(version: PolicyVersion, day: date) -> bool:
    """Tell whether *version* is in force on *day*."""
    return version.effective_from <= day and (version.effective_until is None or day <= version.effective_until)


def _grounds_of(decision: Decision, grounds: Mapping[str, Ground]) -> list[Ground]:
    codes = dict.fromkeys(ground_code(text) for text in decision.grounds)
    return [grounds[code] for code in codes if code in grounds]


def _check_texts(entry: Entry) -> Iterator[str]:
    for field in fields(entry):
        value = getattr(entry, field.name)
        for text in value if isinstance(value, tuple) else (value,):
            if isinstance(text, str) and (not text.strip() or not _is_plain(text)):
                yield f"{field.name}: expected words, found a blank or a control character"
            elif isinstance(text, str) and len(text) > _LONGEST:
                yield f"{field.name}: expected at most {_LONGEST} characters, found {len(text)}"


def _is_plain(text: str) -> bool:
    return all(letter.isprintable() or letter in "\n\t" for letter in text)


def _check_common(entry: Entry, around: Surroundings) -> Iterator[str]:
    if entry.at > around.now:
        yield f"time: expected one that has come, found {entry.at.isoformat(timespec='minutes')}"
    account = getattr(entry, "account", None)
    if account is not None and account not in around.accounts:
        yield f"account: expected one of {', '.join(sorted(around.accounts))}, found {quoted(account)}"


def _check_own(case: Case, entry: Entry, around: Surroundings) -> Iterator[str]:
    match entry:
        case Notice():
            return
        case Decision():
            yield from _check_decision(case, entry, around)
        case Action():
            yield from _check_action(entry)
        case _:
            yield from _check_following(case, entry)


def _check_decision(case: Case, decision: Decision, around: Surroundings) -> Iterator[str]:
    grounds = {ground.code: ground for ground in around.policy.grounds}
    yield from _check_grounds(decision, grounds)
    yield from find_missing(decision, grounds)
    if decision.verdict in TAKES_DOWN and (off := switched_off(decision, grounds)) and not _is_overridden(case):
        yield f"{off[0]}: expected counsel's override of a ground that is switched off, found none in the case"
    versions = [version.id for version in around.policy.versions]
    if decision.policy_version not in versions:
        yield f"policy version: expected one of {', '.join(versions)}, found {quoted(decision.policy_version)}"
    if decision.verdict is Verdict.BLOCK:
        for name in ("originator", "scope", "review_on"):
            if getattr(decision, name) is None:
                yield f"block: expected its {name.replace('_', ' ')}, found none"
    elif decision.verdict in TAKES_DOWN and decision.account is None:
        yield "account: expected the one that it happens on, found none"


def _check_grounds(decision: Decision, grounds: Mapping[str, Ground]) -> Iterator[str]:
    if decision.verdict is Verdict.NO_VIOLATION and decision.grounds:
        yield f"ground: expected none with no violation, found {len(decision.grounds)}"
    if decision.verdict is not Verdict.NO_VIOLATION and not decision.grounds:
        yield "ground: expected the code of the clause, found none"
    for text in decision.grounds:
        code, slash, part = text.partition("/")
        ground = grounds.get(code)
        if ground is None:
            yield f"ground: expected one of {', '.join(grounds)}, found {quoted(text)}"
        elif ground.parts and part not in ground.parts:
            yield f"{code}: expected one of its parts ({', '.join(ground.parts)}) after a slash, found {quoted(part)}"
        elif not ground.parts and slash:
            yield f"{code}: expected no part, found {quoted(part)}"


def _is_overridden(case: Case) -> bool:
    return any(signed.override and signed.agrees for signed in case.all(SignOff))


def _check_action(action: Action) -> Iterator[str]:
    if action.item is None and action.deed is not Deed.BLOCKED:
        yield f"item: expected what was {action.deed}, found none"
    if action.originator is None and action.deed is Deed.BLOCKED:
        yield "originator: expected who was blocked, found none"
    if action.deed is Deed.FILTERED and action.filter is None:
        yield "filter: expected the list that did it, found none"
    if action.originator is not None and action.unavailable is not None:
        yield "originator: expected a name, or why there is none; found both"


def _check_following(case: Case, entry: Entry) -> Iterator[str]:
    decision = case.decision
    match entry:
        case SignOff(override=True):
            return  # it comes before the decision that it allows
        case Review() | SignOff() if decision is None:
            yield "case: expected one with a decision, found none"
        case Review(reviewer=reviewer) if decision is not None and same_name(reviewer, decision.decided_by):
            yield "reviewer: expected somebody other than who decided, found the same name"
        case Reversal() if not case.stands:
            yield "case: expected an action that stands, found none"
        case BlockReview() if decision is None or decision.verdict is not Verdict.BLOCK:
            yield "case: expected a block, found none"
        case _:
            return


def same_name(one: str, other: str) -> bool:
    """Tell whether two names are one, whatever their case and spaces."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()
