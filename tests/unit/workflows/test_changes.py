from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from muniment.errors import ConfigurationError
from muniment.evidence.layout import MANIFEST, PAGES, ROWS, SnapshotAddress, VolumeAddress, snapshot_id
from muniment.evidence.manifest import FindingCount, SealedObject, Verdict
from muniment.evidence.row_commitment import Commitment
from muniment.evidence.row_fields import SCHEME
from muniment.records.changes import Change, ChangeKind, Confidence, FieldChange, Window
from muniment.records.names import AccountId, SeriesId, SnapshotId, VolumeId, format_instant
from muniment.records.rows import Row, Visibility
from muniment.records.series import PUBLIC_COMMENTS, SUBSCRIBER_LISTS, row_kind
from muniment.settings import read_settings
from muniment.workflows.changes.compare import Pair
from muniment.workflows.changes.item import read_item_history
from muniment.workflows.changes.listing import EVER, list_changes, list_missing, list_pairs
from muniment.workflows.wiring import Workplace
from tests.unit.evidence.vault_folder import UNTIL, build_manifest
from tests.unit.tables.samples import Volume, item, subscriber
from tests.unit.workflows.holds_store import MemoryStore, claremont

ACCOUNT = AccountId("bluesky-city")
FIRST = datetime(2026, 10, 31, 20, tzinfo=UTC)
LASTS = timedelta(minutes=2)
HOUR = timedelta(hours=1)


@dataclass
class Opened(MemoryStore):
    """A store that notes which rows files were opened."""

    opened: list[str] = field(default_factory=list)

    def open_ranges(self, key: str) -> tuple[int, object]:
        self.opened.append(key)
        return super().open_ranges(key)


def sealed(key: str) -> SealedObject:
    return SealedObject(key=key, size_bytes=1, sha256="0" * 64, content_type="x", locked_until=UNTIL)


@dataclass
class Archive:
    """An agency whose account was captured hour by hour, two hours to a volume."""

    place: Workplace
    vault: Opened
    folder: Path
    series: SeriesId
    made: list[SnapshotId] = field(default_factory=list)
    volumes: dict[VolumeId, Volume] = field(default_factory=dict)

    def capture(self, *rows: Row, accepted: bool = True) -> SnapshotId:
        """Seal what the platform shows now; the next capture is an hour later."""
        began = FIRST + len(self.made) * HOUR
        name = VolumeId("2026-10" if len(self.made) < 2 else "2026-11")
        snapshot = snapshot_id("r", began, self.series, ACCOUNT)
        volume = self._volume(name)
        basis = volume.latest
        notes = volume.capture(snapshot, *rows)
        if not accepted:
            volume.latest = basis
        address = SnapshotAddress(VolumeAddress(self.series, ACCOUNT, name), snapshot)
        found = () if accepted else (FindingCount(code="G001", count=1, detail="x", stops_seal=True),)
        outcome = "accepted" if accepted else "quarantined"
        verdict = Verdict(outcome=outcome, suite="s", rules_checked=1, findings=found)
        manifest = replace(
            build_manifest(address, (sealed(address.key(PAGES)), sealed(address.key(ROWS))), None),
            began_at=format_instant(began),
            ended_at=format_instant(began + LASTS),
            sealed_at=format_instant(began + 2 * LASTS),
            rows=notes.rows,
            commitment=Commitment(scheme=SCHEME, rows=sum(asdict(notes.rows).values()), root="0" * 64),
            verdict=verdict,
            reads=tuple(SnapshotId(read) for read in notes.reads),
        )
        self.vault.put(address.key(ROWS), volume.files[snapshot].read_bytes())
        self.vault.put(address.key(MANIFEST), manifest.to_bytes())
        self.made.append(snapshot)
        return snapshot

    def _volume(self, name: VolumeId) -> Volume:
        if name not in self.volumes:
            (self.folder / name).mkdir()
            self.volumes[name] = Volume(self.folder / name, kind=row_kind(self.series))
        return self.volumes[name]

    def changes(self, first: int = 0, last: int = 99, kinds: Collection[ChangeKind] | None = None) -> Iterator[Change]:
        since, until = FIRST + first * HOUR, FIRST + last * HOUR
        return list_changes(self.place, ACCOUNT, self.series, since=since, until=until, kinds=kinds)

    def pairs(self) -> list[Pair]:
        return list(list_pairs(self.place, ACCOUNT, self.series, since=EVER, until=FIRST + 99 * HOUR))

    def told(self, first: int = 0, last: int = 99) -> list[tuple[str, str]]:
        return [(change.item_id, change.kind.value) for change in self.changes(first, last)]


