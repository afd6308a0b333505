"""The only place that picks implementations: which vault, which client, which secrets."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from muniment.catalog.index import Catalog
from muniment.custody.client import connect
from muniment.custody.holds import HoldKeeper
from muniment.custody.shredder import Shredder
from muniment.custody.vault import Vault
from muniment.errors import ConfigurationError
from muniment.evidence.layout import SnapshotAddress, VolumeAddress
from muniment.evidence.manifest import Retention
from muniment.records.agency import Account, Agency
from muniment.records.names import AccountId, AgencyId, parse_instant
from muniment.records.watched_pages import find_account
from muniment.retention.locks import compute_volume_lock, volume_of
from muniment.settings import Settings, StoreSettings, read_settings
from muniment.workflows.orders import Order
from muniment.workflows.planning import open_agency


def now() -> datetime:
    """Return the present instant, aware UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Workplace:
    """One agency with everything that works on it. `clock` returns aware UTC; drills live faster than we do.

    `sleep` waits for so many seconds of that clock.
    """

    settings: Settings
    agency: Agency
    vault: Vault
    clock: Callable[[], datetime] = now
    sleep: Callable[[float], None] = time.sleep

    def account(self, account_id: AccountId) -> Account:
        """Return the account, or the watched page as one, with *account_id*.

        Raises:
            ConfigurationError: the agency has neither.
        """
        account = find_account(self.agency, account_id)
        if account is None:
            known = ", ".join(item.id for item in self.agency.accounts)
            raise ConfigurationError(f"account: expected one of {known}, found {account_id!r}")
        return account

    def token(self, account: Account) -> str | None:
        """Return the platform token of *account*, or None when the register names none.

        Raises:
            ConfigurationError: the register names one and its file is missing or empty.
        """
        if account.token is None:
            return None
        path = self.settings.secrets / account.token
        token = path.read_text("utf-8").strip() if path.is_file() else ""
        if not token:
            raise ConfigurationError(f"account {account.id}: expected its token in {path}, found none")
        return token

    def address(self, order: Order) -> SnapshotAddress:
        """Return where the order's snapshot lives.

        Raises:
            ConfigurationError: the schedule has no row for the order's series.
        """
        row = self.agency.schedule.row_for(order.series)
        if row is None:
            raise ConfigurationError(f"series {order.series}: expected a row in the agency's schedule, found none")
        volume = volume_of(order.taken_at, row.cutoff, self.agency.zone)
        return SnapshotAddress(VolumeAddress(order.series, order.account, volume), order.snapshot)

    def retention(self, order: Order) -> Retention:
        """Compute the lock of the order's volume, with its date sum."""
        return compute_volume_lock(self.address(order).volume.volume, order.series, self.agency)

    def locked_until(self, order: Order) -> datetime:
        """Return the instant (aware UTC) until which the order's volume is locked."""
        return parse_instant(self.retention(order).locked_until)

    @contextmanager
    def scratch(self, order: Order) -> Iterator[Path]:
        """Give a private folder for files on their way into the vault, and clear it away."""
        self.settings.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(prefix=f"{order.snapshot}-", dir=self.settings.scratch) as folder:
            yield Path(folder)


def open_vault(agency_id: str, settings: Settings | None = None, *, attempts: int = 5) -> Vault:
    """Open the agency's vault on the configured store; a request is tried *attempts* times in all."""
    return _open((settings or read_settings()).store, agency_id, attempts)


def open_second(agency_id: str, settings: Settings | None = None, *, attempts: int = 5) -> Vault | None:
    """Open the agency's second copy on the second store; None where none is configured."""
    store = (settings or read_settings()).second
    return None if store is None else _open(store, agency_id, attempts)


def open_keeper(agency_id: str, settings: Settings | None = None) -> HoldKeeper:
    """Open what sets and lets go the holds in the agency's vault."""
    return _open_keeper((settings or read_settings()).store, agency_id)


def open_second_keeper(agency_id: str, settings: Settings | None = None) -> HoldKeeper | None:
    """Open what sets and lets go the holds in the agency's second copy; None where no second store is configured."""
    store = (settings or read_settings()).second
    return None if store is None else _open_keeper(store, agency_id)


def _open_keeper(store: StoreSettings, agency_id: str) -> HoldKeeper:
    client = connect(store.endpoint, store.region, *store.credentials())
    return HoldKeeper(client, store.bucket(agency_id))


def open_shredder(agency_id: str, settings: Settings | None = None, *, attempts: int = 5) -> Shredder:
    """Open what may destroy in the agency's vault. For dispositions alone: nothing else reads the shredder's key.

    Raises:
        ConfigurationError: this machine does not have the shredder's key.
    """
    return _open_shredder((settings or read_settings()).store, agency_id, attempts)


def open_second_shredder(agency_id: str, settings: Settings | None = None, *, attempts: int = 5) -> Shredder | None:
    """Open what may destroy in the agency's second copy; None where no second store is configured.

    Raises:
        ConfigurationError: this machine does not have the shredder's key to it.
    """
    store = (settings or read_settings()).second
    return None if store is None else _open_shredder(store, agency_id, attempts)


def _open_shredder(store: StoreSettings, agency_id: str, attempts: int) -> Shredder:
    client = connect(store.endpoint, store.region, *store.shredder(), attempts=attempts)
    return Shredder(client, store.bucket(agency_id))


def _open(store: StoreSettings, agency_id: str, attempts: int) -> Vault:
    client = connect(store.endpoint, store.region, *store.credentials(), attempts=attempts)
    return Vault(client, store.bucket(agency_id))


def open_catalog(settings: Settings | None = None) -> Catalog:
    """Open the catalog of the configured database.

    Raises:
        ConfigurationError: no file has its connection string.
    """
    return Catalog((settings or read_settings()).catalog_address())


def open_workplace(agency_id: str, settings: Settings | None = None) -> Workplace:
    """Open one agency: its files, its vault, its settings."""
    settings = settings or read_settings()
    return Workplace(settings, open_agency(agency_id, settings), open_vault(AgencyId(agency_id), settings))
