"""The embedded store: its files, its ports, and no way in but the S3 port."""

from __future__ import annotations

import json
import socket
import ssl
import stat
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from botocore.exceptions import ClientError
from cryptography import x509

from muniment.custody.client import connect
from muniment.embedded.certificates import make_certificates
from muniment.embedded.seaweed import IDENTITIES, REGION, SeaweedFS
from muniment.errors import ServiceError


def answer_to(method: str, url: str) -> int:
    try:
        with urlopen(Request(url, method=method), timeout=5) as reply:
            return reply.status
    except HTTPError as error:
        with error:
            return error.code


def test_ports_are_chosen_once_and_kept(tmp_path) -> None:
    ports = SeaweedFS(tmp_path).kept_ports()

    assert SeaweedFS(tmp_path).kept_ports() == ports
    assert SeaweedFS(tmp_path).endpoint == f"http://127.0.0.1:{ports.s3}"


def test_a_port_can_be_fixed_without_fixing_the_others(tmp_path) -> None:
    free = SeaweedFS(tmp_path).kept_ports()

    fixed = SeaweedFS(tmp_path, {"s3": 18333}).kept_ports()

    assert fixed.s3 == 18333
    assert fixed.master == free.master


def test_a_taken_port_is_named_and_nothing_is_started(tmp_path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        weed = SeaweedFS(tmp_path, {"filer": port})

        with pytest.raises(ServiceError, match=f"{port}"):
            weed.start()

    assert weed.find_pid() is None


def test_the_certificate_is_the_authoritys_and_can_issue_none() -> None:
    pems = make_certificates()
    authority, node = (x509.load_pem_x509_certificate(pems[name].encode()) for name in ("ca.crt", "node.crt"))

    node.verify_directly_issued_by(authority)
    assert not node.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert set(pems) == {"ca.crt", "node.crt", "node.key"}


def test_every_secret_is_its_owners_alone(store) -> None:
    secret = [*store.folder.glob("*.json"), *store.folder.glob("etc/**/*.key"), store.folder / "etc" / "security.toml"]
    secret.remove(store.folder / "ports.json")

    assert {path.stem for path in secret} >= {*IDENTITIES, "node", "security"}
    for path in secret:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700


def test_no_secret_is_on_the_command_line(store) -> None:
    words = Path(f"/proc/{store.find_pid()}/cmdline").read_text()

    for identity in IDENTITIES:
        assert not set(store.credentials(identity)) & set(words.replace("=", "\0").split("\0"))


def test_every_identity_has_a_key_of_its_own(store) -> None:
    assert len({store.credentials(identity) for identity in IDENTITIES}) == len(IDENTITIES)


def test_only_loopback_is_listened_on(store) -> None:
    sockets = [str(link.readlink()) for link in Path(f"/proc/{store.find_pid()}/fd").iterdir()]
    inodes = {name[len("socket:[") : -1] for name in sockets if name.startswith("socket:[")}
    lines = [
        line.split() for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
    ]
    listening = {fields[1].partition(":")[0] for fields in lines if fields[3] == "0A" and fields[9] in inodes}

    assert listening == {"0100007F"}


@pytest.mark.parametrize(
    ("part", "path"),
    [
        ("filer", "/buckets/muniment-canary/canary?recursive=true"),
        ("filer", "/"),
        ("master", "/col/delete?collection=muniment-canary"),
        ("master", "/dir/status"),
        ("volume", "/1,000000000000"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "DELETE", "POST"])
def test_no_door_but_the_s3_port_is_open_to_a_stranger(store, part, path, method) -> None:
    port = getattr(store.kept_ports(), part)

    assert answer_to(method, f"http://127.0.0.1:{port}{path}") in {401, 404, 405}
    assert (
        connect(store.endpoint, REGION, *store.credentials("reader"))
        .get_object(Bucket="muniment-canary", Key="canary")["Body"]
        .read()
    )


def shake_hands(port: int) -> bytes:
    """Speak TLS without a certificate; a TLS 1.3 server refuses at the first read (RFC 8446 section 4.4.2.4)."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as raw, context.wrap_socket(raw) as tls:
        tls.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        return tls.recv(1)


@pytest.mark.parametrize("part", ["master_grpc", "volume_grpc", "filer_grpc", "s3_grpc"])
def test_a_grpc_port_wants_a_certificate(store, part) -> None:
    with pytest.raises(ssl.SSLError, match=r"(?i)certificate required"):
        shake_hands(getattr(store.kept_ports(), part))


@pytest.mark.parametrize("act", ["create_bucket", "delete_bucket"])
def test_the_operator_neither_makes_nor_removes_buckets(operator_client, act) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        getattr(operator_client, act)(Bucket="muniment-canary")


def test_the_reader_reads_and_writes_nothing(store, vault) -> None:
    reader = connect(store.endpoint, REGION, *store.credentials("reader"))

    assert reader.list_object_versions(Bucket=vault.bucket).get("Versions", []) == []
    for act in (reader.put_object, reader.delete_object):
        with pytest.raises(ClientError, match="AccessDenied"):
            act(Bucket=vault.bucket, Key="a")


def test_starting_what_runs_keeps_it_running(store) -> None:
    pid = store.find_pid()

    store.start()

    assert store.find_pid() == pid


def test_the_credentials_files_are_of_the_settings_form(store) -> None:
    for identity in IDENTITIES:
        value = json.loads(store.credentials_file(identity).read_text("utf-8"))
        assert set(value) == {"access_key", "secret_key"}


def test_a_store_made_when_there_were_fewer_keys_learns_the_new_ones_and_keeps_the_old(tmp_path) -> None:
    store = SeaweedFS(tmp_path)
    store._configure()
    known = tmp_path / "store" / "etc" / "s3.json"
    operator = store.credentials("operator")
    old = [entry for entry in json.loads(known.read_text("utf-8"))["identities"] if entry["name"] != "shredder"]
    known.write_text(json.dumps({"identities": old}), "utf-8")
    store.credentials_file("shredder").unlink()

    store._configure()

    names = {entry["name"]: entry for entry in json.loads(known.read_text("utf-8"))["identities"]}
    assert set(names) == set(IDENTITIES)
    assert names["shredder"]["credentials"][0]["accessKey"] == store.credentials("shredder")[0]
    assert store.credentials("operator") == operator
    assert known.stat().st_mode & 0o077 == 0
