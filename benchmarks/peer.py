"""The peer in an environment of its own, which is made on first use."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.figures import PeerRun
from benchmarks.processes import ROOT, StepFailedError, run_step
from benchmarks.services import Server
from muniment.custody.client import connect
from muniment.embedded.seaweed import REGION, SeaweedFS

NAME, VERSION = "dlt", "1.31.0"
_LOCK = ROOT / "benchmarks" / "requirements.txt"
_FOLDER = ROOT / ".venv-bench"


def find_python() -> Path:
    """Return the peer's Python; its environment is made of the lock, by uv, unless it stands.

    Raises:
        StepFailedError: uv is missing, or a package cannot be had.
    """
    python, stamp = _FOLDER / "bin" / "python", _FOLDER / ".made-of"
    wanted = _LOCK.read_text("utf-8")
    if stamp.exists() and stamp.read_text("utf-8") == wanted:
        return python
    print(f"making {_FOLDER.name} for the peer {NAME} {VERSION}", file=sys.stderr)
    beside = Path(sys.executable).with_name("uv")
    uv = str(beside) if beside.exists() else shutil.which("uv")
    if uv is None:
        raise StepFailedError(f"{_FOLDER.name}: expected uv beside Python or on the path, found none")
    try:
        subprocess.run([uv, "venv", "-q", "--clear", "--python", sys.executable, str(_FOLDER)], check=True)
        install = [uv, "pip", "install", "-q", "--require-hashes", "--python", str(python), "-r", str(_LOCK)]
        subprocess.run(install, check=True)
    except subprocess.CalledProcessError as error:
        raise StepFailedError(f"{_FOLDER.name}: {' '.join(error.cmd[:3])} ended with {error.returncode}") from None
    stamp.write_text(wanted, "utf-8")
    return python


def load(path: str, bodies: Path, records: int, *, store: SeaweedFS, server: Server, home: Path) -> PeerRun:
    """Have the peer load *bodies* by *path* into a bucket of its own.

    Raises:
        StepFailedError: it failed, or loaded another number of records.
    """
    bucket = _make_bucket(store)
    environment = {
        "BENCH_S3_ENDPOINT": server.address,
        "BENCH_S3_KEY": str(store.credentials_file("administrator")),
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "RUNTIME__LOG_LEVEL": "ERROR",
        "HOME": str(home),
    }
    home.mkdir(parents=True, exist_ok=True)
    before, held = server.processor_seconds(), _bytes_in(store, bucket)
    command = ["benchmarks.peer_load", path, str(bodies), bucket, str(home)]
    cost, said = run_step(command, environment, python=find_python())
    shutil.rmtree(home)
    rows = json.loads(said.splitlines()[-1])["rows"]
    if rows != records:
        raise StepFailedError(f"{NAME} {path}: expected {records} records, found {rows}")
    return PeerRun(
        path=path,
        records=records,
        cost=cost,
        store_cpu_s=server.processor_seconds() - before,
        bytes=_bytes_in(store, bucket) - held,
    )


def _make_bucket(store: SeaweedFS) -> str:
    client, bucket = connect(store.endpoint, REGION, *store.credentials("administrator")), f"bench-{NAME}"
    if bucket not in {found["Name"] for found in client.list_buckets()["Buckets"]}:
        client.create_bucket(Bucket=bucket)
    return bucket


def _bytes_in(store: SeaweedFS, bucket: str) -> int:
    client = connect(store.endpoint, REGION, *store.credentials("administrator"))
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return sum(found["Size"] for page in pages for found in page.get("Contents", []))
