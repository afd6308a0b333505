"""An order: take this account's series for this run. What tasks hand to each other, as small JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from muniment.errors import ConfigurationError, ObjectKeyError
from muniment.evidence.layout import SNAPSHOT_EXAMPLE, snapshot_id, taken_at_of
from muniment.records.names import AccountId, AgencyId, SeriesId, SnapshotId, format_instant, parse_instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One account and series to take for one run, and the snapshot that it makes."""

    agency: AgencyId
    account: AccountId
    series: SeriesId
    run_id: str
    taken_at: datetime  # aware; the run's instant, not the task's
    snapshot: SnapshotId

    def to_json(self) -> dict[str, str]:
        """Render the order for a task to read."""
        return {**asdict(self), "taken_at": format_instant(self.taken_at)}


def new_order(agency: AgencyId, account: AccountId, series: SeriesId, *, run_id: str, taken_at: datetime) -> Order:
    """Order a snapshot. The same run orders the same one, so that a run repeated seals the same objects once."""
    return Order(
        agency=agency,
        account=account,
        series=series,
        run_id=run_id,
        taken_at=taken_at,
        snapshot=snapshot_id(run_id, taken_at, series, account),
    )


def resume_order(agency: AgencyId, account: AccountId, series: SeriesId, *, run_id: str, snapshot: SnapshotId) -> Order:
    """Order the rest of a snapshot that an earlier run began; its instant stands in its id.

    Raises:
        ConfigurationError: *snapshot* is not an id of ours.
    """
    try:
        taken_at = taken_at_of(snapshot)
    except ObjectKeyError:
        raise ConfigurationError(f"snapshot: expected an id as {SNAPSHOT_EXAMPLE}, found {snapshot!r}") from None
    return Order(agency=agency, account=account, series=series, run_id=run_id, taken_at=taken_at, snapshot=snapshot)


def read_order(value: dict[str, Any]) -> Order:
    """Read an order rendered by `Order.to_json`.

    Raises:
        ConfigurationError: a field is missing.
    """
    try:
        return Order(
            agency=AgencyId(value["agency"]),
            account=AccountId(value["account"]),
            series=SeriesId(value["series"]),
            run_id=str(value["run_id"]),
            taken_at=parse_instant(value["taken_at"]),
            snapshot=SnapshotId(value["snapshot"]),
        )
    except KeyError as missing:
        raise ConfigurationError(f"order: expected {missing}, found {sorted(value)}") from None
