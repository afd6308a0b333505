"""The log's writer: killed at every write, raced, lied to."""

from __future__ import annotations

import json
import random
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from muniment.custody.log_tip import find_last_batch, read_from, read_key_records
from muniment.errors import AlreadySealedError, ConfigurationError, LogError, ProofError
from muniment.evidence.checkpoint import open_checkpoint, parse_checkpoint, sign_checkpoint
from muniment.evidence.layout import log_batch_key, log_checkpoint_key
from muniment.evidence.log_audit import audit_tree
from muniment.evidence.log_proof import check_continues
from muniment.evidence.log_records import KEY_KIND, Batch, KeyRecord, entry_of
from muniment.evidence.notes import make_signing_key, parse_note
from muniment.evidence.tiles import parse_tile, tiles_of
from tests.unit.custody.log_room import (
    NOW,
    ORIGIN,
    RETENTION,
    UNTIL,
    Killed,
    MemoryVault,
    Room,
    made_up,
    make_room,
    root_by_definition,
)


def check_whole(room: Room, expected: int) -> None:
    """Check that the log has each of the *expected* made-up entries once, and every file that goes with them."""
    tip = room.writer.settle()
    entries = room.logged(tip)
    assert sorted(entry.key for entry in entries[1:]) == sorted(entry.key for entry in made_up(expected))
    assert entries[0].kind == KEY_KIND
    assert tip.checkpoint.root == root_by_definition(entries)
    tiles = [parse_tile(key.removeprefix("log/")) for key in room.vault.list_keys("log/tile/")]
    audit = audit_tree(read_from(room.vault), tip.checkpoint.size, tip.checkpoint.root, also=tiles)
    assert (audit.sound, audit.faults) == (True, ())
    known = [record.verifier for record in read_key_records(room.vault)]
    earlier = None
    for seq in range(tip.seq + 1):
        note = room.vault.read(log_checkpoint_key(seq))
        checkpoint = open_checkpoint(note, known, origin=ORIGIN).checkpoint
        assert checkpoint.root == root_by_definition(entries[: checkpoint.size])
        assert {tile.path for tile in tiles_of(checkpoint.size)} <= {tile.path for tile in tiles}
        if earlier is not None:
            check_continues(read_from(room.vault), earlier, checkpoint)
        earlier = checkpoint


@pytest.mark.parametrize("sizes", [(3,), (1, 255, 2), (300, 5), (254, 1, 1, 600)])
def test_a_log_is_whole_after_any_growth(sizes: tuple[int, ...]) -> None:
    room = make_room()
    for place in range(len(sizes)):
        room.append(made_up(sum(sizes[: place + 1])))

    check_whole(room, sum(sizes))


@pytest.mark.parametrize("dies_after", [False, True])
@pytest.mark.parametrize("begun", [0, 254, 300])
def test_killed_at_every_write_the_next_run_makes_it_whole(begun: int, dies_after: bool) -> None:
    start = make_room()
    if begun:
        start.append(made_up(begun))
    deaths = 0
    while True:
        room = Room(start.vault.copy(), start.keys)
        room.vault.dies_at, room.vault.dies_after = deaths, dies_after
        try:
            room.append(made_up(begun + 7))
        except Killed:
            room.vault.dies_at = None
            room.append(made_up(begun + 7), at=NOW + timedelta(days=40))
            check_whole(room, begun + 7)
            deaths += 1
            continue
        break

    # A batch, a bundle, a tile or three, a checkpoint; before them, once, the key's record.
    assert deaths >= 4


def test_what_a_later_run_finishes_is_locked_as_its_batch_says() -> None:
    room = make_room()
    room.append(made_up(3))
    batch = json.loads(room.vault.read(log_batch_key(0)))

    assert batch["retention"]["locked_until"] == UNTIL
    assert {item.until for item in room.vault.objects.values()} == {datetime(2031, 12, 1, 8, tzinfo=UTC)}


def test_a_lost_race_is_told_and_writes_nothing_else() -> None:
    room = make_room()
    tip = room.append(made_up(3))
    (signer,) = room.keys
    room.append(made_up(5))
    held = set(room.vault.objects)

    with pytest.raises(AlreadySealedError):
        room.writer.append(tip, made_up(1, start=50), [signer], at=NOW, retention=RETENTION)

    assert set(room.vault.objects) == held
    check_whole(room, 5)


