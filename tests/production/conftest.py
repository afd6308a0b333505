"""One production installation under a temporary folder, without containers."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.production.ports import free_ports
from tests.production.services import (
    CHECKOUT,
    NEEDED,
    Stack,
    resolved_services,
    start_database,
)


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """The database, the queue and the store, running; the rest is started by the test."""
    if missing := [name for name in NEEDED if shutil.which(name) is None]:
        message = f"expected {', '.join(missing)} on this machine, found none"
        pytest.fail(message) if os.environ.get("MUNIMENT_REQUIRE_REAL") == "1" else pytest.skip(message)
    # Not pytest's own folder: that is its maker's alone, and the containers' user must reach this one.
    folder = Path(tempfile.mkdtemp(prefix="muniment-production-"))
    folder.chmod(0o711)
    agencies, dags = folder / "agencies", CHECKOUT / "dags"
    shutil.copytree(CHECKOUT / "include" / "agencies", agencies)
    made = subprocess.run(
        [CHECKOUT / "deploy" / "make-secrets", "--agencies", agencies, "--data", folder / "data",
         "--secrets", folder / "secrets", "--settings", folder / "settings.env"],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    settings = folder / "settings.env"
    with settings.open("a", encoding="utf-8") as file:
        file.write("MUNIMENT_WORKER_CONCURRENCY=2\n")
    owner = 50000 if os.geteuid() == 0 else None
    stack = Stack(folder, resolved_services(settings), free_ports(), agencies, dags, owner)
    try:
        start_database(stack)
        stack.start("redis")
        stack.start("store")
        stack.wait_healthy("redis")
        stack.wait_healthy("store")
        yield stack
    finally:
        stack.stop()
        shutil.rmtree(folder)
