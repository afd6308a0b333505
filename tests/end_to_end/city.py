"""The demonstration city for tests: a real store, a real simulator process, the real command."""

from __future__ import annotations

import http.client
import io
import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path

import platform_simulator
from muniment.cli.demo_city import advance_clock, drop_newsletter
from muniment.cli.main import main
from muniment.custody.vault import Vault
from muniment.embedded.seaweed import SeaweedFS
from muniment.evidence.manifest import Manifest
from muniment.settings import Settings, read_settings
from muniment.workflows.doctor import examine_store
from muniment.workflows.retrieve import list_manifests
from muniment.workflows.wiring import open_vault, open_workplace

AGENCY = "claremont"
SCENARIO = Path(platform_simulator.__file__).parent / "scenarios" / "claremont.yaml"


@dataclass(frozen=True)
class Simulator:
    """A simulator process and its address."""

    process: subprocess.Popen[str]
    address: str

    def truth(self) -> dict[str, object]:
        port = int(self.address.rsplit(":", 1)[1])
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
            connection.request("GET", "/simulator/truth")
            return dict(json.loads(connection.getresponse().read()))

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)
        if self.process.stdout is not None:
            self.process.stdout.close()


def start_simulator() -> Simulator:
    command = [sys.executable, "-m", "platform_simulator", "--scenario", str(SCENARIO)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return Simulator(process, json.loads(process.stdout.readline())["simulator"])


@dataclass(frozen=True)
class City:
    """One installation: its own bucket and folder on a shared store, a simulator of its own."""

    settings: Settings
    simulator: Simulator

    @property
    def vault(self) -> Vault:
        return open_vault(AGENCY, self.settings)

    def manifests(self, account: str | None = None, series: str | None = None) -> list[Manifest]:
        return list(list_manifests(open_workplace(AGENCY, self.settings), account=account, series=series))

    def advance(self, seconds: int) -> None:
        advance_clock(self.settings, seconds)

    def drop_newsletter(self) -> None:
        drop_newsletter(self.settings, AGENCY)

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "muniment.cli.main", *words]

    def environment(self) -> dict[str, str]:
        return {**os.environ, **self.settings.as_environment()}

    def run(self, *words: str) -> Done:
        """Run the command in this process, where Great Expectations is imported once for all tests."""
        said, complained = io.StringIO(), io.StringIO()
        with settings_in_force(self.settings), redirect_stdout(said), redirect_stderr(complained):
            try:
                code = main(words)
            except SystemExit as end:  # how argparse turns a wrong command away
                code = int(end.code or 0)
        return Done(code, said.getvalue(), complained.getvalue())


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it said."""

    returncode: int
    stdout: str
    stderr: str


@contextmanager
def settings_in_force(settings: Settings) -> Iterator[None]:
    kept, handler = dict(os.environ), signal.getsignal(signal.SIGTERM)
    os.environ.update(settings.as_environment())
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)
        signal.signal(signal.SIGTERM, handler)


def open_city(store: SeaweedFS, home: Path, simulator: Simulator, *, endpoint: str | None = None) -> City:
    """Make an installation with a fresh bucket whose store has passed the doctor."""
    settings = read_settings({"MUNIMENT_HOME": str(home), "MUNIMENT_SIMULATOR": simulator.address})
    settings = replace(
        settings,
        store=replace(
            settings.store,
            endpoint=endpoint or store.endpoint,
            credentials_file=store.credentials_file("operator"),
            administrator_file=store.credentials_file("administrator"),
            bucket_prefix=f"e2e-{uuid.uuid4().hex[:8]}-",
        ),
    )
    assert examine_store(AGENCY, settings).passed
    return City(settings, simulator)