# Twenty in every run of the tests, the others in the long one.
@pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=() if seed < 20 else pytest.mark.real) for seed in range(100)]
)
def test_two_writers_at_once_with_kills_in_between_make_one_history_with_every_entry_once(seed: int) -> None:
    room, chance = make_room(), random.Random(seed)
    room.vault.dies_at, room.vault.dies_after = chance.randrange(40), bool(chance.randrange(2))
    problems: list[BaseException] = []

    def write(order: random.Random) -> None:
        # Each comes upon the manifests in its own order, a few more every time.
        for upto in (*sorted(order.sample(range(1, 60), 4)), 60):
            while True:
                try:
                    room.append(made_up(upto), at=NOW + timedelta(seconds=order.randrange(10**6)))
                except Killed:
                    continue  # started again
                except BaseException as error:  # noqa: BLE001 - told below
                    problems.append(error)
                break

    writers = [threading.Thread(target=write, args=(random.Random(chance.random()),)) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert problems == []
    check_whole(room, 60)


def test_a_forced_fork_is_two_checkpoints_that_do_not_continue_each_other() -> None:
    one = make_room()
    one.append(made_up(3))
    other = Room(one.vault.copy(), one.keys)
    first, second = one.append(made_up(5)), other.append(made_up(3) + made_up(4, start=9))

    with pytest.raises(ProofError, match="expected root"):
        check_continues(read_from(other.vault), first.checkpoint, second.checkpoint)
    with pytest.raises(ProofError, match="expected 8 entries or more, found 6"):
        check_continues(read_from(one.vault), second.checkpoint, first.checkpoint)


def test_a_batch_that_no_key_of_the_log_signed_is_never_made_part_of_it() -> None:
    room, stranger = make_room(), make_signing_key(ORIGIN)
    tip = room.append(made_up(3))
    forged = Batch(
        origin=ORIGIN,
        seq=1,
        first=4,
        entries=tuple(made_up(1, start=9)),
        signers=tuple(room.keys),
        written_at="2026-11-21T12:00:00.000000Z",
        retention=RETENTION,
    )
    for signers in (forged, replace(forged, signers=(stranger.verifier.id.hex(),))):
        other = Room(room.vault.copy(), room.keys)
        other.vault.seal_bytes(log_batch_key(1), signers.sign([stranger]), lock_until=NOW, content_type="x/y")
        with pytest.raises(LogError):
            other.writer.settle()
        assert log_checkpoint_key(1) not in other.vault.objects
    assert tip.seq == 0


@pytest.mark.parametrize("change", [{"first": 3}, {"first": 5}, {"origin": "other.example/x"}, {"seq": 2}])
def test_a_batch_that_does_not_follow_is_refused(change: dict[str, object]) -> None:
    room = make_room()
    room.append(made_up(3))
    (key,) = room.keys.values()
    batch = Batch(
        origin=ORIGIN,
        seq=1,
        first=4,
        entries=tuple(made_up(1, start=9)),
        signers=tuple(room.keys),
        written_at="2026-11-21T12:00:00.000000Z",
        retention=RETENTION,
    )
    room.vault.seal_bytes(log_batch_key(1), replace(batch, **change).sign([key]), lock_until=NOW, content_type="x/y")
    with pytest.raises(LogError, match="expected"):
        room.writer.settle()


def test_a_tile_that_does_not_lead_to_the_signed_root_stops_the_writer() -> None:
    room = make_room()
    room.append(made_up(3))
    tile = room.vault.objects["log/tile/0/000.p/4"]
    tile.body = bytes(32) + tile.body[32:]
    with pytest.raises(LogError, match="expected root"):
        room.append(made_up(5))


def test_a_bundle_that_is_not_what_its_tile_has_stops_the_writer() -> None:
    room = make_room()
    room.append(made_up(3))
    bundle = room.vault.objects["log/tile/entries/000.p/4"]
    bundle.body = bundle.body.replace(b"records/2", b"records/3")
    (signer,) = room.keys
    room.writer.append(room.writer.settle(), made_up(1, start=9), [signer], at=NOW, retention=RETENTION)
    with pytest.raises(LogError, match="expected the entries of its leaf hashes"):
        room.writer.settle()


def test_a_checkpoint_of_another_size_than_its_batch_makes_stops_the_writer() -> None:
    room = make_room()
    tip = room.append(made_up(3))
    held = room.vault.objects[log_checkpoint_key(0)]
    held.body = sign_checkpoint(replace(tip.checkpoint, size=3), room.keys.values())
    with pytest.raises(LogError, match="expected 4 entries signed by"):
        room.writer.settle()


def test_without_the_key_that_must_sign_nothing_is_written() -> None:
    room = make_room()
    room.append(made_up(3))
    other = make_signing_key(ORIGIN)
    stranger = Room(room.vault, {other.verifier.id.hex(): other})
    held = set(room.vault.objects)
    with pytest.raises(ConfigurationError, match="expected the key"):
        stranger.append(made_up(5))

    assert set(room.vault.objects) == held


def test_what_is_no_key_record_stops_nothing_and_vouches_for_nothing() -> None:
    room, stranger = make_room(), make_signing_key(ORIGIN)
    room.append(made_up(3))
    record = KeyRecord(vkey=stranger.verifier.vkey, previous=None)
    for key, body in {"log/keys/junk.json": b"{}", "log/keys/moved.json": record.sign([stranger])}.items():
        room.vault.seal_bytes(key, body, lock_until=NOW, content_type="x/y")

    room.append(made_up(5))

    check_whole(room, 5)
    assert len(read_key_records(room.vault)) == 1


def test_a_key_that_appointed_itself_signs_no_batch() -> None:
    room, stranger = make_room(), make_signing_key(ORIGIN)
    tip = room.append(made_up(3))
    thief = Room(room.vault, {stranger.verifier.id.hex(): stranger})
    record = KeyRecord(vkey=stranger.verifier.vkey, previous=None)
    body = thief.writer.seal_key_record(record, list(thief.keys), RETENTION)
    thief.writer.append(tip, [entry_of(KEY_KIND, record.key, body)], list(thief.keys), at=NOW, retention=RETENTION)
    with pytest.raises(LogError, match="expected it signed by"):
        room.writer.settle()
    assert log_checkpoint_key(1) not in room.vault.objects


def test_a_log_without_its_beginning_is_not_begun_anew() -> None:
    room = make_room()
    room.append(made_up(3))
    room.append(made_up(5))
    del room.vault.objects[log_batch_key(0)]
    with pytest.raises(LogError, match="before all others"):
        room.writer.settle()
    del room.vault.objects[log_batch_key(1)]
    with pytest.raises(LogError, match="before all others"):
        room.writer.settle()


@pytest.mark.parametrize("hint", [-1, 0, 3, 40, 41, 1000])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 17, 41])
def test_the_last_batch_is_found_from_any_hint_without_reading_them_all(count: int, hint: int) -> None:
    vault = MemoryVault()
    for seq in range(count):
        vault.seal_bytes(log_batch_key(seq), b"x", lock_until=NOW, content_type="x/y")

    assert find_last_batch(vault, hint) == count - 1


