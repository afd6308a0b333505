"""The repository is a real one: hashes, tree order, signature, checked by other code than made it."""

import base64
import hashlib
from typing import Any

import libipld
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from platform_simulator.dagcbor import cid_of_block, encode, varint
from platform_simulator.repository import build_car, signing_key
from tests.unit.platform_simulator.asking import CITY, Asked

HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def point_of(multikey: str) -> ec.EllipticCurvePublicKey:
    assert multikey[0] == "z"
    number = 0
    for letter in multikey[1:]:
        number = number * 58 + ALPHABET.index(letter)
    raw = number.to_bytes(35, "big")
    assert raw[:2] == b"\xe7\x01"
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256K1(), raw[2:])


def read_blocks(car: bytes) -> tuple[dict[str, Any], dict[bytes, bytes]]:
    def number(at: int) -> tuple[int, int]:
        value = shift = 0
        while True:
            byte = car[at]
            at, value, shift = at + 1, value | (byte & 127) << shift, shift + 7
            if byte < 128:
                return value, at

    size, at = number(0)
    header, at, blocks = libipld.decode_dag_cbor(car[at : at + size]), at + size, {}
    while at < len(car):
        size, at = number(at)
        cid, block = car[at : at + 36], car[at + 36 : at + size]
        assert cid == b"\x01\x71\x12\x20" + hashlib.sha256(block).digest()
        blocks[cid] = block
        at += size
    return header, blocks


def walk(blocks: dict[bytes, bytes], node: bytes, layer: int | None) -> list[tuple[bytes, bytes]]:
    value, found, key = libipld.decode_dag_cbor(blocks[node]), [], b""
    for entry in value["e"]:
        key = key[: entry["p"]] + entry["k"]
        zeros = len(f"{int.from_bytes(hashlib.sha256(key).digest(), 'big'):0256b}".split("1")[0]) // 2
        assert layer in (None, zeros)
        layer = zeros
    below = None if layer is None else layer - 1
    found += walk(blocks, value["l"], below) if value["l"] else []
    key = b""
    for entry in value["e"]:
        key = key[: entry["p"]] + entry["k"]
        found.append((key, entry["v"]))
        found += walk(blocks, entry["t"], below) if entry["t"] else []
    return found


def check_car(car: bytes, did: str, key: ec.EllipticCurvePublicKey) -> dict[str, Any]:
    header, blocks = read_blocks(car)
    commit = libipld.decode_dag_cbor(blocks[header["roots"][0]])
    assert (commit["did"], commit["version"], commit["prev"]) == (did, 3, None)
    signature = commit.pop("sig")
    r, s = (int.from_bytes(part, "big") for part in (signature[:32], signature[32:]))
    assert s <= HALF_ORDER
    # libipld writes bytes as bytes: the link in `data` is put back under its tag before the check.
    unsigned = libipld.encode_dag_cbor({**commit, "data": b"?"})
    unsigned = unsigned.replace(b"\x41?", b"\xd8\x2a\x58\x25\x00" + commit["data"])
    key.verify(encode_dss_signature(r, s), unsigned, ec.ECDSA(hashes.SHA256()))
    listed = walk(blocks, commit["data"], None)
    paths = [path for path, _ in listed]
    assert paths == sorted(set(paths))
    return {path.decode(): libipld.decode_dag_cbor(blocks[cid]) for path, cid in listed}


def served(asked: Asked, name: str = CITY) -> tuple[str, bytes, ec.EllipticCurvePublicKey]:
    did = asked.read("/xrpc/com.atproto.identity.resolveHandle", handle=name)["did"]
    document = asked.read(f"/{did}")
    car = asked.ask("/xrpc/com.atproto.sync.getRepo", params={"did": did})
    assert car.headers["content-type"] == "application/vnd.ipld.car"
    return did, car.content, point_of(document["verificationMethod"][0]["publicKeyMultibase"])


def test_a_commit_that_was_changed_does_not_verify() -> None:
    did, car, key = served(Asked())
    with pytest.raises((InvalidSignature, AssertionError)):
        check_car(car.replace(b"crev", b"cver", 1), did, key)
    other = signing_key("s", "did:plc:other").public_key()
    with pytest.raises(InvalidSignature):
        check_car(car, did, other)


