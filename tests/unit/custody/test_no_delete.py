"""The vault has no way to remove anything, and nor has anything else in custody but the shredder and the doctor."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import muniment.custody
from muniment.custody.vault import Vault

CUSTODY = Path(muniment.custody.__path__[0])
REMOVING = re.compile(r"\.delete_|\.abort_|lifecycle_configuration\(|put_bucket_")
# Each of these only tries, on throwaways or to show the refusal.
TRYING = {"attempts.py", "doctor.py", "probes/deletion.py", "probes/retention.py", "probes/bucket.py"}
# One reads the rules that expire objects, one says who may delete, and one deletes.
ALLOWED = TRYING | {"lifecycle.py", "bucket_policy.py", "shredder.py"}


def test_the_vault_shows_only_ways_to_write_once_and_to_read() -> None:
    public = {name for name, _ in inspect.getmembers(Vault) if not name.startswith("_")}

    assert public == {
        "bucket", "check_settings", "download", "download_record", "endpoint", "extend_lock", "extend_record", "find",
        "find_hidden", "keeps_locks", "list_folders", "list_keys", "list_objects", "list_versions", "lock_of",
        "open_ranges", "read", "read_chunks", "read_record", "seal_bytes", "seal_file",
    }  # fmt: skip


@pytest.mark.parametrize("path", sorted(CUSTODY.rglob("*.py")), ids=lambda path: path.name)
def test_no_call_that_removes_is_made_outside_the_shredder_and_the_doctor(path: Path) -> None:
    name = path.relative_to(CUSTODY).as_posix()

    assert name in ALLOWED or not REMOVING.search(path.read_text("utf-8"))
