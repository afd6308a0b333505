"""An order: take this account's series for this run. What tasks hand to each other, as small JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from muniment.errors import ConfigurationError
from muniment.evidence.layout import snapshot_id
from muniment.records.names import AccountId, AgencyId, SeriesId, SnapshotId, format_instant, parse_instant


@dataclass(frozen=True, slots=True)
class Order:
    """One account and series to take for one run. The same run gives the same snapshot."""

    agency: AgencyId
    account: AccountId
    series: SeriesId
    run_id: str
    taken_at: datetime  # aware; the run's instant, not the task's

    @property
    def snapshot(self) -> SnapshotId:
        """Return the id of the snapshot that the order asks for."""
        return snapshot_id(self.run_id, self.taken_at, self.series, self.account)

    def to_json(self) -> dict[str, str]:
        """Render the order for a task to read; `snapshot` is there for people."""
        return {**asdict(self), "taken_at": format_instant(self.taken_at), "snapshot": self.snapshot}


def read_order(value: dict[str, Any]) -> Order:
    """Read an order rendered by `Order.to_json`.

    Raises:
        ConfigurationError: a field is missing, or the snapshot is not the order's own.
    """
    try:
        order = Order(
            AgencyId(value["agency"]),
            AccountId(value["account"]),
            SeriesId(value["series"]),
            str(value["run_id"]),
            parse_instant(value["taken_at"]),
        )
    except KeyError as missing:
        raise ConfigurationError(f"order: expected {missing}, found {sorted(value)}") from None
    if value.get("snapshot", order.snapshot) != order.snapshot:
        raise ConfigurationError(f"order: expected snapshot {order.snapshot}, found {value['snapshot']}")
    return order
