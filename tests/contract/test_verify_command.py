"""`muniment verify` over a folder, as an auditor types it, right and wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.evidence.vault_folder import SoundVault


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    vault = SoundVault(tmp_path)
    vault.add_snapshot(1, media=b"a picture")
    vault.add_snapshot(2)
    return tmp_path


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "muniment.cli.verify", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "expected a folder"),
        (("no-such-folder",), "expected a folder, found none at no-such-folder"),
        (("--agency", "claremont"), "expected a folder"),
        ((".", "--agency", "claremont"), "expected a folder or --agency, found both"),
        ((".", "--account", "city"), "expected --account with --series"),
        ((".", "--series", "s", "--account", "../x"), "account is not of the specified form"),
    ],
)
def test_a_command_typed_wrong_ends_with_2_and_says_what_was_expected(words: tuple[str, ...], message: str) -> None:
    done = run(*words)

    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_flipped_bit_ends_with_1_and_names_the_object(folder: Path) -> None:
    path = next(folder.rglob("rows.parquet"))
    path.write_bytes(b"x" + path.read_bytes()[1:])

    done = run(str(folder))

    assert done.returncode == 1
    assert "V002" in done.stdout
    assert path.relative_to(folder).as_posix() in done.stdout


def test_a_sound_folder_ends_with_0_and_says_what_was_not_checked(folder: Path) -> None:
    done = run(str(folder))

    assert done.returncode == 0
    assert "Sound" in done.stdout
    assert "not checked: locks" in done.stdout


def test_the_report_as_json_has_every_finding_with_its_sentence(folder: Path) -> None:
    next(folder.rglob("rows.parquet")).unlink()

    report = json.loads(run(str(folder), "--json").stdout)

    assert report["sound"] is False
    assert [finding["code"] for finding in report["findings"]] == ["V001"]
    assert report["findings"][0]["sentence"] == "An object that the manifest names is missing."


def test_it_needs_nothing_but_the_standard_library_and_the_evidence() -> None:
    code = (
        "import sys, muniment.cli.verify; "
        "print([m for m in sys.modules if m.split('.')[0] in "
        "{'boto3','httpx','pandas','pyarrow','pydantic','yaml','duckdb','rich','msgspec','airflow'}])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert done.stdout.strip() == "[]"
