"""The embedded object store: SeaweedFS from its wheel, hardened, on the loopback interface.

As it comes, one unauthenticated request to its filer or its master destroys locked data.
So: no HTTP on master and filer, signed tokens on the volume server, client certificates on
every gRPC port; the S3 port, which wants a key, is the only way in. Whoever may read
``etc/`` or write ``data/`` can still destroy data: both belong to the owner alone.

Options: https://github.com/seaweedfs/seaweedfs/wiki/Security-Overview
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import sysconfig
import time
from dataclasses import asdict, dataclass, fields
from itertools import islice
from pathlib import Path

from muniment.custody.canary import check_canary
from muniment.custody.client import connect
from muniment.embedded.certificates import make_certificates
from muniment.embedded.ports import LOOPBACK, check_free, is_free
from muniment.embedded.processes import Supervised, find_pid, start_process, stop_process
from muniment.embedded.secret_files import read_or_make_secret, write_secret_text
from muniment.errors import CustodyError, ServiceError

REGION = "us-east-1"
_READ_LOCKS = ("GetObjectRetention", "GetObjectLegalHold", "GetBucketObjectLockConfiguration")
# What each key may do. The operator seals; it can neither make nor remove a bucket, nor bypass a lock. The reader is
# for whoever only looks. The shredder writes nothing: what it may delete, the bucket's policy says.
IDENTITIES = {
    "operator": ("Read", "List", "Write", "Tagging", *_READ_LOCKS, "PutObjectRetention", "PutObjectLegalHold"),
    "administrator": ("Admin", "Read", "List", "Write", "Tagging"),
    "reader": ("Read", "List", *_READ_LOCKS),
    "shredder": ("Read", "List", *_READ_LOCKS),
}
_PARTS = ("master", "volume", "filer", "s3", "client", "worker", "admin")
# Below what the kernel gives to outgoing connections (ip(7), ip_local_port_range): a kept port stays free.
_PORTS = range(15000, 32000)
_READY_WITHIN_S = 60
_POLL_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class StorePorts:
    """The ports of the store's parts, each with one for gRPC."""

    s3: int
    s3_grpc: int
    master: int
    master_grpc: int
    volume: int
    volume_grpc: int
    filer: int
    filer_grpc: int


