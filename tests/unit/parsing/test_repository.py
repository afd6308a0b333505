from __future__ import annotations

import base64
import json
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import libipld
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from muniment.errors import ParseError
from muniment.parsing.repository import repository_post_ids
from muniment.parsing.signatures import parse_signing_key
from muniment.records.agency import Platform
from muniment.records.page import Page, Purpose
from muniment.records.rows import Declared, PageFault, ParsedPage
from muniment.records.series import OFFICIAL_POSTS
from tests.unit.parsing.pages import page_of, parse, recorded_pages

CITY = Path(__file__).parents[2] / "replies" / "bluesky-city-of-x"
DID = json.loads((CITY / "made-before.json").read_bytes())["accounts"]["cityofx"]["did"]
CAR = {"content-type": "application/vnd.ipld.car"}
K256_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141

# https://github.com/bluesky-social/atproto, interop-test-files/crypto/signature-fixtures.json
MESSAGE = base64.b64decode("oWVoZWxsb2V3b3JsZA==")
P256 = ("EcdsaSecp256r1VerificationKey2019", "zxdM8dSstjrpZaRUwBmDvjGXweKuEMVN95A9oJBFjkWMh")
K256 = ("EcdsaSecp256k1VerificationKey2019", "z25z9DTpsiYYJKGsWmSPJK2NFN8PcJtZig12K59UgW7q5t")
P256_MULTIKEY = ("Multikey", "zDnaembgSGUhZULN2Caob4HLJPaxBh92N7rtH21TErzqf8HQo")
K256_MULTIKEY = ("Multikey", "zQ3shqwJEJyMBsBXCWyCBpUBMqxcon9oHB7mCvx4sSpMdLJwc")
P256_LOW = "2vZNsG3UKvvO/CDlrdvyZRISOFylinBh0Jupc6KcWoJWExHptCfduPleDbG3rko3YZnn9Lw0IjpixVmexJDegg"
K256_LOW = "5WpdIuEUUfVUYaozsi8G0B3cWO09cgZbIIwg1t2YKdUn/FEznOndsz/qgiYb89zwxYCbB71f7yQK5Lr7NasfoA"
P256_HIGH = "2vZNsG3UKvvO/CDlrdvyZRISOFylinBh0Jupc6KcWoKp7O4VS9giSAah8k5IUbXIW00SuOrjfEqQ9HEkN9JGzw"
K256_HIGH = "5WpdIuEUUfVUYaozsi8G0B3cWO09cgZbIIwg1t2YKdXYA67MYxYiTMAVfdnkDCMN9S5B3vHosRe07aORmoshoQ"

# The same project's w3c_didkey_K256.json: a private key, and its did:key.
W3C_K256 = [
    (
        "9085d2bef69286a6cbb51623c8fa258629945cd55ca705cc4e66700396894e0c",
        "zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme",
    ),
    (
        "f0f4df55a2b3ff13051ea814a8f24ad00f2e469af73c363ac7e9fb999a9072ed",
        "zQ3shtxV1FrJfhqE1dvxYRcCknWNjHc3c5X1y3ZSoPDi2aur2",
    ),
]


def signature(text: str) -> bytes:
    return base64.b64decode(text + "==")


@pytest.mark.parametrize(("key", "high"), [(P256, P256_HIGH), (K256, K256_HIGH), (P256_MULTIKEY, P256_HIGH)])
def test_published_signatures_with_high_s_are_refused(key: tuple[str, str], high: str) -> None:
    with pytest.raises(ParseError, match="expected low-S, found high-S"):
        parse_signing_key(*key).check_signature(signature(high), MESSAGE)


@pytest.mark.parametrize(
    ("key", "low"), [(P256, P256_LOW), (K256, K256_LOW), (P256_MULTIKEY, P256_LOW), (K256_MULTIKEY, K256_LOW)]
)
def test_published_signatures_verify_over_their_message_and_no_other(key: tuple[str, str], low: str) -> None:
    parse_signing_key(*key).check_signature(signature(low), MESSAGE)

    with pytest.raises(ParseError, match="expected one by the account's key"):
        parse_signing_key(*key).check_signature(signature(low), MESSAGE + b"!")


