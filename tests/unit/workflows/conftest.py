from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.workflows.holds_store import Holding, open_holding


@pytest.fixture
def holding(tmp_path: Path) -> Holding:
    return open_holding(tmp_path)
