"""The exit codes 0, 1 and 2 mean what they are said to mean, whatever happens."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from muniment.cli.edge import FAILED, run_safely
from muniment.cli.main import COMMANDS, main
from muniment.errors import ConfigurationError
from tests.unit.evidence.vault_folder import SoundVault


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ConfigurationError("x: expected y, found z"), "muniment x: x: expected y, found z"),
        (KeyboardInterrupt(), "muniment x: stopped"),
        (PermissionError(13, "Permission denied", "/secret"), "muniment x: /secret: Permission denied"),
        (OSError("no errno"), "muniment x: system: OSError"),
        (ZeroDivisionError(), "a fault of Muniment's own"),
        (RecursionError(), "a fault of Muniment's own"),
    ],
)
def test_what_could_not_be_done_never_ends_with_the_code_of_findings(
    error: BaseException, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> int:
        raise error

    assert run_safely("muniment x", fail) == FAILED
    assert message in capsys.readouterr().err


def test_a_reader_that_goes_away_ends_it_without_a_traceback(tmp_path: Path) -> None:
    vault = SoundVault(tmp_path)
    vault.add_snapshot(1)
    for number in range(3_000):
        vault.write(f"records/stray-{number:05}-{'x' * 100}", b"")

    done = subprocess.run(
        ["bash", "-c", f"'{sys.executable}' -m muniment.cli.verify '{tmp_path}' | head -1; echo ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.stderr == ""
    assert done.stdout.splitlines()[-1] == "2"


def test_a_file_name_that_a_terminal_would_obey_is_spelled_out(tmp_path: Path) -> None:
    vault = SoundVault(tmp_path)
    vault.add_snapshot(1)
    (tmp_path / "records" / "\x1b[2J\udcff").write_bytes(b"")

    done = subprocess.run(
        [sys.executable, "-m", "muniment.cli.verify", str(tmp_path)], capture_output=True, timeout=60, check=False
    )

    assert done.returncode == 1
    assert b"\x1b" not in done.stdout
    assert b"\\x1b[2J\\udcff" in done.stdout


@pytest.mark.parametrize("command", ["muniment.cli.main", "muniment.cli.verify"])
def test_a_folder_in_an_objects_place_is_a_missing_object(tmp_path: Path, command: str) -> None:
    vault = SoundVault(tmp_path)
    manifest = vault.add_snapshot(1)
    path = tmp_path / manifest.address.key("rows.parquet")
    path.unlink()
    path.mkdir()
    words = ["verify"] if command.endswith("main") else []

    done = subprocess.run(
        [sys.executable, "-m", command, *words, str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 1
    assert "V001" in done.stdout


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_explains_itself_with_its_exit_codes(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])

    said = capsys.readouterr().out
    assert ended.value.code == 0
    assert f"muniment {command}" in said
    assert "Exit code: 0" in said


@pytest.mark.parametrize("word", ["--help", "-h"])
def test_a_command_explains_itself_in_a_process_of_its_own(word: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "muniment.cli.main", "snapshots", word],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0
    assert "\n  muniment snapshots" in done.stdout
    assert "Exit code: 0" in done.stdout