@pytest.mark.parametrize(
    "sig", [b"", signature(K256_LOW)[:-1], signature(K256_LOW) + b"\0", b"\0" + signature(K256_LOW)]
)
def test_a_signature_of_another_length_is_refused(sig: bytes) -> None:
    with pytest.raises(ParseError, match=f"signature: expected 64 bytes, found {len(sig)}"):
        parse_signing_key(*K256).check_signature(sig, MESSAGE)


@pytest.mark.parametrize("sig", [bytes(64), b"\xff" * 64, signature(K256_LOW)[::-1]])
def test_what_is_no_signature_is_refused(sig: bytes) -> None:
    with pytest.raises(ParseError, match="signature: expected"):
        parse_signing_key(*K256).check_signature(sig, MESSAGE)


@pytest.mark.parametrize(
    ("type_", "multibase"),
    [
        ("Multikey", ""),
        ("Multikey", "z"),
        ("Multikey", "zOOO0"),
        ("Multikey", "uQ3shqwJEJyMBsBXCWyCBpUBMqxcon9oHB7mCvx4sSpMdLJwc"),
        ("Multikey", K256[1]),
        ("Multikey", "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"),  # Ed25519
        ("Ed25519VerificationKey2020", "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"),
        (K256[0], "z" + "1" * 33),
        (K256[0], "z" + "z" * 5000),
    ],
)
def test_what_is_no_account_key_is_refused(type_: str, multibase: str) -> None:
    with pytest.raises(ParseError, match="signing key: expected"):
        parse_signing_key(type_, multibase)


@pytest.mark.parametrize(("private", "multikey"), W3C_K256)
def test_published_did_keys_are_read_as_their_points(private: str, multikey: str) -> None:
    point = ec.derive_private_key(int(private, 16), ec.SECP256K1()).public_key()

    assert parse_signing_key("Multikey", multikey).key == point


@given(st.text(max_size=80))
def test_no_text_makes_the_key_reader_raise_anything_else(text: str) -> None:
    for type_ in ("Multikey", K256[0], text):
        with pytest.raises(ParseError):
            parse_signing_key(type_, text)


@cache
def recorded() -> tuple[bytes, bytes]:
    pages = {page.purpose: page.body for page in recorded_pages(CITY / "before.warc.gz", DID)}
    return pages[Purpose.REPOSITORY], pages[Purpose.DID_DOCUMENT]


def verify(car: bytes, document: Any | None = None) -> ParsedPage:
    did = recorded()[1] if document is None else json.dumps(document).encode()
    return parse(
        page_of(car, Purpose.REPOSITORY, headers=CAR),
        Platform.BLUESKY,
        OFFICIAL_POSTS,
        reference=[page_of(did, Purpose.DID_DOCUMENT)],
    )


def fault_of(parsed: ParsedPage) -> str:
    [fault] = parsed.faults
    assert (fault.code, parsed.rows, parsed.declared) == ("G005", [], [])
    return fault.detail


def varint(number: int) -> bytes:
    out = b""
    while number > 0x7F:
        out, number = out + bytes([number & 0x7F | 0x80]), number >> 7
    return out + bytes([number])


def blocks_of(car: bytes) -> tuple[bytes, dict[bytes, bytes]]:
    """Read a well-formed CAR by the library's own reader."""
    header, blocks = libipld.decode_car(car)
    raw, position, first = {}, 0, True
    while position < len(car):
        size, shift = 0, 0
        while True:
            byte = car[position]
            position += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        if not first:
            raw[car[position : position + 36]] = car[position + 36 : position + size]
        first, position = False, position + size
    assert len(raw) == len(blocks)
    return bytes(header["roots"][0]), raw


def car_of(root: bytes, blocks: dict[bytes, bytes]) -> bytes:
    header = libipld.encode_dag_cbor({"roots": [], "version": 1})
    link = b"\xd8\x2a\x58\x25\x00" + root
    header = header.replace(b"\x65roots\x80", b"\x65roots\x81" + link)
    return varint(len(header)) + header + b"".join(varint(36 + len(data)) + cid + data for cid, data in blocks.items())


def cid_of(block: bytes) -> bytes:
    return b"\x01\x71\x12\x20" + sha256(block).digest()


def with_commit(change: Callable[[bytes], bytes]) -> bytes:
    """Return the recorded repository with its commit changed, and every hash made right again."""
    root, blocks = blocks_of(recorded()[0])
    commit = change(blocks.pop(root))
    return car_of(cid_of(commit), {cid_of(commit): commit} | blocks)


