"""What a vault holds is read in the same order, however many manifests there are and however they are fetched."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from muniment.custody.vault import Vault
from muniment.errors import ManifestError
from muniment.evidence.layout import MANIFEST, PAGES, ROWS, SnapshotAddress, VolumeAddress, snapshot_id
from muniment.evidence.manifest import FindingCount, Manifest, SealedObject, Verdict
from muniment.records.names import AccountId, SeriesId, SnapshotId, VolumeId
from muniment.workflows.history import list_snapshots, read_manifests, read_span
from tests.unit.evidence.vault_folder import UNTIL, build_manifest
from tests.unit.workflows.holds_store import MemoryStore

SERIES, ACCOUNT = SeriesId("official-posts"), AccountId("city")
FIRST = datetime(2026, 10, 31, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Store(MemoryStore):
    """Two volumes, captured hour by hour across the turn of a month; every seventh capture was never finished."""

    def fill(self, hours: int, *, quarantined: tuple[int, ...] = ()) -> list[SnapshotId]:
        finished = []
        for number in range(hours):
            at = FIRST + number * HOUR
            volume = VolumeAddress(SERIES, ACCOUNT, VolumeId(f"{at:%Y-%m}"))
            address = SnapshotAddress(volume, snapshot_id("run", at, SERIES, ACCOUNT))
            self.put(address.key(PAGES), b"pages")
            if number % 7 != 3:
                self.put(address.key(MANIFEST), make_manifest(address, accepted=number not in quarantined).to_bytes())
                finished.append(address.snapshot)
        return finished

    def span(self, first: int, last: int) -> list[SnapshotId]:
        vault: Vault = self  # type: ignore[assignment]
        read = read_span(vault, SERIES, ACCOUNT, since=FIRST + first * HOUR, until=FIRST + last * HOUR)
        return [manifest.snapshot for manifest in read]


def make_manifest(address: SnapshotAddress, *, accepted: bool) -> Manifest:
    objects = tuple(
        SealedObject(key=address.key(name), size_bytes=1, sha256="0" * 64, content_type="x", locked_until=UNTIL)
        for name in (PAGES, ROWS)
    )
    found = () if accepted else (FindingCount(code="G001", count=1, detail="x", stops_seal=True),)
    outcome = "accepted" if accepted else "quarantined"
    verdict = Verdict(outcome=outcome, suite="s", rules_checked=1, findings=found)
    return replace(build_manifest(address, objects, None), verdict=verdict)


@pytest.mark.parametrize("hours", [1, 10, 16, 17, 40])
def test_the_finished_among_those_asked_for_come_in_the_order_asked_for(hours: int) -> None:
    store = Store("city")
    finished = store.fill(24 + hours)
    vault: Vault = store  # type: ignore[assignment]
    volume = VolumeAddress(SERIES, ACCOUNT, VolumeId("2026-11"))

    asked = list_snapshots(vault, volume)
    read = list(read_manifests(vault, asked))

    assert len(asked) == hours
    assert [address.snapshot for address, _ in read] == [one.snapshot for one in asked if one.snapshot in finished]
    assert all(body == store.read(address.key(MANIFEST)) for address, body in read)
    assert list(read_manifests(vault, asked[1:] + asked[:1])) == [*read[1:], *read[:1]]
    assert list(read_manifests(vault, [])) == []


@pytest.mark.parametrize("hours", [9, 60])
def test_a_span_is_read_back_over_the_turn_of_a_month_to_the_first_accepted_before_it(hours: int) -> None:
    store = Store("city")
    finished = store.fill(20 + hours, quarantined=(18, 19))

    # Hour 17 was never finished, 18 and 19 were quarantined: 16 is the first accepted before hour 20.
    assert store.span(20, 20 + hours) == list(reversed(finished[finished.index(_named(16)) :]))
    assert store.span(0, 20 + hours) == list(reversed(finished))
    assert store.span(30, 30)[:1] == [name for name in reversed(finished) if name < _named(30)][:1]


def test_nothing_captured_is_nothing_read() -> None:
    assert Store("city").span(0, 9) == []


@pytest.mark.parametrize("hours", [5, 60])
def test_a_manifest_that_is_none_is_an_error_and_no_gap(hours: int) -> None:
    store = Store("city")
    store.fill(hours)
    broken = next(key for key, _ in store.objects if key.endswith(MANIFEST))
    store.put(broken, b"{}")

    with pytest.raises(ManifestError):
        store.span(0, hours)


def _named(hour: int) -> SnapshotId:
    return snapshot_id("run", FIRST + hour * HOUR, SERIES, ACCOUNT)
