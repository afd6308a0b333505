"""What was destroyed leaves the catalog, and nothing else does."""

from __future__ import annotations

from muniment.workflows.catalog_build import rebuild
from tests.contract.catalog.conftest import AGENCY, Place, address_of


def test_the_snapshots_that_went_are_forgotten_and_those_of_others_stay(place: Place) -> None:
    gone = [place.seal_snapshot(number) for number in (1, 2)]
    left = [place.seal_snapshot(3), place.seal_snapshot(1, account="other"), place.seal_snapshot(1, volume="2026-10")]
    rebuild(AGENCY)
    with place.catalog.open_shelf(AGENCY) as shelf:
        shelf.forget(address_of(1).volume, [manifest.snapshot for manifest in gone])
        shelf.forget(address_of(1).volume, [manifest.snapshot for manifest in gone])  # once or twice is the same

    filed = {tuple(row) for row in place.ask("SELECT account, volume, snapshot FROM muniment.snapshots")}
    assert filed == {(manifest.account, manifest.volume, manifest.snapshot) for manifest in left}
    for table in ("objects", "findings", "gaps", "declared"):
        rows = {tuple(row) for row in place.ask(f"SELECT account, volume, snapshot FROM muniment.{table}")}
        assert rows == filed
