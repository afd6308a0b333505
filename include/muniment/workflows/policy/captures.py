"""How many captures were due in a span, and what became of them, account by account."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from muniment.changes.coverage import Slot, SlotOutcome
from muniment.changes.gap_register import GAPS, fold_gaps
from muniment.changes.gaps import Gap
from muniment.policy.scene import CoverageFact
from muniment.records.names import AccountId, SeriesId
from muniment.workflows.coverage.events import read_months
from muniment.workflows.coverage.read import read_coverage
from muniment.workflows.wiring import Workplace

_SETTLED = timedelta(days=2)  # a gap is entered when it is a day old, at night

Pair = tuple[AccountId, SeriesId]


def count_captures(place: Workplace, since: datetime, until: datetime) -> Iterator[CoverageFact]:
    """Yield for each account and series how many captures were due in [*since*, *until*), and what became of them.

    Raises:
        EvidenceError: an event of a register is not of its form.
        StoreUnavailableError: the store did not answer.
    """
    gaps: dict[Pair, list[Gap]] = defaultdict(list)
    for gap in fold_gaps(read_months(place.vault, GAPS, since, until)):
        gaps[gap.account, gap.series].append(gap)
    counted, unsealed = Counter[tuple[Pair, SlotOutcome]](), Counter[Pair]()
    for slot in read_coverage(place, since=since, until=until):
        pair = slot.account, slot.series
        counted[pair, slot.outcome] += 1
        unsealed[pair] += slot.expected_at < until - _SETTLED and _is_untold(slot, gaps[pair])
    for pair in dict.fromkeys(pair for pair, _ in counted):
        yield CoverageFact(
            account=pair[0],
            series=pair[1],
            due=sum(counted[pair, outcome] for outcome in SlotOutcome),
            accepted=counted[pair, SlotOutcome.ACCEPTED],
            quarantined=counted[pair, SlotOutcome.QUARANTINED],
            missed=counted[pair, SlotOutcome.MISSED],
            unsealed=unsealed[pair],
        )


def _is_untold(slot: Slot, gaps: list[Gap]) -> bool:
    missed = slot.outcome is SlotOutcome.MISSED
    return missed and not any(gap.begins <= slot.expected_at < gap.ends for gap in gaps)
