"""What the vault promises, over every store that the product is run on."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from botocore.exceptions import ClientError

from muniment.custody.bucket_policy import restrict_bucket
from muniment.custody.buckets import create_bucket
from muniment.custody.client import connect, store_errors
from muniment.custody.digests import take_digests
from muniment.custody.doctor import examine
from muniment.custody.reading import download_each, read_each
from muniment.custody.shredder import Destroyed, Outcome, Shredder
from muniment.custody.vault import Vault
from muniment.custody.versions import VersionName
from muniment.embedded.ports import pick_free_ports
from muniment.embedded.seaweed import REGION, SeaweedFS
from muniment.errors import (
    AlreadySealedError,
    ChecksumError,
    CustodyError,
    LockNotKeptError,
    ObjectMissingError,
    StoreUnavailableError,
    StoreUnfitError,
)
from muniment.evidence.locks import ObjectLock
from tests.contract.ceph import PROGRAMS, Ceph

UNTIL = datetime(2036, 1, 1, tzinfo=UTC)
TEXT = {"lock_until": UNTIL, "content_type": "text/plain"}


@dataclass
class Server:
    """A store, and what is known to differ about it."""

    name: str
    endpoint: str
    operator: object
    administrator: object
    keeps_far_dates: bool
    kill: object
    start: object

    def connect(self, whose: str = "operator", **options):
        return connect(self.endpoint, REGION, *getattr(self, whose), **options)


@pytest.fixture(scope="module")
def seaweed(tmp_path_factory) -> Iterator[Server]:
    # Not the session's store: this one is killed.
    weed = SeaweedFS(tmp_path_factory.mktemp("contract-seaweed"))
    try:
        weed.start()
        keys = weed.credentials("operator"), weed.credentials("administrator")
        yield Server("seaweed", weed.endpoint, *keys, True, lambda: weed.stop(grace_s=0), weed.start)
    finally:
        weed.stop(grace_s=0)


@pytest.fixture(scope="module")
def ceph(tmp_path_factory) -> Iterator[Server]:
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing and os.environ.get("MUNIMENT_REQUIRE_REAL") != "1":
        pytest.skip(f"needs Debian's radosgw ceph-mon ceph-osd ceph-common; missing: {', '.join(missing)}")
    gateway = Ceph(tmp_path_factory.mktemp("ceph"), pick_free_ports(2))
    try:
        gateway.start()
        keys = gateway.key, gateway.key  # on Ceph the bucket's owner is its administrator
        yield Server("ceph", gateway.endpoint, *keys, False, gateway.kill_gateway, gateway.start_gateway)
    finally:
        gateway.stop()


@pytest.fixture(
    params=[pytest.param("seaweed", marks=pytest.mark.store), pytest.param("ceph", marks=pytest.mark.real)],
    scope="module",
)
def server(request) -> Server:
    return request.getfixturevalue(request.param)


@pytest.fixture
def place(server) -> str:
    name = f"contract-{uuid.uuid4().hex[:12]}"
    create_bucket(server.connect("administrator"), name)
    return name


@pytest.fixture
def room(server, place) -> Vault:
    return Vault(server.connect(), place)


def versions(server: Server, place: str, key: str) -> list:
    return server.connect().list_object_versions(Bucket=place, Prefix=key).get("Versions", [])


def refused(act) -> str:
    with pytest.raises(ClientError) as caught:
        act()
    return caught.value.response["Error"]["Code"]


def test_what_was_sealed_reads_back_with_its_lock(room) -> None:
    sealed = room.seal_bytes("a/b.txt", b"body", lock_until=UNTIL, content_type="text/plain")

    assert room.read("a/b.txt") == b"body"
    assert sealed.sha256 == sha256(b"body").hexdigest()
    assert (sealed.size_bytes, sealed.content_type) == (4, "text/plain")
    assert sealed.locked_until == "2036-01-01T00:00:00.000000Z"
    assert room.find("a/b.txt") == sealed
    assert room.lock_of("a/b.txt") == ObjectLock("COMPLIANCE", UNTIL, legal_hold=False)


@pytest.mark.parametrize("key", ["empty", "ünïcode/ключ", "a b+c/%41", "x=1/y=2/z"])
def test_any_key_and_an_empty_body_can_be_sealed(key, room) -> None:
    room.seal_bytes(key, b"", **TEXT)

    assert room.read(key) == b""
    assert list(room.list_keys("")) == [key]


def test_the_store_itself_shows_every_lock(server, place, room, tmp_path) -> None:
    (tmp_path / "file").write_bytes(b"file")
    room.seal_bytes("bytes", b"body", **TEXT)
    room.seal_file("file", tmp_path / "file", **TEXT)

    for key in ("bytes", "file"):
        retention = server.connect().get_object_retention(Bucket=place, Key=key)["Retention"]
        assert (retention["Mode"], retention["RetainUntilDate"]) == ("COMPLIANCE", UNTIL)


def test_sealing_again_changes_nothing(server, place, room) -> None:
    first = room.seal_bytes("a", b"body", **TEXT)

    assert room.seal_bytes("a", b"body", **TEXT) == first
    assert len(versions(server, place, "a")) == 1


def test_other_bytes_are_refused_and_nothing_is_lost(server, place, room) -> None:
    room.seal_bytes("a", b"body", **TEXT)

    with pytest.raises(AlreadySealedError, match=sha256(b"body").hexdigest()):
        room.seal_bytes("a", b"other", **TEXT)

    assert room.read("a") == b"body"
    assert len(versions(server, place, "a")) == 1


def test_a_missing_lock_is_mended_by_sealing_again(server, place, room) -> None:
    server.connect().put_object(Bucket=place, Key="a", Body=b"body")
    assert room.find("a") is None
    assert room.lock_of("a") is None

    room.seal_bytes("a", b"body", **TEXT)

    assert room.lock_of("a").until == UNTIL


def test_a_governance_lock_is_no_seal_and_is_never_taken_for_one(server, place, room) -> None:
    weak = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": UNTIL}
    server.connect().put_object(Bucket=place, Key="a", Body=b"body", ChecksumAlgorithm="CRC32", **weak)

    assert room.find("a") is None
    with pytest.raises(LockNotKeptError, match="AccessDenied"):
        room.seal_bytes("a", b"body", **TEXT)


def test_a_short_lock_grows_and_a_long_one_never_shrinks(room) -> None:
    room.seal_bytes("a", b"body", **TEXT)
    later = UNTIL + timedelta(days=30)

    assert room.seal_bytes("a", b"body", lock_until=later, content_type="text/plain").locked_until.startswith(
        "2036-01-31"
    )
    assert room.extend_lock("a", UNTIL).until == later
    assert room.seal_bytes("a", b"body", **TEXT).locked_until.startswith("2036-01-31")
    assert room.lock_of("a").until == later


def test_an_extended_object_keeps_its_type_and_its_hash(room) -> None:
    sealed = room.seal_bytes("a", b"body", **TEXT)
    room.extend_lock("a", UNTIL + timedelta(days=1))

    found = room.find("a")

    assert (found.content_type, found.sha256) == (sealed.content_type, sealed.sha256)


def test_a_part_of_a_second_locks_a_little_longer_never_shorter(room) -> None:
    room.seal_bytes("a", b"body", lock_until=UNTIL + timedelta(microseconds=1), content_type="text/plain")

    assert room.lock_of("a").until == UNTIL + timedelta(seconds=1)


def test_a_date_without_a_zone_is_refused(room) -> None:
    with pytest.raises(CustodyError, match="without a zone"):
        room.seal_bytes("a", b"body", lock_until=datetime(2036, 1, 1), content_type="text/plain")  # noqa: DTZ001


def test_a_date_past_2106_is_kept_exactly_or_refused_and_never_left_unlocked(server, room) -> None:
    century = datetime(2126, 1, 1, tzinfo=UTC)
    if server.keeps_far_dates:
        room.seal_bytes("a", b"body", lock_until=century, content_type="text/plain")
        assert room.lock_of("a").until == century
    else:
        with pytest.raises(LockNotKeptError, match=r"expected a COMPLIANCE lock until 2126-01-01"):
            room.seal_bytes("a", b"body", lock_until=century, content_type="text/plain")
        assert room.lock_of("a").until == datetime(2106, 2, 7, 6, 28, 15, tzinfo=UTC)


@pytest.mark.parametrize("whose", ["operator", "administrator"])
def test_a_sealed_version_cannot_be_deleted(whose, server, place, room) -> None:
    room.seal_bytes("a", b"body", **TEXT)
    client = server.connect(whose)
    name = {"Bucket": place, "Key": "a", "VersionId": versions(server, place, "a")[0]["VersionId"]}
    listed = [{"Key": "a", "VersionId": name["VersionId"]}]

    assert refused(lambda: client.delete_object(**name)) == "AccessDenied"
    assert refused(lambda: client.delete_object(**name, BypassGovernanceRetention=True)) == "AccessDenied"
    assert client.delete_objects(Bucket=place, Delete={"Objects": listed})["Errors"][0]["Key"] == "a"
    with pytest.raises(ClientError):
        client.delete_bucket(Bucket=place)

    assert room.read("a") == b"body"


def test_a_delete_marker_and_a_later_version_hide_nothing(server, place, room) -> None:
    sealed = room.seal_bytes("a", b"body", **TEXT)
    client = server.connect()
    client.put_object(Bucket=place, Key="a", Body=b"shadow")
    client.delete_object(Bucket=place, Key="a")

    assert room.read("a") == b"body"
    assert room.find("a") == sealed
    assert list(room.list_keys("")) == ["a"]
    assert room.seal_bytes("a", b"body", **TEXT) == sealed


def test_a_wrong_checksum_is_refused_by_the_store(server, place) -> None:
    code = refused(
        lambda: server.connect().put_object(Bucket=place, Key="a", Body=b"x", ContentMD5="1B2M2Y8AsgTpgAmY7PhCfg==")
    )

    assert code in {"BadDigest", "InvalidDigest"}


def test_eight_writers_of_the_same_bytes_all_succeed(room) -> None:
    with ThreadPoolExecutor(8) as pool:
        sealed = list(pool.map(lambda _: room.seal_bytes("a", b"body", **TEXT), range(8)))

    assert len(set(sealed)) == 1
    assert room.lock_of("a").until == UNTIL


def test_of_eight_writers_of_different_bytes_one_wins_and_the_rest_are_told(server, place, room) -> None:
    def write(number: int) -> bytes | None:
        try:
            room.seal_bytes("a", b"body %d" % number, **TEXT)
        except AlreadySealedError:
            return None
        return b"body %d" % number

    with ThreadPoolExecutor(8) as pool:
        winners = [body for body in pool.map(write, range(8)) if body is not None]

    assert winners == [room.read("a")]
    for version in versions(server, place, "a"):
        name = {"Bucket": place, "Key": "a", "VersionId": version["VersionId"]}
        assert refused(lambda: server.connect().delete_object(**name)) == "AccessDenied"  # noqa: B023


def test_a_file_is_sealed_and_downloaded_whole(room, tmp_path) -> None:
    body = os.urandom(9 * 2**20 + 1)
    (tmp_path / "in").write_bytes(body)

    sealed = room.seal_file("big", tmp_path / "in", lock_until=UNTIL, content_type="application/octet-stream")
    room.download("big", tmp_path / "out")

    assert sealed.sha256 == sha256(body).hexdigest()
    assert (tmp_path / "out").read_bytes() == body
    assert b"".join(room.read_chunks("big")) == body
    assert max(len(chunk) for chunk in room.read_chunks("big")) <= 2**20


def test_a_file_that_is_not_of_its_digests_is_refused_and_nothing_is_left(room, tmp_path) -> None:
    (tmp_path / "in").write_bytes(b"what lies there")

    for written in (b"what was meant!", b"shorter"):
        with pytest.raises(ChecksumError):
            room.seal_file("a", tmp_path / "in", digests=take_digests([written]), **TEXT)
    assert room.find("a") is None


def test_a_range_is_of_the_record_whatever_hides_it_and_never_short(server, place, room) -> None:
    body = os.urandom(3 * 2**20)
    room.seal_bytes("a", body, **TEXT)
    server.connect().put_object(Bucket=place, Key="a", Body=b"shadow")

    size, read = room.open_ranges("a")

    assert size == len(body)
    for first, count in ((0, 1), (0, size), (size - 1, 1), (2**20 - 3, 2**20 + 7)):
        assert read(first, count) == body[first : first + count]
    with pytest.raises(ChecksumError, match="expected 8 bytes of bytes=3145724-3145731, found 4"):
        read(size - 4, 8)


def test_what_was_listed_is_read_in_its_order_whatever_hides_it(server, place, room, tmp_path) -> None:
    for number in range(20):
        room.seal_bytes(f"many/{number:02}", b"body %d" % number, **TEXT)
    client = server.connect()
    client.put_object(Bucket=place, Key="many/03", Body=b"shadow")
    client.delete_object(Bucket=place, Key="many/04")
    listed = list(reversed(list(room.list_objects("many/"))))
    expected = [(f"many/{number:02}", b"body %d" % number) for number in reversed(range(20))]

    assert list(read_each(room, listed)) == expected
    assert [(key, path.read_bytes()) for key, path in download_each(room, listed, tmp_path)] == expected
    assert list(read_each(room, [])) == []


def test_what_was_listed_and_is_gone_since_is_an_error_after_what_came_before_it(server, place, room, tmp_path) -> None:
    client = server.connect()
    for key in ("a", "b", "c"):
        client.put_object(Bucket=place, Key=key, Body=key.encode())
    listed = list(room.list_objects(""))
    name = listed[1].name
    server.connect("administrator").delete_object(Bucket=place, Key="b", VersionId=name.version_id)

    for read in (read_each(room, listed), download_each(room, listed, tmp_path)):
        assert next(read)[0] == "a"
        with pytest.raises(ObjectMissingError, match="b: "):
            next(read)


def test_nothing_is_made_up_for_a_key_that_is_not_there(room, tmp_path) -> None:
    room.seal_bytes("a/b", b"body", **TEXT)

    assert room.find("a") is None
    for act in (room.read, room.lock_of, room.open_ranges, lambda key: room.download(key, tmp_path / "out")):
        with pytest.raises(ObjectMissingError):
            act("a")
    assert not (tmp_path / "out").exists()


def test_listing_shows_each_key_once_over_more_than_one_page(server, place, room) -> None:
    client = server.connect()
    keys = sorted(f"many/{number % 3}/{number:04}" for number in range(1010))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: client.put_object(Bucket=place, Key=key, Body=b"x"), keys))

    assert list(room.list_keys("many/")) == keys
    assert room.list_folders("many/") == ["many/0/", "many/1/", "many/2/"]
    assert room.list_folders("") == ["many/"]
    assert room.list_folders("none/") == []


def test_a_bucket_without_object_lock_is_refused(server) -> None:
    client = server.connect("administrator")
    client.create_bucket(Bucket="plain-bucket")

    with pytest.raises(StoreUnfitError, match="found Object Lock absent"):
        create_bucket(client, "plain-bucket")
    with pytest.raises(CustodyError, match="InvalidRequest"):
        Vault(server.connect(), "plain-bucket").seal_bytes("a", b"body", **TEXT)


def test_a_bucket_that_is_not_there_is_missing(server) -> None:
    with pytest.raises(ObjectMissingError, match="NoSuchBucket"):
        Vault(server.connect(), "no-such-bucket").seal_bytes("a", b"body", **TEXT)


def test_the_doctor_passes_the_store(server, place) -> None:
    restricted = restrict_bucket(server.connect("administrator"), place)

    report = examine(server.connect(), place, administrator=server.connect("administrator"))

    faults = {finding.code for finding in report.findings}
    assert faults == (set() if server.keeps_far_dates else {"D014"}) | (set() if restricted else {"D015"})
    assert report.passed
    assert report.keys_tried == ("operator", "administrator")


def test_the_shredder_destroys_the_versions_and_markers_that_neither_lock_nor_hold_keeps(server, place) -> None:
    client, key, name = server.connect(), "records/a", {"Bucket": place, "Key": "records/a"}
    lock = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": UNTIL}
    ids = [
        client.put_object(**name, Body=b"body", ChecksumAlgorithm="CRC32", **more)["VersionId"]
        for more in (lock, {"ObjectLockLegalHoldStatus": "ON"}, {}, {})
    ]
    locked, held, free, gone = (VersionName(place, key, version) for version in ids)
    marker = VersionName(place, key, client.delete_object(**name)["VersionId"])
    shredder = Shredder(server.connect("administrator"), place)
    assert shredder.destroy([gone]) == (Destroyed(gone, Outcome.DELETED),)

    found = shredder.destroy([locked, held, free, gone, marker])

    assert [(item.outcome, item.code) for item in found] == [
        (Outcome.REFUSED, "locked"),
        (Outcome.REFUSED, "held"),
        (Outcome.DELETED, None),
        (Outcome.ABSENT, None),
        (Outcome.DELETED, None),
    ]
    assert {version.name for version in shredder.list_versions("records/")} == {locked, held}
    assert [shredder.is_absent(item.version) for item in found] == [False, False, True, True, True]


def test_writes_through_a_kill_end_whole_locked_and_once(server, place) -> None:
    vault = Vault(server.connect(attempts=1, timeout_s=5), place)
    bodies = {f"k/{number:02}": b"body %d" % number for number in range(40)}
    killed = threading.Event()

    def write_until_it_fails() -> None:
        for key, body in bodies.items():
            if key == "k/10":
                killed.set()
            vault.seal_bytes(key, body, **TEXT)

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write_until_it_fails)
        killed.wait(60)
        server.kill()
        with pytest.raises(StoreUnavailableError):
            writing.result()
    server.start()
    for key, body in bodies.items():
        vault.seal_bytes(key, body, **TEXT)

    assert {key: vault.read(key) for key in vault.list_keys("k/")} == bodies
    assert all(vault.lock_of(key).until == UNTIL for key in bodies)


def test_a_store_that_is_gone_is_unavailable_for_every_act(tmp_path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        vault = Vault(connect(f"http://127.0.0.1:{taken.getsockname()[1]}", REGION, "k", "s", attempts=1), "b")
        (tmp_path / "file").write_bytes(b"")

        for act in (
            lambda: vault.seal_bytes("a", b"", **TEXT),
            lambda: vault.seal_file("a", tmp_path / "file", **TEXT),
            lambda: vault.find("a"),
            lambda: vault.read("a"),
            lambda: vault.lock_of("a"),
            lambda: vault.extend_lock("a", UNTIL),
            lambda: list(vault.list_keys("a")),
            lambda: vault.list_folders("a"),
        ):
            with pytest.raises(StoreUnavailableError):
                act()


@pytest.mark.store
def test_a_checksum_that_does_not_fit_is_an_error_of_its_own(vault, operator_client) -> None:
    with pytest.raises(ChecksumError), store_errors("a"):
        operator_client.put_object(Bucket=vault.bucket, Key="a", Body=b"x", ContentMD5="1B2M2Y8AsgTpgAmY7PhCfg==")
