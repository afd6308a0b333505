"""What was due, made and missed, and how long something could go unseen: the queries.

What the nightly check has judged is told from the register of gaps, by the timetable of then;
what is younger is worked out when it is asked for.
"""

from __future__ import annotations

from datetime import datetime

from muniment.changes.coverage import Slot
from muniment.changes.exposure import Exposure
from muniment.changes.gap_register import GAPS, fold_gaps, order_of
from muniment.changes.gaps import Gap
from muniment.records.names import AccountId, SeriesId
from muniment.workflows.coverage.events import read_months
from muniment.workflows.coverage.judged import latest_check
from muniment.workflows.coverage.view import take_view
from muniment.workflows.wiring import Workplace


def read_coverage(
    place: Workplace,
    *,
    since: datetime,
    until: datetime,
    account: AccountId | None = None,
    series: SeriesId | None = None,
) -> tuple[Slot, ...]:
    """Return each capture due in [*since*, *until*) (aware) whose time is over, with what was made of it.

    Due by the timetable as it is today; by account and series in the register's order, then by time.

    Raises:
        EvidenceError: an event of a register is not of its form.
        StoreUnavailableError: the store did not answer.
    """
    return tuple(take_view(place, since, until, account=account, series=series).slots())


def list_gaps(
    place: Workplace,
    *,
    since: datetime,
    until: datetime,
    account: AccountId | None = None,
    series: SeriesId | None = None,
) -> tuple[Gap, ...]:
    """Return every gap that touches [*since*, *until*) (aware), sealed or not yet, by account, series and beginning.

    Raises:
        EvidenceError: an event of a register is not of its form.
        StoreUnavailableError: the store did not answer.
    """
    now = place.clock()
    judged = latest_check(place.vault)
    sealed = [
        gap
        for gap in fold_gaps(read_months(place.vault, GAPS, since, now))
        if gap.begins < until and gap.ends > since and account in (None, gap.account) and series in (None, gap.series)
    ]
    known = {gap.id for gap in sealed}
    begins = since if judged is None else max(since, judged.until)
    young: list[Gap] = []
    if begins < min(until, now):
        view = take_view(place, begins, until, account=account, series=series)
        young = [gap for gap in view.gaps() if gap.id not in known]
    return tuple(sorted((*sealed, *young), key=order_of))


def list_exposure(
    place: Workplace,
    *,
    since: datetime,
    until: datetime,
    account: AccountId | None = None,
    series: SeriesId | None = None,
) -> tuple[Exposure, ...]:
    """Return the exposure of each account, series and local day that [*since*, *until*) (aware) touches.

    Raises:
        EvidenceError: an event of a register is not of its form.
        StoreUnavailableError: the store did not answer.
    """
    return tuple(take_view(place, since, until, account=account, series=series).exposures())