def open_archive(home: Path, series: SeriesId = PUBLIC_COMMENTS) -> Archive:
    vault = Opened("vault")
    folder = home / "files"
    folder.mkdir()
    place = Workplace(read_settings({"MUNIMENT_HOME": str(home)}), claremont(), vault)  # type: ignore[arg-type]
    return Archive(place, vault, folder, series)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return open_archive(tmp_path)


def test_nothing_captured_and_one_capture_alone_show_no_change(archive: Archive) -> None:
    assert archive.told() == []
    archive.capture(item("a"))
    assert archive.told() == []
    assert list_missing(archive.place, archive.pairs()) == ()


def test_an_item_that_was_never_listed_has_no_history(archive: Archive) -> None:
    archive.capture(item("a"))

    with pytest.raises(ConfigurationError, match="expected an item that was listed once, found none by that id"):
        read_item_history(archive.place, ACCOUNT, archive.series, "b")


def test_each_change_has_its_kind_its_snapshots_and_its_window(archive: Archive) -> None:
    first = archive.capture(item("a"), item("b"), item("c"))
    second = archive.capture(item("a", "New"), item("b", visibility=Visibility.HIDDEN), item("d"))

    a, b, c, d = archive.changes()

    assert [(one.item_id, one.kind.value) for one in (a, b, c, d)] == [
        ("a", "edited"),
        ("b", "hidden"),
        ("c", "missing"),
        ("d", "appeared"),
    ]
    assert a.fields == (FieldChange(name="text", before="Water main repair", after="New"),)
    assert [(one.before, one.after) for one in (a, b, c, d)] == [
        (first, second),
        (first, second),
        (first, None),
        (None, second),
    ]
    assert {(one.window.last_seen, one.window.first_missing) for one in (a, b, c, d)} == {(FIRST, FIRST + HOUR + LASTS)}
    assert [one.confidence for one in (a, b, c, d)] == [
        Confidence.SEEN,
        Confidence.SEEN,
        Confidence.UNCONFIRMED,
        Confidence.SEEN,
    ]


def test_the_first_snapshot_of_a_month_is_compared_with_the_last_of_the_month_before(archive: Archive) -> None:
    archive.capture(item("a"), item("b"), item("c"))
    archive.capture(item("a", "New"), item("b"), item("c"))
    archive.capture(item("a", "New"), item("b", "Newer"), item("d"))

    assert archive.told(2) == [("b", "edited"), ("c", "missing"), ("d", "appeared")]


def test_a_quarantined_snapshot_shows_nothing_and_the_window_spans_it(archive: Archive) -> None:
    first = archive.capture(item("a"), item("b"))
    archive.capture(item("a"), accepted=False)
    archive.capture(item("a"), item("b", "New"))

    (change,) = archive.changes()

    assert (change.item_id, change.kind, change.before) == ("b", ChangeKind.EDITED, first)
    assert change.window.last_seen == FIRST
    assert change.window.first_missing == FIRST + 2 * HOUR + LASTS


def test_what_is_listed_again_reappeared(archive: Archive) -> None:
    first = archive.capture(item("a"), item("b"))
    archive.capture(item("a"))
    archive.capture(item("a"))
    last = archive.capture(item("a"), item("b"))

    assert archive.told() == [("b", "missing"), ("b", "reappeared")]
    back = list(archive.changes())[1]
    assert (back.before, back.after) == (first, last)
    assert back.window.last_seen == FIRST + 2 * HOUR
    assert list_missing(archive.place, archive.pairs()) == ()


def test_what_comes_back_is_compared_with_its_last_listing_over_the_whole_time_between(archive: Archive) -> None:
    first = archive.capture(item("a"), item("b", "One"), item("c", visibility=Visibility.HIDDEN))
    archive.capture(item("a"))
    archive.capture(item("a"))
    last = archive.capture(item("a"), item("b", "Two"), item("c", visibility=Visibility.HIDDEN))

    told = {(change.item_id, change.kind.value): change for change in archive.changes()}

    came = {("b", "missing"), ("b", "reappeared"), ("b", "edited"), ("c", "missing"), ("c", "reappeared")}
    assert told.keys() == came
    edited = told["b", "edited"]
    assert (edited.before, edited.after) == (first, last)
    assert edited.window == Window(last_seen=FIRST, first_missing=FIRST + 3 * HOUR + LASTS)


