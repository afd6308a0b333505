"""A single-node Ceph RGW from Debian's packages, on the loopback interface, in a folder of its own.

Monitor, one OSD on a sparse file, gateway; no systemd, no manager. cephx throughout: with
authentication off the gateway never comes up.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import time
import uuid
from pathlib import Path

from muniment.embedded.processes import Supervised, find_pid, start_process, stop_process
from muniment.errors import ServiceError

PROGRAMS = ("radosgw", "radosgw-admin", "ceph", "ceph-mon", "ceph-osd", "ceph-authtool", "monmaptool")
_CAPABILITIES = {
    "mon.": ("mon", "allow *"),
    "client.admin": ("mon", "allow *", "osd", "allow *", "mgr", "allow *"),
    "client.rgw": ("mon", "allow rw", "osd", "allow rwx"),
    "osd.0": ("mon", "allow profile osd", "osd", "allow *"),
}
_CONFIGURATION = """\
[global]
fsid = {fsid}
mon host = v2:127.0.0.1:{mon_port}
mon initial members = a
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind msgr1 = false
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
keyring = {folder}/keyring
run dir = {folder}/run
admin socket = {folder}/run/$name.asok
log file = {folder}/log/$name.log
mon cluster log file = {folder}/log/cluster.log
crash dir = {folder}/log
osd pool default size = 1
osd pool default min size = 1
mon allow pool size one = true
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon max pg per osd = 1000
[mon]
mon data = {folder}/mon.a
mon data avail warn = 2
mon data avail crit = 1
[osd]
osd data = {folder}/osd.0
osd objectstore = bluestore
bluestore block size = 4294967296
bluestore block db create = false
bluestore block wal create = false
bluestore cache autotune = false
bluestore cache size = 134217728
osd memory target = 939524096
osd class update on start = false
[client]
rgw frontends = beast endpoint=127.0.0.1:{port}
rgw data = {folder}/rgw
rgw thread pool size = 32
rgw dynamic resharding = false
rgw override bucket index max shards = 1
"""


class Ceph:
    """A gateway that is started once and can be killed and started again; its data survive."""

    def __init__(self, folder: Path, ports: list[int]) -> None:  # of the gateway and the monitor
        self.folder = folder
        self.key = (secrets.token_hex(10), secrets.token_hex(20))
        self.administrator_key = (secrets.token_hex(10), secrets.token_hex(20))
        self._port, mon_port = ports
        for name in ("run", "log", "rgw", "mon.a", "osd.0"):
            (folder / name).mkdir(parents=True)
        self._conf = folder / "ceph.conf"
        self._conf.write_text(
            _CONFIGURATION.format(
                folder=folder,
                port=self._port,
                mon_port=mon_port,
                fsid=uuid.uuid4(),
            ),
            "utf-8",
        )

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        self._make_keyring()
        self._start_monitor()
        self._start_osd()
        self.start_gateway()
        self._make_user("operator", self.key)
        self._make_user("administrator", self.administrator_key)

    def start_gateway(self) -> None:
        self._spawn("client.rgw", "radosgw", "-n", "client.rgw")
        self._wait_for("the gateway", 120, ["curl", "-fsS", "-o", "/dev/null", self.endpoint])

    def kill_gateway(self) -> None:
        stop_process(self._process("client.rgw"), grace_s=0)

    def stop(self) -> None:
        for name in ("client.rgw", "osd.0", "mon.a"):
            stop_process(self._process(name), grace_s=0)

    def _make_keyring(self) -> None:
        keyring = str(self.folder / "keyring")
        for number, (name, capabilities) in enumerate(_CAPABILITIES.items()):
            pairs = zip(capabilities[::2], capabilities[1::2], strict=True)
            caps = [word for kind, right in pairs for word in ("--cap", kind, right)]
            create = ["-C"] if number == 0 else []
            self._run("ceph-authtool", keyring, *create, "--gen-key", "-n", name, *caps, plain=True)

    def _start_monitor(self) -> None:
        monmap, text = str(self.folder / "monmap"), self._conf.read_text("utf-8")
        fsid = text.split("fsid = ")[1].split()[0]
        address = text.split("mon host = ")[1].split()[0]
        self._run("monmaptool", "--create", "--fsid", fsid, "--addv", "a", f"[{address}]", monmap, plain=True)
        self._run("ceph-mon", "--mkfs", "-i", "a", "--monmap", monmap, "--keyring", str(self.folder / "keyring"))
        self._spawn("mon.a", "ceph-mon", "-i", "a")
        self._wait_for("the monitor", 60, self._ceph("mon", "stat"))

    def _start_osd(self) -> None:
        osd = str(uuid.uuid4())
        self._run(*self._ceph("osd", "new", osd, "0"), plain=True)
        self._run(*self._ceph("osd", "crush", "add", "osd.0", "1.0", "root=default", "host=localhost"), plain=True)
        self._run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osd)
        self._spawn("osd.0", "ceph-osd", "-i", "0")
        self._wait_for("the OSD", 60, self._ceph("osd", "stat"), expected="1 up")

    def _make_user(self, name: str, key: tuple[str, str]) -> None:
        words = ["user", "create", f"--uid={name}", f"--display-name={name}"]
        self._run("radosgw-admin", "-n", "client.admin", *words, f"--access-key={key[0]}", f"--secret-key={key[1]}")

    def _ceph(self, *words: str) -> list[str]:
        return ["ceph", "-c", str(self._conf), "--connect-timeout", "3", *words]

    def _process(self, name: str) -> Supervised:
        return Supervised(f"ceph {name}", self.folder / "run" / f"{name}.ours", self.folder / "log" / f"{name}.out")

    def _spawn(self, name: str, program: str, *words: str) -> None:
        process = self._process(name)
        if find_pid(process) is None:
            command = [shutil.which(program) or program, "-f", "-c", str(self._conf), *words]
            start_process(process, command, self._environment())

    def _run(self, *command: str, plain: bool = False) -> str:
        words = list(command) if plain else [command[0], "-c", str(self._conf), *command[1:]]
        done = subprocess.run(words, env=self._environment(), capture_output=True, text=True, check=False, timeout=120)
        if done.returncode != 0:
            raise ServiceError(f"{' '.join(words[:4])}: exit {done.returncode}: {done.stderr[-500:]}")
        return done.stdout

    def _environment(self) -> dict[str, str]:
        # /usr/bin/ceph is a Python program of the system's own Python.
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))}
        return kept | {"CEPH_CONF": str(self._conf), "CEPH_ARGS": "--log-to-stderr=false --err-to-stderr=false"}

    def _wait_for(self, what: str, within_s: float, command: list[str], expected: str = "") -> None:
        deadline = time.monotonic() + within_s
        while True:
            done = subprocess.run(command, env=self._environment(), capture_output=True, text=True, check=False)
            if done.returncode == 0 and expected in done.stdout:
                return
            if time.monotonic() > deadline:
                raise ServiceError(
                    f"{what}: not ready within {within_s} s: {done.stderr[-300:]} (see {self.folder}/log)"
                )
            time.sleep(0.2)
