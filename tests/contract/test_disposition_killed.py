"""Killed again and again, as a process of its own, in a deletion of ten thousand versions on two real stores."""

from __future__ import annotations

import pickle
import random
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from muniment.embedded.seaweed import SeaweedFS
from muniment.evidence.destruction_certificate import parse_certificate
from muniment.evidence.digest import sha256_hex
from muniment.evidence.layout import VolumeAddress
from tests.contract.dispose_process import Handed
from tests.contract.disposing import Disposing, ShiftedClock, open_disposing
from tests.unit.workflows.disposition.stage import volume

pytestmark = pytest.mark.real  # minutes, all of them waiting for a store

GONE, OTHER = volume("2022-03"), volume("2022-04")
OBJECTS = 5_000  # in each copy
SEALED = 3  # of them by a capture: pages, rows, manifest
KILLS, SEED = 12, 20261122
LONGEST_S = 6.0  # that a process lives, once it has begun


def put_media(city: Disposing, address: VolumeAddress, count: int, until: datetime) -> None:
    """Put so many tiny media into both copies of the volume, locked *until*."""

    def put(place: tuple[str, int]) -> None:
        copy, number = place
        body = f"picture {number}".encode()
        city.administrators[copy].put_object(
            Bucket={"vault": city.stage.vault, "second": city.stage.second}[copy].bucket,
            Key=address.media_key(sha256_hex(body)),
            Body=body,
            ObjectLockMode="COMPLIANCE",
            ObjectLockRetainUntilDate=until,
        )

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(put, [(copy, number) for copy in ("vault", "second") for number in range(count)]))


def test_ten_thousand_versions_go_though_the_process_is_killed_again_and_again(
    store: SeaweedFS, second_store: SeaweedFS, tmp_path: Path
) -> None:
    city = open_disposing(tmp_path / "city", store, second_store)
    until = datetime.now(UTC) + timedelta(seconds=90)
    for address in (GONE, OTHER):
        city.stage.seal_volume(address, until, snapshots=1, media=0)
    put_media(city, GONE, OBJECTS - SEALED, until)
    city.wait_for_locks(OTHER)
    untouched, stage = city.stage.versions(OTHER), city.stage
    assert len(stage.versions(GONE)) == 2 * OBJECTS
    disposition = stage.ready(GONE)
    assert isinstance(stage.clock, ShiftedClock)
    handed = tmp_path / "handed.pickle"
    handed.write_bytes(pickle.dumps(Handed(city.settings, disposition, stage.answered, stage.clock.later)))

    deaths = run_and_kill(handed, random.Random(SEED))

    assert deaths == KILLS
    assert stage.versions(GONE) == []
    assert stage.versions(OTHER) == untouched
    certificates = list(stage.vault.list_keys("registers/certificates/"))
    assert len(certificates) == 1
    certificate = parse_certificate(stage.vault.read(certificates[0]))
    assert (certificate.outcome, certificate.versions, certificate.anomalies) == ("whole", 2 * OBJECTS, ())
    numbers = [batch.number for batch in stage.read(disposition).batches]
    assert numbers == sorted(set(numbers))
    assert stage.destroy(disposition)["certificate"] == certificates[0]


def run_and_kill(handed: Path, chance: random.Random) -> int:
    """Run the process until it ends well, and kill the first `KILLS` of them; return how many were killed."""
    deaths = 0
    while True:
        command = [sys.executable, "-m", "tests.contract.dispose_process", str(handed)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "begins\n"
            if deaths < KILLS:
                try:
                    process.wait(chance.uniform(0.2, LONGEST_S))
                except subprocess.TimeoutExpired:
                    process.send_signal(signal.SIGKILL)
                    deaths += 1
                    continue
            assert process.wait() == 0
            return deaths