def test_only_what_was_taken_in_the_span_is_told_against_the_last_before_it(archive: Archive) -> None:
    for text in ("one", "two", "three", "four"):
        archive.capture(item("a", text))

    (change,) = archive.changes(2, 3)

    assert change.fields == (FieldChange(name="text", before="two", after="three"),)


def test_only_the_kinds_asked_for_are_told(archive: Archive) -> None:
    archive.capture(item("a"), item("b"))
    archive.capture(item("a", "New"))

    (change,) = archive.changes(kinds=[ChangeKind.MISSING])

    assert change.item_id == "b"


def test_moved_counters_are_told_when_they_are_asked_for_by_name(archive: Archive) -> None:
    archive.capture(item("a"), item("b"))
    archive.capture(item("a", like_count=7), item("b"))

    assert archive.told() == []
    (change,) = archive.changes(kinds=[ChangeKind.COUNTERS_MOVED])
    assert (change.item_id, change.fields) == ("a", (FieldChange(name="like_count", before="3", after="7"),))


def test_a_snapshot_whose_counts_show_no_change_is_not_opened(archive: Archive) -> None:
    archive.capture(item("a"))
    archive.capture(item("a"))

    assert archive.told() == []
    assert list_missing(archive.place, archive.pairs()) == ()
    assert archive.vault.opened == []


def test_what_is_missing_has_its_last_listing_also_from_another_month(archive: Archive) -> None:
    first = archive.capture(item("a"), item("b"), item("c"))
    archive.capture(item("a"), item("c"))
    third = archive.capture(item("a"), item("c"), item("d"))
    archive.capture(item("a"))

    missing = list_missing(archive.place, archive.pairs())

    assert [(one.item_id, one.before, one.kind) for one in missing] == [
        ("b", first, ChangeKind.MISSING),
        ("c", third, ChangeKind.MISSING),
        ("d", third, ChangeKind.MISSING),
    ]
    at_third = list_missing(archive.place, (pair for pair in archive.pairs() if pair.after.snapshot <= third))
    assert [one.item_id for one in at_third] == ["b"]


def test_a_follower_who_left_is_missing_and_one_who_came_appeared(tmp_path: Path) -> None:
    archive = open_archive(tmp_path, SUBSCRIBER_LISTS)
    archive.capture(subscriber("a"), subscriber("b"))
    archive.capture(subscriber("b", status="unsubscribed"), subscriber("c"))
    archive.capture(subscriber("b", status="unsubscribed"))

    assert archive.told() == [("a", "missing"), ("b", "edited"), ("c", "appeared"), ("c", "missing")]
    assert list(archive.changes(kinds=[ChangeKind.COUNTERS_MOVED])) == []


def test_the_history_of_an_item_begins_with_what_it_said_first(archive: Archive) -> None:
    first = archive.capture(item("a", "One"), item("b"))
    archive.capture(item("a", "Two"))
    archive.capture(item("a", "Two"), item("b", "Other"), item("c", "Late"))
    archive.capture(item("a", "Three"), item("b", "Other"))

    a, b, c = (read_item_history(archive.place, ACCOUNT, archive.series, name) for name in "abc")

    assert a.first.snapshot == first
    assert [field.after for field in a.fields if field.name == "text"] == ["One"]
    assert [(change.kind.value, change.fields[0].before, change.fields[0].after) for change in a.changes] == [
        ("edited", "One", "Two"),
        ("edited", "Two", "Three"),
    ]
    assert [change.kind.value for change in b.changes] == ["missing", "reappeared", "edited"]
    assert [change.kind.value for change in c.changes] == ["appeared", "missing"]
    assert [field.after for field in c.fields if field.name == "text"] == ["Late"]


def test_nothing_is_left_in_the_scratch_folder(archive: Archive) -> None:
    archive.capture(item("a"))
    archive.capture(item("b"))

    next(iter(archive.changes()))  # and no further

    assert list(archive.place.settings.scratch.iterdir()) == []
