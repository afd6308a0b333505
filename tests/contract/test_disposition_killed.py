"""Killed again and again, as a process of its own, in a deletion of ten thousand versions on two real stores."""

from __future__ import annotations

import pickle
import random
import signal
import subprocess
import sys
import time
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
A_MOMENT = timedelta(seconds=5)
KILLS, SEED = 12, 20261122
MOST_LINES = 5  # that a process says before it is killed: two for each deletion of a batch in one copy
LONGEST_S = 0.5  # that it lives after the last of them


def put_media(city: Disposing, address: VolumeAddress, count: int) -> None:
    """Put so many tiny media into both copies of the volume, each locked for a moment."""

    def put(place: tuple[str, int]) -> None:
        copy, number = place
        body = f"picture {number}".encode()
        city.administrators[copy].put_object(
            Bucket={"vault": city.stage.vault, "second": city.stage.second}[copy].bucket,
            Key=address.media_key(sha256_hex(body)),
            Body=body,
            ObjectLockMode="COMPLIANCE",
            ObjectLockRetainUntilDate=datetime.now(UTC) + A_MOMENT,
        )

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(put, [(copy, number) for copy in ("vault", "second") for number in range(count)]))


def test_ten_thousand_versions_go_though_the_process_is_killed_again_and_again(
    store: SeaweedFS, second_store: SeaweedFS, tmp_path: Path
) -> None:
    city = open_disposing(tmp_path / "city", store, second_store)
    city.seal_volumes((GONE, OTHER), snapshots=1, media=0)
    put_media(city, GONE, OBJECTS - SEALED)
    time.sleep(A_MOMENT.total_seconds())
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
    command = [sys.executable, "-m", "tests.contract.dispose_process", str(handed)]
    for deaths in range(KILLS):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            # The first dies in the last check; the others in the midst of deleting, or just before or after.
            for _ in range(1 if deaths == 0 else chance.randrange(2, 2 + MOST_LINES)):
                if not process.stdout.readline():
                    return deaths
            time.sleep(chance.uniform(0, LONGEST_S))
            process.send_signal(signal.SIGKILL)
            if process.wait() != -signal.SIGKILL:
                return deaths
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return KILLS
