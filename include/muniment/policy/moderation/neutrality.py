"""The neutrality sample: removals and comparable items that stayed, drawn by a public seed, for a second pair of eyes.

Nothing here guesses what an item says about the agency. The sheet of the second reviewer has the
text and the clause, and neither the decision nor the author; whoever has the seed and the ledger
draws the same sample again (claremont-social C.7).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from muniment.evidence.digest import sha256_hex
from muniment.policy.moderation.cases import TAKES_DOWN, Case, Decision, Ledger, Verdict
from muniment.policy.moderation.ledger_rules import ground_code


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An item that was decided on under a code: which case, and whether it was taken down."""

    code: str
    case: str
    account: str
    item: str
    taken_down: bool
    decided_by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One line of a sample. `number` is all that the sheet and its key share."""

    number: int
    candidate: Candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Of the decisions under a code by a person: how many there were, and how many took something down."""

    code: str
    reviewer: str
    decisions: int
    taken_down: int

    @property
    def percent(self) -> int:
        """Return the share that was taken down, in whole percent, halves up."""
        return (200 * self.taken_down + self.decisions) // (2 * self.decisions)


def list_candidates(ledger: Ledger, *, since: datetime, until: datetime) -> tuple[Candidate, ...]:
    """Return what was decided under a code from *since* until before *until* (aware): removed, and left up."""
    return tuple(one for case in ledger.cases.values() for one in _candidates(case) if since <= one.at < until)


def _candidates(case: Case) -> Iterator[Candidate]:
    for decision in case.all(Decision):
        item, account = decision.item or case.first("item"), decision.account or case.first("account")
        if decision.verdict is Verdict.NO_VIOLATION or item is None or account is None:
            continue
        for code in dict.fromkeys(ground_code(text) for text in decision.grounds):
            yield Candidate(
                code=code,
                case=case.id,
                account=account,
                item=item,
                taken_down=decision.verdict in TAKES_DOWN,
                decided_by=decision.decided_by,
                at=decision.at,
            )


def draw_sample(candidates: Iterable[Candidate], *, seed: str, most: int) -> tuple[Drawn, ...]:
    """Draw of each code at most *most* removals and as many items that stayed, in an order that tells nothing.

    The draw is by the SHA-256 of the seed, the code and the case, smallest first; so is the order
    of the sheet, with another word before the seed.
    """
    piles: dict[tuple[str, bool], list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        piles[candidate.code, candidate.taken_down].append(candidate)
    chosen = [one for pile in piles.values() for one in sorted(pile, key=lambda c: _lot("draw", seed, c))[:most]]
    ordered = sorted(chosen, key=lambda candidate: _lot("order", seed, candidate))
    return tuple(Drawn(number=number, candidate=one) for number, one in enumerate(ordered, 1))


def _lot(purpose: str, seed: str, candidate: Candidate) -> str:
    parts = (purpose, seed, candidate.code, candidate.case, candidate.at.isoformat())
    return sha256_hex("\0".join(parts).encode())


def removal_rates(ledger: Ledger, *, since: datetime, until: datetime) -> tuple[Rate, ...]:
    """Return the rates of removal by code and by who decided, from *since* until before *until* (aware)."""
    all_of: Counter[tuple[str, str]] = Counter()
    down: Counter[tuple[str, str]] = Counter()
    for case in ledger.cases.values():
        for decision in case.all(Decision):
            if not since <= decision.at < until:
                continue
            for code in dict.fromkeys(ground_code(text) for text in decision.grounds) or ("no violation",):
                all_of[code, decision.decided_by] += 1
                down[code, decision.decided_by] += decision.verdict in TAKES_DOWN
    return tuple(
        Rate(code=code, reviewer=reviewer, decisions=count, taken_down=down[code, reviewer])
        for (code, reviewer), count in sorted(all_of.items())
    )
