"""Every command of docs/verify-by-hand.md runs as it stands there, and stops at whatever is not as it should be."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from muniment.embedded.seaweed import SeaweedFS
from tests.end_to_end.city import start_simulator
from tests.end_to_end.logged_city import copy_vault, open_logged_city

pytestmark = pytest.mark.real  # half a minute to make the copy

PAGE = Path(__file__).parents[2] / "docs" / "verify-by-hand.md"
POSTS = "records/series=official-posts/account=bluesky-city"


@pytest.fixture(scope="module")
def copy(store: SeaweedFS, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    simulator = start_simulator()
    city = open_logged_city(store, tmp_path_factory.mktemp("city"), simulator)
    yield copy_vault(city, tmp_path_factory.mktemp("copy"))
    simulator.stop()


def run_page(folder: Path) -> subprocess.CompletedProcess[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 8
    environment = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(folder)}
    return subprocess.run(
        ["bash", "-euxo", "pipefail", "-c", "\n".join(blocks)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_every_command_of_the_page_holds_on_a_sound_copy(copy: Path) -> None:
    done = run_page(copy)

    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout
    assert len(re.findall(r"^as sealed: .*(?:pages|rows|media)\.parquet$", said, re.MULTILINE)) >= 2
    assert "on its page: at://" in said
    assert "logged in log/batches/" in said
    assert re.search(r"the root is that of \d+ entries", said)
    assert "Signature Verified Successfully" in said
    assert "Time stamp: " in said


def of_snapshot(copy: Path, name: str) -> Path:
    return max(copy.glob(f"{POSTS}/volume=*/snapshot=*/{name}"))


def newest(copy: Path, pattern: str) -> Path:
    return max(copy.glob(pattern))


@pytest.mark.parametrize(
    ("name", "stops"),
    [
        ("pages.parquet", ["NOT AS SEALED"]),
        ("rows.parquet", ["NOT AS SEALED"]),
        ("manifest.json", ["NOT AS SEALED", "BATCH="]),
        ("log/batches/*", ["the root is another", "BATCH="]),
        ("log/checkpoints/*", ["the root is another", "binascii.Error"]),
        ("log/timestamps/*/*.tsr", ["Verification: FAILED", "Error"]),
    ],
)
def test_one_flipped_bit_stops_the_page(copy: Path, name: str, stops: list[str]) -> None:
    path = newest(copy, name) if name.startswith("log/") else of_snapshot(copy, name)
    body = path.read_bytes()
    flipped = bytearray(body)
    # In a batch the first entry, in a checkpoint its root, in a stamp its signature, elsewhere the middle.
    place = {
        "log/batches/*": body.find(b'"sha256":"') + 12,
        "log/checkpoints/*": body.find(b"\n", body.find(b"\n") + 1) + 5,
        "log/timestamps/*/*.tsr": len(body) - 10,
    }
    flipped[place.get(name, len(body) // 2)] ^= 1
    path.write_bytes(bytes(flipped))
    try:
        done = run_page(copy)
    finally:
        path.write_bytes(body)

    assert done.returncode != 0
    assert any(word in done.stdout + done.stderr for word in stops), done.stdout + done.stderr
