"""Whatever is placed, amended, released, captured or meddled with, and wherever the machine stops: after the
reconciliation a bit stands where an open matter covers its volume, and nowhere else. Against a model that is a dozen
lines long."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from muniment.custody.versions import VersionName
from muniment.workflows.holds.new_snapshots import hold_snapshot
from tests.unit.workflows.holds_orders import LETTING, amend, place, reconcile, release
from tests.unit.workflows.holds_store import Crash, Holding, open_holding

ACCOUNTS = ("bluesky-city", "mastodon-city")
SERIES = ("official-posts", "public-comments")
MONTHS = ("2020-01", "2020-02", "2099-01")
WORDS = ("a fountain", "a well", "nothing of it")
Volume = tuple[str, str, str]

scopes = st.fixed_dictionaries(
    {},
    optional={
        "accounts": st.sampled_from([(name,) for name in ACCOUNTS]),
        "series": st.sampled_from([(name,) for name in SERIES]),
        "captured_from": st.sampled_from([date(2020, 1, 31), date(2020, 2, 1), date(2021, 1, 1)]),
        "captured_until": st.sampled_from([date(2020, 1, 31), date(2020, 2, 1), date(2199, 1, 1)]),
        "search": st.sampled_from(["fountain", "WELL"]),
        "future": st.booleans(),
    },
).filter(lambda scope: scope.get("captured_from", date.min) <= scope.get("captured_until", date.max))


@dataclass
class Model:
    """What should be held, said as simply as it can be."""

    texts: dict[Volume, set[str]] = field(default_factory=dict)
    open: dict[str, dict[str, Any]] = field(default_factory=dict)
    ever: list[dict[str, Any]] = field(default_factory=list)

    def covers(self, scope: dict[str, Any], volume: Volume) -> bool:
        account, series, month = volume
        return (
            account in scope.get("accounts", ACCOUNTS)
            and series in scope.get("series", SERIES)
            and month >= scope.get("captured_from", date.min).isoformat()[:7]
            and month <= scope.get("captured_until", date.max).isoformat()[:7]
            and (scope.get("future", True) or month < "2099")
            and any(scope.get("search", "").lower() in text for text in self.texts[volume])
        )

    def held(self) -> set[Volume]:
        return {volume for volume in self.texts if any(self.covers(scope, volume) for scope in self.open.values())}


class Holds(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="holds-")
        self.holding = open_holding(Path(self.folder.name))
        self.model = Model()
        self.placed = 0

    def teardown(self) -> None:
        self.folder.cleanup()

    @rule(account=st.sampled_from(ACCOUNTS), series=st.sampled_from(SERIES), month=st.sampled_from(MONTHS),
          text=st.sampled_from(WORDS), announced=st.booleans())  # fmt: skip
    def capture(self, account: str, series: str, month: str, text: str, announced: bool) -> None:
        new = self.holding.capture(month, text, account=account, series=series, age=timedelta())
        self.model.texts.setdefault((account, series, month), set()).add(text)
        if announced:
            hold_snapshot(self.holding.fresh_room(), new, self.holding.manifest(new))

    @rule(scope=scopes)
    def place(self, scope: dict[str, Any]) -> None:
        self.placed += 1
        place(self.holding, f"matter-{self.placed}", everything=True, **scope)
        self.model.open[f"matter-{self.placed}"] = scope

    @precondition(lambda self: self.model.open)
    @rule(data=st.data(), scope=scopes)
    def amend(self, data: st.DataObject, scope: dict[str, Any]) -> None:
        matter = data.draw(st.sampled_from(sorted(self.model.open)))
        amend(self.holding, matter, letting=LETTING, everything=True, **scope)
        self.model.open[matter] = scope

    @precondition(lambda self: self.model.open)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        matter = data.draw(st.sampled_from(sorted(self.model.open)))
        release(self.holding, matter)
        del self.model.open[matter]

    @precondition(lambda self: self.model.held())
    @rule(data=st.data(), which=st.sampled_from(["vault", "second"]))
    def free_behind_our_back(self, data: st.DataObject, which: str) -> None:
        store = getattr(self.holding, which)
        if store.held:
            key, version = data.draw(st.sampled_from(sorted(store.held)))
            store.set_hold(VersionName(which, key, version), False)

    @rule()
    def reconcile(self) -> None:
        reconcile(self.holding)
        self.bits_are_the_models()

    def bits_are_the_models(self) -> None:
        expected = {
            key
            for key, _ in self.holding.vault.objects
            for account, series, month in self.model.held()
            if key.startswith(f"records/series={series}/account={account}/volume={month}/")
        }
        assert self.holding.vault.held_keys() == expected
        assert self.holding.second.held_keys() == expected

    @invariant()
    def nothing_that_a_model_holds_may_be_destroyed(self) -> None:
        from muniment.retention.holds import matters_over
        from muniment.workflows.holds.room import read_matters

        matters, zone = read_matters(self.holding.vault), self.holding.room.zone
        volumes = {address for address in self.holding.room.volumes() if matters_over(matters, address, zone=zone)}
        covered = {(v.account, v.series, v.volume) for v in volumes}
        # Between a capture nobody announced and the next search, a narrowed matter knows less.
        sure = {
            v
            for v in self.model.texts
            if any(self.model.covers(s, v) for s in self.model.open.values() if "search" not in s)
        }
        assert sure <= covered


TestHolds = Holds.TestCase
TestHolds.settings = settings(stateful_step_count=14, suppress_health_check=[HealthCheck.too_slow])


# The machine stops at each write of placing, amending and releasing


def acts() -> Iterator[tuple[str, Any]]:
    yield "place", lambda holding: place(holding, "new", accounts=("mastodon-city",))
    yield "place a search", lambda holding: place(holding, "new", search="well")
    yield "widen", lambda holding: amend(holding, "old")
    yield "narrow", lambda holding: amend(holding, "old", letting=LETTING, search="well", accounts=("bluesky-city",))
    yield "release", lambda holding: release(holding, "old")


def prepare(home: Path) -> Holding:
    holding = open_holding(home)
    holding.capture("2020-01", "a fountain")
    holding.capture("2020-02", "a well")
    holding.capture("2020-01", "a well", account="mastodon-city")
    place(holding, "old", accounts=("bluesky-city",))
    return holding


@pytest.mark.parametrize(("name", "act"), list(acts()), ids=[name for name, _ in acts()])
def test_wherever_the_machine_stops_the_reconciliation_ends_as_the_register_says(
    tmp_path: Path, name: str, act: Any
) -> None:
    whole = prepare(tmp_path)
    untouched = whole.vault.held_keys()
    act(whole)
    ended = whole.vault.held_keys()

    for which in ("vault", "second"):
        for fuse in range(100):
            holding = prepare(tmp_path)
            store = getattr(holding, which)
            before = len([key for key, _ in holding.vault.objects if key.startswith("registers/holds/")])
            store.fuse = store.writes + fuse
            try:
                act(holding)
                assert fuse > 0, "expected the act to write"
                break
            except Crash:
                store.fuse = None
            reconcile(holding)
            after = len([key for key, _ in holding.vault.objects if key.startswith("registers/holds/")])
            # Without its event the act never was; with it, it is finished.
            assert holding.vault.held_keys() == (untouched if after == before else ended), f"{which} {fuse}"
            assert holding.second.held_keys() == holding.vault.held_keys()
        else:
            pytest.fail("expected the act to end within a hundred writes")