def signature_in(commit: bytes) -> bytes:
    start = commit.index(b"\x63sig\x58\x40") + 6
    return commit[start : start + 64]


def high_s(commit: bytes) -> bytes:
    sig = signature_in(commit)
    flipped = K256_ORDER - int.from_bytes(sig[32:], "big")
    return commit.replace(sig, sig[:32] + flipped.to_bytes(32, "big"))


def test_an_untouched_commit_verifies_so_that_only_the_tampering_is_refused() -> None:
    assert verify(with_commit(lambda commit: commit)).faults == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (high_s, "expected low-S, found high-S"),
        (lambda commit: commit.replace(signature_in(commit), b"\x01" * 64), "expected one by the account's key"),
        (lambda commit: commit.replace(b"\x63rev", b"\x63rew"), "expected one by the account's key"),
        (
            lambda commit: commit.replace(DID.encode(), DID[:-1].encode() + b"x"),
            "expected the repository of the DID document's account",
        ),
        (lambda commit: commit.replace(b"\x67version\x03", b"\x67version\x02"), "expected version 3"),
        (lambda commit: commit + b"\x00", "expected a CAR of a commit"),
        (lambda commit: b"\xa0", "expected a CAR of a commit"),
        (lambda commit: b"", "expected a CAR of a commit"),
    ],
)
def test_a_tampered_commit_does_not_verify(change: Callable[[bytes], bytes], message: str) -> None:
    assert message in fault_of(verify(with_commit(change)))


@given(st.integers(min_value=0), st.integers(1, 255))
def test_a_flipped_byte_anywhere_does_not_verify(place: int, flip: int) -> None:
    car = bytearray(recorded()[0])
    car[place % len(car)] ^= flip

    parsed = verify(bytes(car))

    assert [fault.code for fault in parsed.faults] == ["G005"]


@given(st.integers(min_value=0))
def test_a_repository_cut_anywhere_does_not_verify(place: int) -> None:
    car = recorded()[0]

    assert fault_of(verify(car[: place % len(car)]))


def test_a_missing_record_does_not_verify() -> None:
    root, blocks = blocks_of(recorded()[0])
    record = next(cid for cid, data in blocks.items() if b"Daily notice no. 7" in data)
    del blocks[record]

    assert "expected every block that is linked, found one missing" in fault_of(verify(car_of(root, blocks)))


def test_a_block_under_anothers_cid_does_not_verify() -> None:
    root, blocks = blocks_of(recorded()[0])
    record = next(cid for cid, data in blocks.items() if b"Daily notice no. 7" in data)
    blocks[record] = blocks[record].replace(b"no. 7", b"no. 8")

    assert "expected every block to hash to its CID" in fault_of(verify(car_of(root, blocks)))


EMPTY = b"\xa2\x61e\x80\x61l\xf6"  # a tree's node without entries


def signed_repository(
    entries: list[dict[str, Any]], private: ec.EllipticCurvePrivateKey, did: str = "did:plc:new"
) -> bytes:
    """Return a repository whose tree is one node with *entries*, signed by *private*."""
    record = libipld.encode_dag_cbor({"$type": "app.bsky.feed.post", "text": "x"})
    tree = tree_node([entry | {"v": cid_of(record)} for entry in entries])
    body = b"\x63did" + text(did) + b"\x63rev" + text("3k")
    rest = b"\x64data\xd8\x2a\x58\x25\x00" + cid_of(tree) + b"\x64prev\xf6\x67version\x03"
    r, s = decode_dss_signature(private.sign(b"\xa5" + body + rest, ec.ECDSA(hashes.SHA256())))
    order = private.curve.group_order
    sig = r.to_bytes(32, "big") + min(s, order - s).to_bytes(32, "big")
    commit = b"\xa6" + body + b"\x63sig\x58\x40" + sig + rest
    return car_of(cid_of(commit), {cid_of(each): each for each in (commit, tree, record, EMPTY)})


def tree_node(entries: list[dict[str, Any]]) -> bytes:
    out = b"\xa2\x61e" + bytes([0x80 | len(entries)])
    for entry in entries:
        key = entry["k"]
        out += b"\xa4\x61k\x58" + bytes([len(key)]) + key + b"\x61p" + libipld.encode_dag_cbor(entry["p"])
        out += b"\x61t" + entry.get("t", b"\xf6") + b"\x61v\xd8\x2a\x58\x25\x00" + entry["v"]
    return out + b"\x61l\xf6"


