"""A time stamp is believed for its own bytes, request, signer, roots and time, and for no others."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st

from muniment.embedded.time_authority_keys import Pair
from muniment.errors import TimestampError
from muniment.evidence.timestamp import (
    Request,
    Trust,
    make_request,
    read_stamp,
    read_trust,
    verify_kept,
    verify_response,
)
from muniment.evidence.timestamp_chain import write_certificates
from tests.unit.evidence.stamping import NOW, STAMPING, Authority, make_authority, make_root, make_signer

MESSAGE = b"muniment.example/claremont\n42\nqTQ=\n\n- a signature\n"
VECTORS = Path(__file__).parents[2] / "vectors" / "time-stamps"
REQUEST = make_request(MESSAGE)
HONEST = make_authority()
RESPONSE = HONEST.answer(REQUEST)


def refused(response: bytes, request: Request = REQUEST, trust: Trust = HONEST.trust) -> str:
    with pytest.raises(TimestampError) as caught:
        verify_response(response, request, trust)
    return caught.value.code


def test_a_stamp_over_altered_bytes_is_refused() -> None:
    with pytest.raises(TimestampError) as caught:
        verify_kept(RESPONSE, MESSAGE.replace(b"42", b"43"), HONEST.trust)
    assert caught.value.code == "T002"


def test_a_stamp_over_another_checkpoint_is_refused_on_receipt() -> None:
    other = make_request(b"another checkpoint\n")
    asked = Request(MESSAGE, other.encoded, other.nonce)
    assert refused(HONEST.answer(other), asked) == "T002"


def test_an_answer_to_another_request_is_refused() -> None:
    assert refused(HONEST.answer(make_request(MESSAGE))) == "T005"


@pytest.mark.parametrize(
    "authority",
    [
        make_authority(purposes=(ExtendedKeyUsageOID.CODE_SIGNING,)),
        make_authority(purposes=(STAMPING, ExtendedKeyUsageOID.CODE_SIGNING)),
        make_authority(critical=False),
        make_authority(purposes=None),
    ],
    ids=["another purpose", "a second purpose", "not critical", "no purpose"],
)
def test_a_signer_that_may_not_or_not_only_make_time_stamps_is_refused(authority: Authority) -> None:
    assert refused(authority.answer(REQUEST), trust=authority.trust) == "T003"


def test_a_stamp_after_its_certificate_had_ended_is_refused() -> None:
    late = datetime(2029, 3, 1, tzinfo=UTC)
    assert refused(HONEST.answer(REQUEST, late)) == "T004"


def test_a_stamp_before_its_certificate_began_is_refused() -> None:
    early = datetime(2025, 12, 31, tzinfo=UTC)
    assert refused(HONEST.answer(REQUEST, early)) == "T004"


def test_an_unknown_root_is_refused_even_of_the_same_name() -> None:
    assert refused(RESPONSE, trust=make_authority().trust) == "T004"


def test_a_root_that_may_not_issue_is_refused() -> None:
    authority = make_authority(root_is_authority=False)
    assert refused(authority.answer(REQUEST), trust=authority.trust) == "T004"


def test_a_kept_chain_lends_no_trust_to_its_own_root() -> None:
    stranger = make_authority()
    response = stranger.answer(REQUEST)
    chain = write_certificates((stranger.signer.certificate, stranger.root.certificate))
    with pytest.raises(TimestampError) as caught:
        verify_kept(response, MESSAGE, HONEST.trust, chain)
    assert caught.value.code == "T004"
    assert verify_kept(response, MESSAGE, stranger.trust, chain).time == NOW


def test_a_certificate_that_was_signed_over_sha1_is_refused(tmp_path: Path) -> None:
    good, weak = issue_by_openssl(tmp_path, "-sha256"), issue_by_openssl(tmp_path, "-sha1")
    at = weak.signer.certificate.not_valid_before_utc
    assert verify_response(good.answer(REQUEST, at), REQUEST, good.trust).time == at
    assert refused(weak.answer(REQUEST, at), trust=weak.trust) == "T004"


def issue_by_openssl(tmp_path: Path, hash_name: str) -> Authority:
    # cryptography no longer signs over SHA-1, so openssl issues it.
    request = x509.CertificateSigningRequestBuilder().subject_name(HONEST.signer.certificate.subject)
    files = {
        "signer.csr": request.sign(HONEST.signer.key, hashes.SHA256()).public_bytes(Encoding.PEM),
        "root.pem": HONEST.root.certificate.public_bytes(Encoding.PEM),
        "root.key": HONEST.root.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        "purpose": b"extendedKeyUsage=critical,timeStamping",
    }
    for name, body in files.items():
        (tmp_path / name).write_bytes(body)
    command = "openssl x509 -req -in signer.csr -CA root.pem -CAkey root.key -extfile purpose -out signer.pem"
    subprocess.run([*command.split(), hash_name], cwd=tmp_path, capture_output=True, check=True)
    certificate = x509.load_pem_x509_certificate((tmp_path / "signer.pem").read_bytes())
    return Authority(HONEST.root, Pair(certificate, HONEST.signer.key))


def test_a_key_that_is_too_weak_is_refused() -> None:
    authority = make_authority(signing_curve=ec.SECP192R1())
    assert refused(authority.answer(REQUEST), trust=authority.trust) == "T003"


@pytest.mark.parametrize("failure", ["badAlg", "badDataFormat"])
def test_a_refusal_is_told_with_its_reason(failure: str) -> None:
    encoded = REQUEST.encoded.replace(bytes.fromhex("608648016503040201"), bytes.fromhex("608648016503040204"))
    request = encoded if failure == "badAlg" else encoded[:-1]
    with pytest.raises(TimestampError, match=rf"rejected \({failure}\)") as caught:
        verify_response(HONEST.answer(Request(MESSAGE, request, REQUEST.nonce)), REQUEST, HONEST.trust)
    assert caught.value.code == "T001"


@given(st.integers(min_value=0, max_value=len(RESPONSE) - 1))
def test_a_response_cut_off_anywhere_is_unreadable(length: int) -> None:
    assert refused(RESPONSE[:length]) == "T001"


def test_bytes_after_the_response_are_refused() -> None:
    assert refused(RESPONSE + b"\x00") == "T001"


@pytest.mark.parametrize("body", [b"", b"<html>Please sign in</html>", b"\x30\x80\x00\x00", b"\x00" * 200_000])
def test_what_is_no_response_is_unreadable(body: bytes) -> None:
    assert refused(body) == "T001"


@pytest.mark.filterwarnings("ignore:Parsed a serial number")  # of a certificate whose bit was flipped
def test_one_bit_flipped_anywhere_is_found() -> None:
    for at in range(len(RESPONSE)):
        altered = bytearray(RESPONSE)
        altered[at] ^= 1 << at % 8
        assert refused(bytes(altered)) in {"T001", "T002", "T003", "T004", "T005"}


def test_a_stamp_says_when_by_whom_and_until_when_it_can_be_leaned_on() -> None:
    stamp = verify_response(RESPONSE, REQUEST, HONEST.trust)
    assert (stamp.time, stamp.accuracy, stamp.hash_name) == (NOW, timedelta(seconds=1), "sha256")
    assert (stamp.authority, stamp.is_local) == ("CN=A signer", True)
    assert stamp.ages_out_at == HONEST.signer.certificate.not_valid_after_utc
    assert stamp.ages_out_because == "the certificate of CN=A signer ends"


def test_a_kept_stamp_verifies_for_ever_by_its_own_time() -> None:
    brief = make_authority(years=1)
    response = brief.answer(REQUEST, datetime(2026, 12, 31, tzinfo=UTC))
    stamp = verify_kept(response, MESSAGE, brief.trust)
    assert read_stamp(response, MESSAGE, stamp.chain) == stamp


def test_a_certificate_between_is_found_in_the_response_or_among_the_known_ones() -> None:
    root = make_root("R")
    between = make_root("I", issuer=root)
    signer = make_signer(between)
    response = Authority(between, signer).answer(REQUEST)
    assert refused(response, trust=Trust((root.certificate,))) == "T004"
    trust = Trust((root.certificate,), (between.certificate,))
    assert verify_response(response, REQUEST, trust).path == (
        signer.certificate,
        between.certificate,
        root.certificate,
    )


def test_the_algorithms_end_comes_before_a_certificate_that_lasts_longer() -> None:
    authority = make_authority(years=18)
    stamp = verify_response(authority.answer(REQUEST), REQUEST, authority.trust)
    assert stamp.ages_out_at == datetime(2036, 1, 1, tzinfo=UTC)
    assert "NIST IR 8547" in stamp.ages_out_because


@pytest.mark.parametrize(
    ("name", "time", "authority", "ends"),
    [
        (
            "digicert-2018",
            datetime(2018, 5, 9, 18, 48, 18, tzinfo=UTC),
            "CN=DigiCert SHA2 Timestamp Responder,O=DigiCert,C=US",
            datetime(2028, 1, 18, tzinfo=UTC),
        ),
        (
            "sigstore-2025",
            datetime(2025, 6, 9, 11, 57, 38, tzinfo=UTC),
            "CN=sigstore-tsa,O=sigstore.dev",
            datetime(2035, 3, 26, 8, 14, 6, tzinfo=UTC),
        ),
    ],
)
def test_stamps_of_public_authorities_are_read_as_they_were_published(
    name: str, time: datetime, authority: str, ends: datetime
) -> None:
    response, message = (VECTORS / f"{name}.tsr").read_bytes(), (VECTORS / f"{name}.message").read_bytes()
    stamp = verify_kept(response, message, read_trust((VECTORS / f"{name}.root.pem").read_bytes()))
    assert (stamp.time, stamp.authority, stamp.ages_out_at, stamp.is_local) == (time, authority, ends, False)
    with pytest.raises(TimestampError) as caught:
        verify_kept(response, message + b"\n", read_trust((VECTORS / f"{name}.root.pem").read_bytes()))
    assert caught.value.code == "T002"


def test_openssl_accepts_what_the_local_authority_makes_and_finds_what_was_altered(tmp_path: Path) -> None:
    for name, body in (("m", MESSAGE), ("other", MESSAGE + b"x"), ("q.tsq", REQUEST.encoded), ("r.tsr", RESPONSE)):
        (tmp_path / name).write_bytes(body)
    (tmp_path / "root.pem").write_bytes(write_certificates(HONEST.trust.roots))

    def openssl(*arguments: str) -> int:
        at = str(int(NOW.timestamp()))
        command = ["openssl", "ts", "-verify", *arguments, "-in", "r.tsr", "-CAfile", "root.pem", "-attime", at]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode

    assert openssl("-data", "m") == 0
    assert openssl("-queryfile", "q.tsq") == 0
    assert openssl("-data", "other") != 0
