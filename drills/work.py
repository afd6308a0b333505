"""A piece of work, and how it is done: the product's own steps, one after the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from drills.city import AGENCY
from drills.clock import SimulatedClock
from drills.memory import RememberingVault
from muniment.evidence.layout import snapshot_id
from muniment.evidence.manifest import Manifest
from muniment.records.names import AccountId, SnapshotId
from muniment.records.series import REMOVED_CONTENT
from muniment.settings import Settings
from muniment.workflows.orders import Order
from muniment.workflows.removed import probe_account
from muniment.workflows.seal_snapshot import seal_snapshot
from muniment.workflows.snapshot import despite_rivals
from muniment.workflows.take_pages import take_pages
from muniment.workflows.take_rows import take_rows
from muniment.workflows.wiring import Workplace, open_workplace


@dataclass(frozen=True, slots=True)
class Probing:
    """Ask for what is missing of an account."""

    account: AccountId
    run_id: str
    taken_at: datetime

    @property
    def snapshot(self) -> SnapshotId:
        """Return the snapshot that it makes."""
        return snapshot_id(self.run_id, self.taken_at, REMOVED_CONTENT, self.account)


Work = Order | Probing


def open_place(settings: Settings, clock: SimulatedClock) -> Workplace:
    """Open the drill's agency, living by *clock*."""
    place = open_workplace(AGENCY, settings)
    return replace(place, vault=RememberingVault(place.vault), clock=clock, sleep=clock.sleep)


def do(place: Workplace, work: Work) -> bool:
    """Do *work*; return whether pages were sealed by it now.

    Raises:
        MunimentError: it could not be done.
    """
    if isinstance(work, Probing):
        probe_account(place, work.account, run_id=work.run_id, taken_at=work.taken_at)
        return False
    sealed = despite_rivals(take_pages, place, work)
    despite_rivals(take_rows, place, work)
    despite_rivals(_seal, place, work)
    return sealed


def _seal(place: Workplace, order: Order) -> Manifest:
    manifest = seal_snapshot(place, order)
    if manifest is None:
        raise AssertionError(f"{order.snapshot}: parsed, and yet it has no rows")
    return manifest