def hand_over(room: Room) -> str:
    """Replace the key; return the new one's id."""
    new = make_signing_key(ORIGIN)
    tip = room.writer.settle()
    old = str(tip.signer)
    room.keys[new.verifier.id.hex()] = new
    signers = [old, new.verifier.id.hex()]
    record = KeyRecord(vkey=new.verifier.vkey, previous=room.keys[old].verifier.vkey)
    body = room.writer.seal_key_record(record, signers, RETENTION)
    room.writer.append(tip, [entry_of(KEY_KIND, record.key, body)], signers, at=NOW, retention=RETENTION)
    return signers[1]


def test_a_new_key_signs_from_its_batch_on_and_the_old_checkpoints_stay_verifiable() -> None:
    room = make_room()
    (old,) = room.keys
    room.append(made_up(3))
    new = hand_over(room)
    room.writer.settle()
    del room.keys[old]
    room.append(made_up(5))

    signed = [
        [line.key_id.hex() for line in parse_note(room.vault.read(log_checkpoint_key(seq))).signatures]
        for seq in range(3)
    ]
    assert signed == [[old], [old, new], [new]]
    known = [record.verifier for record in read_key_records(room.vault)]
    for seq in range(3):
        open_checkpoint(room.vault.read(log_checkpoint_key(seq)), known, origin=ORIGIN)


def test_the_old_key_signs_nothing_after_the_new_one() -> None:
    room = make_room()
    (old,) = room.keys
    room.append(made_up(3))
    hand_over(room)
    tip = room.writer.settle()
    room.writer.append(tip, made_up(1, start=9), [old], at=NOW, retention=RETENTION)
    with pytest.raises(LogError, match="expected it signed by"):
        room.writer.settle()


def test_an_append_reads_a_handful_of_files_however_long_the_log() -> None:
    room = make_room()
    room.append(made_up(4000))
    seq = room.writer.settle().seq
    (signer,) = room.keys
    room.vault.reads.clear()
    room.writer.append(room.writer.settle(hint=seq), made_up(1, start=9999), [signer], at=NOW, retention=RETENTION)
    room.writer.settle(hint=seq)

    tree = [key for key in room.vault.reads if key.startswith("log/tile/")]
    assert sorted(tree) == ["log/tile/0/015.p/161", "log/tile/1/000.p/15", "log/tile/entries/015.p/161"]


def test_the_log_of_a_checkpoint_is_told_by_its_text_alone() -> None:
    room = make_room()
    tip = room.append(made_up(3))

    assert parse_checkpoint(parse_note(tip.note).text) == tip.checkpoint
