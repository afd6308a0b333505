from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.evidence.vault_folder import SoundVault


@pytest.fixture
def sound(tmp_path: Path) -> SoundVault:
    """Two snapshots, the second on the first, and one picture."""
    vault = SoundVault(tmp_path)
    vault.add_snapshot(1, media=b"a picture")
    vault.add_snapshot(2)
    return vault
