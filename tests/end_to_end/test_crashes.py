"""Killed (-9) at every write, before it arrived and after it was kept: the next capture ends whole."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from muniment.embedded.seaweed import SeaweedFS
from muniment.evidence.verify import verify
from tests.end_to_end.city import City, Simulator, open_city
from tests.end_to_end.killing_relay import KillingRelay, relay_to

WORDS = ("capture", "--agency", "claremont", "--account", "bluesky-city", "--series", "official-posts")
# pages, three pictures of the four that there should be, their list, rows, manifest
WRITES = 7


@pytest.fixture
def relay(store: SeaweedFS) -> Iterator[KillingRelay]:
    with relay_to(store.endpoint) as found:
        yield found


@pytest.fixture
def city(store: SeaweedFS, relay: KillingRelay, simulator: Simulator, tmp_path: Path) -> City:
    """An installation that reaches its store through the relay."""
    found = open_city(store, tmp_path, simulator, endpoint=relay.address)
    relay.writes.clear()
    return found


def capture_and_be_killed(city: City, relay: KillingRelay) -> None:
    process = subprocess.Popen(
        city.command(*WORDS), env=city.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    relay.victim = process.pid
    _, said = process.communicate(timeout=120)
    assert process.returncode == -9, said.decode()


def test_the_writes_of_a_capture_are_as_many_as_this_file_kills_at(city: City, relay: KillingRelay) -> None:
    done = city.run(*WORDS)

    assert done.returncode == 0, done.stderr
    names = [path.rsplit("/", 1)[1] for path in relay.writes]
    assert len(names) == WRITES, names
    assert (names[0], names[-3:]) == ("pages.parquet", ["media.parquet", "rows.parquet", "manifest.json"])


@pytest.mark.parametrize(
    ("write", "after"),
    [
        # One in the middle in every run of the tests, the others in the long one.
        pytest.param(
            write,
            after,
            id=f"{write}-{'after it was kept' if after else 'before it arrived'}",
            marks=() if (write, after) == (4, True) else pytest.mark.real,
        )
        for write in range(1, WRITES + 1)
        for after in (False, True)
    ],
)
def test_a_capture_killed_at_a_write_is_finished_by_the_next_and_nothing_named_is_unlocked(
    city: City, relay: KillingRelay, write: int, after: bool
) -> None:
    relay.at, relay.after = write, after
    capture_and_be_killed(city, relay)
    relay.at = 0

    again = city.run(*WORDS)

    assert again.returncode == 0, again.stderr
    whole = sorted(manifest.snapshot for manifest in city.manifests("bluesky-city", "official-posts"))
    keys = city.vault.list_keys("records/")
    begun = sorted({key.split("snapshot=")[1].split("/")[0] for key in keys if "snapshot=" in key})
    # What was killed is finished first, then the new capture is taken; nothing is left half done.
    assert begun == whole
    assert len(whole) == (1 if (write, after) == (1, False) else 2)
    assert verify(city.vault).findings == ()