def text(value: str) -> bytes:
    return libipld.encode_dag_cbor(value)


def document_of(
    private: ec.EllipticCurvePrivateKey, *, did: str = "did:plc:new", id_: str = "did:plc:new#atproto"
) -> Any:
    prefix = b"\xe7\x01" if private.curve.name == "secp256k1" else b"\x80\x24"
    point = private.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
    multibase = libipld.encode_multibase("z", prefix + point)
    return {
        "id": did,
        "verificationMethod": [{"id": id_, "type": "Multikey", "controller": did, "publicKeyMultibase": multibase}],
    }


ORDERED = [{"k": b"app.bsky.feed.post/3a", "p": 0}, {"k": b"3b", "p": 19}]


@pytest.mark.parametrize("curve", [ec.SECP256K1(), ec.SECP256R1()])
def test_a_repository_signed_by_either_curve_verifies_by_its_own_key_alone(curve: ec.EllipticCurve) -> None:
    private, other = ec.generate_private_key(curve), ec.generate_private_key(curve)
    car = signed_repository(ORDERED, private)

    assert verify(car, document_of(private)).faults == []
    assert verify(car, document_of(private, id_="#atproto")).faults == []
    assert "expected one by the account's key" in fault_of(verify(car, document_of(other)))
    assert "DID document: expected an #atproto signing key" in fault_of(verify(car, document_of(private, id_="#other")))
    assert "found another's" in fault_of(verify(car, document_of(private, did="did:plc:other", id_="#atproto")))
    assert repository_post_ids(page_of(car, Purpose.REPOSITORY, headers=CAR)) == {
        "at://did:plc:new/app.bsky.feed.post/3a",
        "at://did:plc:new/app.bsky.feed.post/3b",
    }


@pytest.mark.parametrize(
    "entries",
    [
        [{"k": b"app.bsky.feed.post/3b", "p": 0}, {"k": b"3a", "p": 19}],
        [{"k": b"app.bsky.feed.post/3a", "p": 0}, {"k": b"3a", "p": 19}],
    ],
)
def test_a_tree_out_of_order_does_not_verify_though_it_is_signed(entries: list[dict[str, Any]]) -> None:
    private = ec.generate_private_key(ec.SECP256K1())

    assert "expected keys in ascending order" in fault_of(
        verify(signed_repository(entries, private), document_of(private))
    )


def test_an_empty_node_below_the_first_does_not_verify_though_it_is_signed() -> None:
    private = ec.generate_private_key(ec.SECP256K1())
    entries = [ORDERED[0] | {"t": b"\xd8\x2a\x58\x25\x00" + cid_of(EMPTY)}]

    assert "found an empty node" in fault_of(verify(signed_repository(entries, private), document_of(private)))


def test_an_account_that_has_written_nothing_has_an_empty_repository() -> None:
    private = ec.generate_private_key(ec.SECP256R1())

    parsed = verify(signed_repository([], private), document_of(private))

    assert parsed == ParsedPage([], [Declared("repository posts", 0, 7)], frozenset(), [])


def test_without_a_did_document_nothing_is_believed() -> None:
    page = page_of(recorded()[0], Purpose.REPOSITORY, headers=CAR)

    parsed = parse(page, Platform.BLUESKY, OFFICIAL_POSTS)

    assert parsed.faults == [PageFault(7, "G005", "repository: expected a DID document in the snapshot, found none")]


def test_a_did_document_without_a_signing_key_is_a_fault_of_its_own_page() -> None:
    page: Page = page_of(b'{"id":"did:plc:x"}', Purpose.DID_DOCUMENT)

    assert [fault.code for fault in parse(page, Platform.BLUESKY, OFFICIAL_POSTS).faults] == ["G001"]


def test_the_posts_of_a_broken_repository_cannot_be_told() -> None:
    with pytest.raises(ParseError):
        repository_post_ids(page_of(recorded()[0][:-9], Purpose.REPOSITORY, headers=CAR))


@given(st.binary(max_size=200))
def test_no_bytes_make_the_repository_reader_raise(body: bytes) -> None:
    assert fault_of(verify(body))