@dataclass(frozen=True, slots=True)
class SeaweedFS:
    """The store under ``<home>/store``; keys, certificates, ports and data survive a restart.

    Args:
        home: the installation's data folder.
        ports: any of the names of `StorePorts`, to fix them; the rest are chosen free at the
            first start and kept.
        memory: what the Go runtime tries to stay below (GOMEMLIMIT).
    """

    home: Path
    ports: dict[str, int] | None = None
    memory: str = "300MiB"

    @property
    def folder(self) -> Path:
        """Return the folder of everything that the store keeps."""
        return self.home.absolute() / "store"

    @property
    def endpoint(self) -> str:
        """Return the address of the S3 port."""
        return f"http://{LOOPBACK}:{self.kept_ports().s3}"

    def credentials_file(self, identity: str) -> Path:
        """Return the file with the key of one of `IDENTITIES`."""
        return self.folder / f"{identity}.json"

    def credentials(self, identity: str) -> tuple[str, str]:
        """Read the access key and the secret key of one of `IDENTITIES`."""
        value = json.loads(self.credentials_file(identity).read_text("utf-8"))
        return value["access_key"], value["secret_key"]

    def start(self) -> None:
        """Start the store unless it runs, and return when a signed read answers.

        Raises:
            ServiceError: it did not start, or a port is taken.
        """
        self._configure()
        if find_pid(self._process) is None:
            check_free({f"store {name}": port for name, port in asdict(self.kept_ports()).items()})
            start_process(self._process, self._command(), os.environ | {"GOMEMLIMIT": self.memory})
        self._wait_until_ready()

    def stop(self, *, grace_s: float = 30) -> None:
        """Stop the store when it runs; its own orderly end takes 15 seconds.

        Raises:
            ServiceError: it does not end.
        """
        stop_process(self._process, grace_s=grace_s)

    def restart(self) -> None:
        """Stop and start the store.

        Raises:
            ServiceError: it did not stop or start.
        """
        self.stop()
        self.start()

    def find_pid(self) -> int | None:
        """Return the pid of the store when it runs."""
        return find_pid(self._process)

    def kept_ports(self) -> StorePorts:
        """Return the ports, chosen at the first call and kept.

        Raises:
            ServiceError: the ports asked for are not those kept.
        """
        path = self.folder / "ports.json"
        if path.exists():
            return StorePorts(**json.loads(path.read_text("utf-8")) | (self.ports or {}))
        names = [field.name for field in fields(StorePorts)]
        chosen = dict(zip(names, _free_ports(len(names)), strict=True)) | (self.ports or {})
        self._make_folders()
        path.write_text(json.dumps(chosen, indent=1), "utf-8")
        return StorePorts(**chosen)

    @property
    def _process(self) -> Supervised:
        return Supervised("object store", self.folder / "weed.pid", self.folder / "log" / "weed.log")

    def _make_folders(self) -> None:
        for folder in (self.folder, *(self.folder / name for name in ("etc", "data", "log"))):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)

    def _configure(self) -> None:
        self._make_folders()
        etc = self.folder / "etc"
        for identity in IDENTITIES:
            read_or_make_secret(self.credentials_file(identity), _make_key)
        known = json.dumps(self._identities())
        # A store made when there were fewer keys learns the new ones; the old ones keep their files.
        if read_or_make_secret(etc / "s3.json", lambda: known) != known:
            write_secret_text(etc / "s3.json", known)
        if not (etc / "certificates").exists():
            _write_certificates(etc / "certificates")
        read_or_make_secret(etc / "security.toml", lambda: _security(etc / "certificates"))
        # Every bucket is a collection, and seven volumes a collection soon use up the disk's share.
        (etc / "master.toml").write_text("[master.volume_growth]\ncopy_1 = 1\n", "utf-8")

    def _identities(self) -> dict[str, object]:
        entries = []
        for name, actions in IDENTITIES.items():
            access, secret = self.credentials(name)
            key = {"accessKey": access, "secretKey": secret}
            entries.append({"name": name, "credentials": [key], "actions": list(actions)})
        return {"identities": entries}

    def _command(self) -> list[str]:
        ports, folder = self.kept_ports(), self.folder
        weed = Path(sysconfig.get_path("scripts")) / "weed"
        return [
            str(weed), f"-config_dir={folder / 'etc'}", f"-logdir={folder / 'log'}", "-alsologtostderr=false",
            "server", f"-dir={folder / 'data'}", f"-ip={LOOPBACK}", f"-ip.bind={LOOPBACK}", "-disableHttp",
            f"-master.port={ports.master}", f"-master.port.grpc={ports.master_grpc}",
            "-master.telemetry=false", "-master.electionTimeout=1s", "-master.heartbeatInterval=200ms",
            "-master.volumeSizeLimitMB=256",
            f"-volume.port={ports.volume}", f"-volume.port.grpc={ports.volume_grpc}",
            "-volume.max=0", "-volume.preStopSeconds=0",
            "-filer", f"-filer.port={ports.filer}", f"-filer.port.grpc={ports.filer_grpc}",
            "-s3", f"-s3.port={ports.s3}", f"-s3.port.grpc={ports.s3_grpc}",
            f"-s3.config={folder / 'etc' / 's3.json'}", "-s3.port.iceberg=0", "-s3.port.lance=0",
            "-s3.autoCreateBucket=false", "-s3.allowDeleteBucketNotEmpty=false",
        ]  # fmt: skip

    def _wait_until_ready(self) -> None:
        client = connect(self.endpoint, REGION, *self.credentials("administrator"), attempts=1, timeout_s=5)
        deadline = time.monotonic() + _READY_WITHIN_S
        while True:
            try:
                return check_canary(client)
            except CustodyError as error:
                if self.find_pid() is None:
                    raise ServiceError(
                        f"object store: ended before it was ready (see {self._process.log_file})"
                    ) from error
                if time.monotonic() > deadline:
                    raise ServiceError(f"object store: not ready within {_READY_WITHIN_S} s: {error}") from error
            time.sleep(_POLL_S)


def _make_key() -> str:
    return json.dumps({"access_key": secrets.token_hex(10), "secret_key": secrets.token_urlsafe(30)})


def _free_ports(count: int) -> list[int]:
    free = (port for port in secrets.SystemRandom().sample(_PORTS, len(_PORTS)) if is_free(port))
    return list(islice(free, count))


def _write_certificates(folder: Path) -> None:
    """Make the folder whole or not at all: certificates of two authorities do not fit each other."""
    draft = folder.with_name(f".{folder.name}.{secrets.token_hex(8)}")
    draft.mkdir(mode=0o700)
    for name, text in make_certificates().items():
        write_secret_text(draft / name, text)
    draft.rename(folder)


def _security(certificates: Path) -> str:
    """Render security.toml: a token key for each HTTP port, a certificate for each gRPC port."""
    lines = []
    for section in ("jwt.signing", "jwt.signing.read", "jwt.filer_signing", "jwt.filer_signing.read"):
        lines += [f"[{section}]", f'key = "{base64.b64encode(secrets.token_bytes(32)).decode()}"']
    lines += ["[grpc]", f'ca = "{certificates / "ca.crt"}"']
    for part in _PARTS:
        lines += [f"[grpc.{part}]", f'cert = "{certificates / "node.crt"}"', f'key = "{certificates / "node.key"}"']
    return "\n".join(lines) + "\n"
