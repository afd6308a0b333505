"""What destruction goes through: the scene, what may delete in each copy, the recorded answers, a clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from muniment.custody.shredder import Destroyed
from muniment.custody.versions import StoredVersion, VersionName
from muniment.retention.approvals import Recorded
from muniment.retention.frozen_list import SECOND, VAULT, ListedVersion
from muniment.settings import Settings, read_settings
from muniment.workflows.disposition.scene import Scene
from muniment.workflows.wiring import open_second_shredder, open_shredder


class Shredding(Protocol):
    """What may delete in one bucket; `custody.shredder.Shredder` is it."""

    @property
    def bucket(self) -> str:
        """Return the bucket's name."""

    def list_versions(self, prefix: str) -> Iterator[StoredVersion]:
        """Yield every version and every delete marker under *prefix*."""

    def check(self, version: VersionName) -> None:
        """Return when *version* is neither locked nor held."""

    def destroy(self, versions: Sequence[VersionName]) -> tuple[Destroyed, ...]:
        """Delete each of *versions* that may be deleted; return what became of each."""

    def is_absent(self, version: VersionName) -> bool:
        """Tell whether *version* can neither be listed nor read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """Everything that destruction needs, for one agency. `shredders` is by copy; without a second store it has one."""

    scene: Scene
    shredders: Mapping[str, Shredding]
    recorded: Recorded
    now: Callable[[], datetime]
    wait: Callable[[float], None]  # seconds, between two tries
    most: int  # versions of a batch

    def name(self, version: ListedVersion) -> VersionName:
        """Return the store's name of *version*."""
        return VersionName(self.shredders[version.copy].bucket, version.key, version.version_id)


def open_shredders(agency_id: str, settings: Settings | None = None) -> dict[str, Shredding]:
    """Open what may delete in each copy.

    Raises:
        ConfigurationError: this machine does not have the shredder's keys.
    """
    settings = settings or read_settings()
    shredders: dict[str, Shredding] = {VAULT: open_shredder(agency_id, settings)}
    second = open_second_shredder(agency_id, settings)
    if second is not None:
        shredders[SECOND] = second
    return shredders
