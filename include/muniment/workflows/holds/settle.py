"""Settle: bring the bits of volumes, in both copies, to what the matters say now.

One mechanism for placing, amending, releasing and the nightly reconciliation. What an open matter
covers is held; what only released matters covered is let go; what no matter ever covered and is
held all the same stays held, and is a finding. The vault comes before the second copy: a copy made
meanwhile reads the vault's bit, or is there to be listed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from muniment.custody.holds import HoldKeeper
from muniment.errors import CustodyError, ObjectMissingError
from muniment.evidence.findings import Finding
from muniment.evidence.layout import VolumeAddress
from muniment.retention.holds import Matter, ever_over, is_settled, matters_over
from muniment.workflows.copy_vault import was_begun
from muniment.workflows.findings_register import MOST
from muniment.workflows.holds.bits import Progress, sweep
from muniment.workflows.holds.room import HoldRoom
from muniment.workflows.wiring import now

SECOND = "second copy: "
SETTLED = timedelta(days=1)  # what is younger may be on its way to being held


@dataclass(slots=True)
class Swept:
    """What was found and done in one copy of some volumes. `held` stand now; `set` and `let_go` were done now."""

    objects: int = 0
    held: int = 0
    set: int = 0
    let_go: int = 0

    def add(self, other: Swept) -> None:
        """Count *other* too."""
        self.objects += other.objects
        self.held += other.held
        self.set += other.set
        self.let_go += other.let_go


@dataclass(slots=True)
class Settled:
    """What was found and done in both copies. `copies` is None where no second copy was settled."""

    volumes: int = 0
    vault: Swept = field(default_factory=Swept)
    copies: Swept | None = None
    findings: list[Finding] = field(default_factory=list)

    def codes(self) -> dict[str, int]:
        """Return how many findings of each code there are."""
        counts: Counter[str] = Counter()
        for finding in self.findings:
            counts[finding.code] += finding.count
        return dict(sorted(counts.items()))


@dataclass(slots=True)
class _Found:
    """The findings of one volume in one copy; past `MOST` of a code a count is enough."""

    where: str  # the copy, where it is not the vault
    first: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, code: str, key: str, detail: str) -> None:
        self.counts[code] += 1
        if self.counts[code] <= MOST:
            self.first[code].append((key, detail))

    def clear(self) -> None:
        self.first.clear()
        self.counts.clear()

    def findings(self, prefix: str) -> list[Finding]:
        told: list[Finding] = []
        for code, count in sorted(self.counts.items()):
            if count <= MOST:
                told += [Finding(code, f"{self.where}{key}", detail) for key, detail in self.first[code]]
            else:
                key, detail = self.first[code][0]
                told.append(
                    Finding(code, f"{self.where}{prefix}", f"{count} objects, the first {key}: {detail}", count)
                )
        return told


@dataclass(frozen=True, slots=True)
class _Copy:
    """One of the two copies at work. Where `before` is None, that an object was not held yet is no finding."""

    room: HoldRoom
    keeper: HoldKeeper
    where: str
    before: datetime | None
    progress: Progress


def settle_volumes(
    room: HoldRoom, addresses: Iterable[VolumeAddress], *, announced: bool, progress: Progress
) -> Settled:
    """Settle every volume of *addresses*. Where *announced*, that an object was not held yet is no finding.

    A second copy that does not answer is a finding; the vault is settled all the same.

    Raises:
        StoreUnavailableError: the vault's store did not answer.
    """
    before = None if announced else now() - SETTLED
    vault = _Copy(room, room.keeper, "", before, progress)
    second = None if room.second is None else _Copy(room, room.second, SECOND, before, progress)
    total = Settled(copies=None if second is None else Swept())
    for address in addresses:
        total.volumes += 1
        total.vault.add(_settle(vault, address, total.findings))
        if second is not None and total.copies is not None:
            try:
                total.copies.add(_settle(second, address, total.findings))
            except CustodyError as error:
                total.findings += find_lost(room, second.keeper, error)
                total.copies = None
    return total


def find_lost(room: HoldRoom, second: HoldKeeper, error: CustodyError) -> list[Finding]:
    """Say that the second copy is lost, unless it was never begun: then there is nothing to hold.

    Raises:
        StoreUnavailableError: the vault's store did not answer.
    """
    missing = isinstance(error, ObjectMissingError)
    if missing and room.copy is not None and not was_begun(room.place.vault, room.copy):
        return []
    return [Finding("R013", second.bucket, str(error))]


def _settle(copy: _Copy, address: VolumeAddress, findings: list[Finding]) -> Swept:
    found = _Found(copy.where)
    swept = _hold(copy, address, found) if _is_covered(copy.room, address) else _look(copy, address, found)
    findings += found.findings(address.prefix)
    return swept


def _is_covered(room: HoldRoom, address: VolumeAddress) -> bool:
    return any(is_settled(matter.coverage, address) for matter in _over(room, address))


def _over(room: HoldRoom, address: VolumeAddress) -> tuple[Matter, ...]:
    return matters_over(room.register.matters(), address, zone=room.zone)


def _hold(copy: _Copy, address: VolumeAddress, found: _Found) -> Swept:
    swept = Swept()
    for bit in sweep(copy.keeper, address.prefix, True, progress=copy.progress):
        swept.objects += 1
        if bit.refused is not None:
            found.add("R012", bit.key, bit.refused)
            continue
        swept.held += 1
        swept.set += not bit.was
        if not bit.was and copy.before is not None and bit.stored_at <= copy.before:
            found.add("R010", bit.key, "expected a hold, found none; held now")
    return swept


def _look(copy: _Copy, address: VolumeAddress, found: _Found) -> Swept:
    swept = Swept()
    for bit in sweep(copy.keeper, address.prefix, None, progress=copy.progress):
        swept.objects += 1
        swept.held += bit.was
        if bit.refused is not None:
            found.add("R014", bit.key, bit.refused)
        elif bit.was:
            found.add("R011", bit.key, "expected a matter that covers or covered it, found a hold without")
    if swept.held and _over(copy.room, address):
        found.clear()  # a search is still to do: no bit is set or let go until it is known
    elif swept.held and ever_over(copy.room.register.matters(), address, zone=copy.room.zone):
        found.clear()
        return _free(copy, address, found)
    return swept


def _free(copy: _Copy, address: VolumeAddress, found: _Found) -> Swept:
    swept = Swept()
    for bit in sweep(copy.keeper, address.prefix, False, progress=copy.progress):
        swept.objects += 1
        swept.let_go += bit.was and bit.refused is None
        if bit.refused is not None:
            swept.held += bit.was
            found.add("R014", bit.key, bit.refused)
    # A matter placed meanwhile has sealed its event before it set a bit: what was taken from it is given back.
    return _hold(copy, address, found) if _is_covered(copy.room, address) else swept
