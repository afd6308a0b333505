"""An office that keeps a ledger, on a bucket in memory, at a clock that the test sets."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from muniment.policy.moderation.cases import Entry
from muniment.settings import read_settings
from muniment.workflows.moderation.drops import Imported, import_csv
from muniment.workflows.moderation.room import Desk, Taken, enter_case, open_desk
from muniment.workflows.wiring import Workplace
from tests.unit.policy.scenes import NOW, claremont
from tests.unit.workflows.disposition.memory_store import MemoryStore, MemoryVault


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Office:
    home: Path
    agency: str = "claremont"
    clock: Clock = field(default_factory=Clock)
    store: MemoryStore = field(init=False)
    place: Workplace = field(init=False)

    def __post_init__(self) -> None:
        self.store = MemoryStore("b", lambda: datetime.now(UTC))
        settings = read_settings({"MUNIMENT_HOME": str(self.home)})
        vault = MemoryVault(self.store)
        self.place = Workplace(settings, claremont(self.agency), vault, self.clock)  # type: ignore[arg-type]

    def desk(self) -> Desk:
        return open_desk(self.place)

    def enter(self, *entries: Entry, case: str | None = None, by: str = "Dana Okafor") -> Taken:
        return enter_case(self.desk(), case, entries, by=by)

    def drop(self, text: str | bytes, name: str = "drop.csv", **options: object) -> Imported:
        path = self.home / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        refused = self.home / f"{name}.refused.csv"
        stated = {"by": "Dana Okafor", "refused": refused, "headers": {}, **options}
        return import_csv(self.desk(), path, **stated)  # type: ignore[arg-type]

    def with_policy(self, **changes: object) -> Office:
        assert self.place.agency.policy is not None
        agency = replace(self.place.agency, policy=replace(self.place.agency.policy, **changes))  # type: ignore[arg-type]
        self.place = replace(self.place, agency=agency)
        return self

    def keys(self) -> list[str]:
        return sorted(self.store.objects)