def test_the_repository_holds_what_the_account_shows() -> None:
    asked = Asked()
    did, car, key = served(asked)
    records = check_car(car, did, key)
    posts = {f"at://{did}/{path}": value["text"] for path, value in records.items() if "feed.post" in path}
    shown = {one["post"]["uri"]: one["post"]["record"]["text"] for one in asked.feed()["feed"]}
    assert posts == shown
    assert records["app.bsky.actor.profile/self"]["displayName"] == "City"
    (gate,) = [value for path, value in records.items() if "threadgate" in path]
    assert len(gate["hiddenReplies"]) == 1


def test_the_cids_of_views_are_those_of_the_repository() -> None:
    asked = Asked()
    _, blocks = read_blocks(served(asked)[1])
    named = {"b" + base64.b32encode(cid).decode().lower().rstrip("=") for cid in blocks}
    assert {one["post"]["cid"] for one in asked.feed()["feed"]} <= named


def test_an_unchanged_repository_is_the_same_bytes_and_a_changed_one_has_a_later_revision() -> None:
    asked = Asked()
    did, first, key = served(asked)
    asked.advance(60)
    assert served(asked)[1] == first
    before = asked.read("/xrpc/com.atproto.sync.getRepoStatus", did=did)
    asked.advance(3600)
    _, second, _ = served(asked)
    after = asked.read("/xrpc/com.atproto.sync.getRepoStatus", did=did)
    assert second != first
    assert after["rev"] > before["rev"]
    assert check_car(second, did, key)["app.bsky.actor.profile/self"]["displayName"] == "The City"


def test_a_resident_has_a_repository_too() -> None:
    did, car, key = served(Asked(), "ana.people.example")
    assert {path.split("/")[0] for path in check_car(car, did, key)} == {
        "app.bsky.actor.profile",
        "app.bsky.feed.post",
        "app.bsky.graph.follow",
    }


def test_a_closed_account_has_none() -> None:
    asked = Asked()
    did = asked.read("/xrpc/com.atproto.identity.resolveHandle", handle="ben.people.example")["did"]
    asked.advance(3 * 3600)
    assert asked.ask("/xrpc/com.atproto.sync.getRepo", params={"did": did}).json()["error"] == "RepoDeactivated"
    status = asked.read("/xrpc/com.atproto.sync.getRepoStatus", did=did)
    assert status == {"did": did, "active": False, "status": "deactivated"}
    unknown = asked.ask("/xrpc/com.atproto.sync.getRepoStatus", params={"did": "did:plc:no"})
    assert (unknown.status_code, unknown.json()["error"]) == (400, "RepoNotFound")


@given(st.integers(0, 400))
def test_a_tree_of_any_size_is_whole_and_in_order(number: int) -> None:
    key = signing_key("s", "did:plc:x")
    records = {f"app.bsky.feed.post/{index:013d}": {"n": index} for index in range(number)}
    found = check_car(build_car("did:plc:x", "3kaaaaaaaaaaa", records, key), "did:plc:x", key.public_key())
    assert found == records


# libipld takes bytes that happen to read as a CID for a link; no CID begins with 0xff.
plain_bytes = st.binary().map(lambda body: b"\xff" + body)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text() | plain_bytes,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=30), inner, max_size=30),
    max_leaves=40,
)


@given(values)
def test_dag_cbor_is_what_another_encoder_writes(value: Any) -> None:
    assert encode(value) == libipld.encode_dag_cbor(value)


@given(st.integers(0, 2**40))
def test_a_varint_reads_back(value: int) -> None:
    raw = varint(value)
    assert sum((byte & 127) << 7 * place for place, byte in enumerate(raw)) == value
    assert [byte > 127 for byte in raw] == [True] * (len(raw) - 1) + [False]


def test_a_cid_is_written_as_another_library_reads_it() -> None:
    block = encode({"a": 1})
    assert libipld.decode_cid(str(cid_of_block(block)))["hash"]["digest"] == hashlib.sha256(block).digest()
