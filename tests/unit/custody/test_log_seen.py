"""What a machine remembers of a log: it tells a rollback and a fork, and is never believed against the tree."""

from __future__ import annotations

from pathlib import Path

import pytest

from muniment.custody.log_seen import LogSeen
from muniment.errors import LogError
from tests.unit.custody.log_room import Room, made_up, make_room


@pytest.fixture
def seen(tmp_path: Path) -> LogSeen:
    return LogSeen(tmp_path / "seen")


def test_an_older_state_put_back_and_another_history_are_told(seen: LogSeen) -> None:
    room = make_room()
    room.append(made_up(3))
    older = Room(room.vault.copy(), room.keys)
    forked = Room(room.vault.copy(), room.keys)
    seen.remember(room.append(made_up(5)))
    forked.append(made_up(3) + made_up(9, start=50))
    _, note = seen.last()

    for other in (older, forked):
        with pytest.raises(LogError, match="expected it to continue what"):
            seen.check(other.vault, other.writer.settle(), note)
    seen.check(room.vault, room.append(made_up(700)), note)


def test_nothing_seen_contradicts_nothing(seen: LogSeen) -> None:
    room = make_room()

    assert seen.last() == (-1, b"")
    seen.check(room.vault, room.append(made_up(3)), b"")


@pytest.mark.parametrize("body", [b"", b"x\nnote", b"7\n", b"-1\nnote"])
def test_a_broken_memory_is_no_memory(seen: LogSeen, body: bytes) -> None:
    seen.folder.mkdir()
    (seen.folder / "last").write_bytes(body)

    assert seen.last() == (-1, b"")


def test_full_bundles_are_fetched_once_and_the_rest_every_time(seen: LogSeen) -> None:
    room = make_room()
    size = room.append(made_up(700)).checkpoint.size
    first = list(seen.entries(room.vault, size))
    room.vault.reads.clear()

    assert list(seen.entries(room.vault, size)) == first
    assert list(seen.entries(room.vault, size, 300)) == first[300:]
    assert {key for key in room.vault.reads if "entries" in key} == {"log/tile/entries/002.p/189"}


def test_a_bundle_of_another_log_is_never_taken_for_this_ones(seen: LogSeen) -> None:
    one, other = make_room(), make_room()
    sizes = [room.append(made_up(300, start)).checkpoint.size for room, start in ((one, 0), (other, 7))]
    list(seen.entries(one.vault, sizes[0]))

    assert list(seen.entries(other.vault, sizes[1])) == [
        entry.to_bytes() for entry in other.logged(other.writer.settle())
    ]


def test_an_altered_bundle_is_refused(seen: LogSeen) -> None:
    room = make_room()
    size = room.append(made_up(300)).checkpoint.size
    bundle = room.vault.objects["log/tile/entries/000"]
    bundle.body = bundle.body.replace(b"records/7", b"records/8")
    with pytest.raises(LogError, match="expected the entries that the tiles vouch for"):
        list(seen.entries(room.vault, size))
