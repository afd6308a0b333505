"""The local time authority: keys that only their owner reads, answers that others' tools accept, its name on all."""

from __future__ import annotations

import stat
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from muniment.embedded.time_authority import make_server
from muniment.embedded.time_authority_answers import answer
from muniment.embedded.time_authority_keys import open_signer
from muniment.errors import ServiceError, TimestampError
from muniment.evidence.timestamp import LOCAL_POLICY, make_request, read_trust, verify_response

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


def test_its_keys_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "authority"
    open_signer(folder, NOW)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    open_signer(tmp_path, NOW)
    (tmp_path / "signer-2026-with-key.pem").chmod(0o644)
    with pytest.raises(ServiceError, match="only its owner"):
        open_signer(tmp_path, NOW)


def test_a_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    open_signer(tmp_path, NOW)
    own, other = ((tmp_path / f"{name}-with-key.pem") for name in ("signer-2026", "root"))
    mark = "-----BEGIN CERTIFICATE-----"
    own.write_text(own.read_text().partition(mark)[0] + mark + other.read_text().partition(mark)[2])
    with pytest.raises(ServiceError, match="do not belong together"):
        open_signer(tmp_path, NOW)


def test_the_root_is_made_once_and_a_signer_every_year(tmp_path: Path) -> None:
    first = open_signer(tmp_path, NOW)
    root = (tmp_path / "root.pem").read_bytes()
    again, later = open_signer(tmp_path, NOW), open_signer(tmp_path, NOW.replace(year=2027))
    assert first.certificate == again.certificate
    assert later.certificate != first.certificate
    assert later.certificate.issuer == first.certificate.issuer
    assert (tmp_path / "root.pem").read_bytes() == root


def test_every_name_says_that_it_is_for_demonstration(tmp_path: Path) -> None:
    signer = open_signer(tmp_path, NOW).certificate
    for name in (signer.subject, signer.issuer):
        assert "for demonstration only" in name.rfc4514_string()
        assert "Not an independent time authority" in name.rfc4514_string()


@pytest.mark.parametrize(
    "request_body",
    [b"", b"<html>", b"\x30\x03\x02\x01\x01", make_request(b"x").encoded[:-1]],
    ids=["nothing", "a page", "another structure", "cut off"],
)
def test_what_is_no_request_is_refused_in_form(tmp_path: Path, request_body: bytes) -> None:
    refused = answer(request_body, open_signer(tmp_path, NOW), NOW)
    with pytest.raises(TimestampError, match=r"rejected \(badDataFormat\)"):
        verify_response(refused, make_request(b"x"), read_trust((tmp_path / "root.pem").read_bytes()))


def test_openssl_asks_and_accepts(tmp_path: Path) -> None:
    def openssl(*arguments: str) -> str:
        at = ["-attime", str(int(NOW.timestamp()))] if arguments[0] == "-verify" else []
        command = ["openssl", "ts", *arguments, *at]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, check=True, text=True).stdout

    signer = open_signer(tmp_path, NOW)
    (tmp_path / "m").write_bytes(b"a checkpoint\n")
    for hash_name in ("-sha256", "-sha384", "-sha512"):
        openssl("-query", "-data", "m", hash_name, "-cert", "-out", "q.tsq")
        (tmp_path / "r.tsr").write_bytes(answer((tmp_path / "q.tsq").read_bytes(), signer, NOW))
        assert "OK" in openssl("-verify", "-queryfile", "q.tsq", "-in", "r.tsr", "-CAfile", "root.pem")
    assert f"Policy OID: {LOCAL_POLICY}" in openssl("-reply", "-in", "r.tsr", "-text")
    # Without certificates where none are asked for (RFC 3161 section 2.4.1).
    openssl("-query", "-data", "m", "-sha256", "-out", "q.tsq")
    (tmp_path / "r.tsr").write_bytes(answer((tmp_path / "q.tsq").read_bytes(), signer, NOW))
    (tmp_path / "signer.pem").write_bytes(signer.certificate.public_bytes(Encoding.PEM))
    assert signer.certificate.public_bytes(Encoding.DER) not in (tmp_path / "r.tsr").read_bytes()
    openssl("-verify", "-queryfile", "q.tsq", "-in", "r.tsr", "-CAfile", "root.pem", "-untrusted", "signer.pem")


def test_another_policy_or_hash_is_refused_by_its_reason(tmp_path: Path) -> None:
    def openssl(*arguments: str) -> bytes:
        command = ["openssl", "ts", "-query", "-data", "m", *arguments, "-out", "q.tsq"]
        subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
        return (tmp_path / "q.tsq").read_bytes()

    (tmp_path / "m").write_bytes(b"x")
    signer = open_signer(tmp_path, NOW)
    trust = read_trust((tmp_path / "root.pem").read_bytes())
    for arguments, reason in ((("-sha1",), "badAlg"), (("-sha256", "-tspolicy", "1.2.3.4"), "unacceptedPolicy")):
        with pytest.raises(TimestampError, match=rf"rejected \({reason}\)"):
            verify_response(answer(openssl(*arguments), signer, NOW), make_request(b"x"), trust)


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    server = make_server(tmp_path)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("kind", "size", "status"), [("text/plain", 3, 415), ("application/timestamp-query", 10_001, 413)]
)
def test_its_door_takes_requests_only(address: str, kind: str, size: int, status: int) -> None:
    request = urllib.request.Request(address, b"x" * size, {"Content-Type": kind})
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=5)
    assert caught.value.code == status
    caught.value.close()


def test_its_process_ends_with_whoever_started_it(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "muniment.embedded.time_authority", str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        process.communicate(timeout=10)
        assert process.returncode == 0
