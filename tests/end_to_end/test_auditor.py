"""An auditor's laptop: a copied folder, the `verify` extra alone, no network, no help from us."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from muniment.embedded.seaweed import SeaweedFS
from muniment.evidence.readers import FolderReader
from muniment.evidence.verify import Means, verify
from muniment.evidence.verify_run import PROVED
from muniment.tables.row_roots import recompute_root
from tests.end_to_end.city import City, start_simulator
from tests.end_to_end.logged_city import copy_vault, open_logged_city

pytestmark = pytest.mark.real  # a logged, copied vault, read many times

ROOT = Path(__file__).parents[2]
ABSENT = ("airflow", "boto3", "pandas", "httpx", "duckdb", "great_expectations", "pydantic", "yaml")


@pytest.fixture(scope="module")
def logged(store: SeaweedFS, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    simulator = start_simulator()
    yield open_logged_city(store, tmp_path_factory.mktemp("city"), simulator)
    simulator.stop()


@pytest.fixture(scope="module")
def folder(logged: City, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of a whole vault."""
    return copy_vault(logged, tmp_path_factory.mktemp("copy"))


def test_the_vault_itself_verifies_with_its_log_its_time_and_its_locks(logged: City) -> None:
    done = logged.run("verify", "--agency", "claremont", "--json")

    report = json.loads(done.stdout)
    assert (done.returncode, report["findings"]) == (0, []), done.stderr
    assert [check for check in report["checks_not_made"] if "seen earlier" not in check and "latest" not in check] == []
    assert any("a LOCAL authority on the agency's own machine" in fact for fact in report["facts"])


def test_what_is_fetched_brings_the_proof_that_it_is_in_the_log(logged: City, tmp_path: Path) -> None:
    manifest = logged.manifests("bluesky-city", "official-posts")[0]
    chosen = ("--account", "bluesky-city", "--series", "official-posts", "--snapshot", manifest.snapshot)
    fetched = logged.run("snapshots", "fetch", "--agency", "claremont", *chosen, "--to", str(tmp_path / "x"))
    assert fetched.returncode == 0, fetched.stderr

    done = logged.run("verify", str(tmp_path / "x"), "--json")

    report = json.loads(done.stdout)
    assert (done.returncode, report["findings"]) == (0, []), done.stderr
    assert PROVED in report["checks_made"]


def test_a_copied_vault_verifies_and_its_log_has_every_manifest(folder: Path) -> None:
    command = [sys.executable, "-m", "muniment.cli.verify", str(folder), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    report = json.loads(done.stdout)
    assert report["findings"] == []
    assert done.returncode == 0
    assert report["snapshots"] == 8
    assert "the log: keys, batches, checkpoints, tree, and every manifest in it" in report["checks_made"]
    assert "roots of rows, computed again from the Parquet" in report["checks_made"]


@pytest.mark.parametrize("seed", range(12))
def test_a_bit_flipped_anywhere_in_the_copy_blames_that_object_alone(folder: Path, seed: int) -> None:
    chance = random.Random(seed)
    path = chance.choice(sorted(path for path in folder.rglob("*") if path.is_file()))
    key, body = path.relative_to(folder).as_posix(), path.read_bytes()
    place = chance.randrange(len(body))
    path.write_bytes(body[:place] + bytes([body[place] ^ 1 << chance.randrange(8)]) + body[place + 1 :])
    try:
        report = verify(FolderReader(folder), means=Means(row_root=recompute_root))
    finally:
        path.write_bytes(body)

    blamed = {finding.subject for finding in report.findings}
    # What is wrong with a stamp's certificates is found where the stamp is.
    assert blamed <= {key, key.replace(".chain.pem", ".tsr")}
    assert blamed or key.endswith(".chain.pem")


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean virtual environment with the `verify` extra, at the lock's versions."""
    home = tmp_path_factory.mktemp("laptop")
    uv = Path(sys.executable).with_name("uv")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True, timeout=120)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["verify"]]
    python = str(home / "bin" / "python")
    lock = str(ROOT / "requirements.txt")
    install = [str(uv), "pip", "install", "--quiet", "--python", python]
    subprocess.run([*install, "-c", lock, *wanted], check=True, timeout=300)
    subprocess.run([*install, "--no-deps", str(ROOT)], check=True, timeout=300)
    return home


def run_offline(laptop: Path, tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    (tmp_path / "sitecustomize.py").write_text(
        "import socket\n"
        "def refuse(*_, **__): raise OSError('there is no network here')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
    )
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(tmp_path)}
    command = [str(laptop / "bin" / words[0]), *words[1:]]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, env=environment, cwd=tmp_path
    )


def test_the_verify_extra_alone_verifies_a_copied_folder_offline(laptop: Path, folder: Path, tmp_path: Path) -> None:
    found = run_offline(
        laptop,
        tmp_path,
        "python",
        "-c",
        f"import importlib.util as u; print([n for n in {ABSENT} if u.find_spec(n)])",
    )
    assert found.stdout.strip() == "[]"

    done = run_offline(laptop, tmp_path, "muniment", "verify", str(folder), "--json")

    report = json.loads(done.stdout)
    assert (done.returncode, report["findings"]) == (0, []), done.stderr
    assert report["objects"] > 16


def test_a_fault_in_the_copy_is_found_offline(laptop: Path, folder: Path, tmp_path: Path) -> None:
    path = next(folder.rglob("rows.parquet"))
    body = path.read_bytes()
    path.write_bytes(body[:-9] + bytes([body[-9] ^ 1]) + body[-8:])
    try:
        done = run_offline(laptop, tmp_path, "muniment", "verify", str(folder))
    finally:
        path.write_bytes(body)

    assert done.returncode == 1
    assert re.findall(r"^V\d{3}", done.stdout, re.MULTILINE) == ["V002"]


def test_asking_for_a_store_says_which_install_reads_one(laptop: Path, tmp_path: Path) -> None:
    done = run_offline(laptop, tmp_path, "muniment", "verify", "--agency", "claremont")

    assert done.returncode == 2
    assert "expected an install of muniment[server], which reads a store" in done.stderr
    assert "Traceback" not in done.stderr
