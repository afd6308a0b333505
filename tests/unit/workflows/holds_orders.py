"""Matters for tests, of invented people."""

from __future__ import annotations

from typing import Any

from muniment.retention.hold_rules import MatterOrder
from muniment.retention.holds import MatterKind, Notice, Scope
from muniment.workflows.holds.matters import Letting, amend_matter, place_matter, release_matter
from muniment.workflows.holds.reconcile import reconcile_holds
from tests.unit.workflows.holds_store import AGENCY, Holding

LETTING = Letting(by="A. Clerk", attorney="B. Counsel", reason="Settled")
NOTICE = Notice(attorney="B. Counsel", contact="counsel@claremont.example", authority="Claim 2026-14")


def order(matter: str = "smith-claim", **scope: Any) -> MatterOrder:
    everything = scope.pop("everything", not scope)
    custodians = scope.pop("custodians", ())
    notice = scope.pop("notice", NOTICE)
    return MatterOrder(
        id=matter,
        kind=MatterKind.CLAIM,
        title="A claim",
        notice=notice,
        scope=Scope(**scope),
        custodians=custodians,
        everything=everything,
    )


def place(holding: Holding, matter: str = "smith-claim", **scope: Any) -> dict[str, Any]:
    return place_matter(AGENCY, order(matter, **scope), by="A. Clerk", room=holding.fresh_room())


def amend(holding: Holding, matter: str, *, letting: Letting | None = None, **scope: Any) -> dict[str, Any]:
    everything = scope.pop("everything", not scope)
    return amend_matter(
        AGENCY,
        matter,
        scope=Scope(**scope),
        by="A. Clerk",
        everything=everything,
        letting=letting,
        room=holding.fresh_room(),
    )


def release(holding: Holding, matter: str = "smith-claim") -> dict[str, Any]:
    return release_matter(AGENCY, matter, letting=LETTING, room=holding.fresh_room())


def reconcile(holding: Holding) -> dict[str, Any]:
    return reconcile_holds(AGENCY, room=holding.fresh_room())
