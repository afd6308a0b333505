from __future__ import annotations

import pytest

from muniment.workflows.check_store_units import is_ours, unit_of

VOLUME = "records/series=official-posts/account=city/volume=2026-11/"


@pytest.mark.parametrize(
    ("key", "unit"),
    [
        (f"{VOLUME}snapshot=x/rows.parquet", VOLUME),
        (f"{VOLUME}media/0123", VOLUME),
        ("registers/findings/2026-11/a.json", "registers/findings/2026-11/"),
        ("log/batches/0000000000.json", "log/batches/"),
        ("log/tile/0/x001/067", "log/tile/"),
        ("log/checkpoint", "log/checkpoint"),
        ("records/stray", "records/stray"),
        ("notes.txt", "notes.txt"),
        ("folder/notes.txt", "folder/"),
    ],
)
def test_every_key_is_in_one_unit(key: str, unit: str) -> None:
    assert unit_of(key) == unit
    assert key.startswith(unit)


@pytest.mark.parametrize("unit", ["folder/", "records/stray", "log/checkpoint", "notes.txt"])
def test_a_stray_is_no_unit_of_the_vaults(unit: str) -> None:
    assert not is_ours(unit)


@pytest.mark.parametrize("unit", [VOLUME, "registers/findings/2026-11/", "log/batches/"])
def test_what_the_layout_names_is(unit: str) -> None:
    assert is_ours(unit)
