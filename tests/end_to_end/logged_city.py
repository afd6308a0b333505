"""A city that was captured, logged and stamped, and a copy of its whole bucket in a folder."""

from __future__ import annotations

from pathlib import Path

from muniment.embedded.seaweed import SeaweedFS
from muniment.workflows.stamp_checkpoints import stamp_newest
from tests.end_to_end.city import AGENCY, City, Simulator, open_city, settings_in_force


def open_logged_city(store: SeaweedFS, home: Path, simulator: Simulator) -> City:
    """Capture the city once, append to its log, and have its authority stamp the checkpoint."""
    city = open_city(store, home, simulator)
    city.drop_newsletter()
    for words in (("capture",), ("log", "keys", "new"), ("log", "append")):
        if words != ("log", "keys", "new") or not any(city.settings.log_keys.glob("*")):
            done = city.run(*words, "--agency", AGENCY)
            assert done.returncode == 0, done.stdout + done.stderr
    with settings_in_force(city.settings):
        stamped = stamp_newest(AGENCY)
    assert stamped["findings"] == []
    return city


def copy_vault(city: City, root: Path) -> Path:
    """Copy every object of the bucket but the doctor's throwaways."""
    for key in city.vault.list_keys(""):
        if not key.startswith("doctor/"):
            path = root / key
            path.parent.mkdir(parents=True, exist_ok=True)
            city.vault.download(key, path)
    return root
