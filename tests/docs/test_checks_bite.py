"""`make check` runs every check, and each of them fails when what it guards is broken by hand."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent

# For each contract, in its order: a module, what it must not import, and the complaint.
OFFENCES = [
    (
        "muniment/records/page.py",
        "muniment.evidence.digest",
        "muniment.records is not allowed to import muniment.evidence",
    ),
    ("muniment/workflows/orders.py", "airflow", "muniment is not allowed to import airflow"),
    ("muniment/validation/judge.py", "pyarrow", "muniment.validation is not allowed to import pyarrow"),
    ("muniment/tables/engine.py", "httpx", "muniment.tables is not allowed to import httpx"),
    ("muniment/workflows/history.py", "boto3", "muniment.workflows is not allowed to import boto3"),
    ("muniment/register/load.py", "pandas", "muniment.register is not allowed to import pandas"),
    ("muniment/custody/client.py", "yaml", "muniment.custody is not allowed to import yaml"),
    ("muniment/workflows/planning.py", "psycopg2", "muniment.workflows is not allowed to import psycopg2"),
    ("muniment/cli/verify.py", "rich", "muniment.cli.verify is not allowed to import rich"),
    ("muniment/parsing/context.py", "socket", "muniment.parsing is not allowed to import socket"),
    ("platform_simulator/times.py", "muniment.errors", "platform_simulator is not allowed to import muniment"),
]
# The first contract, of layers, forbids more than one kind of import.
LAYERS = [
    (
        "muniment/capture/paging.py",
        "muniment.parsing.html_text",
        "muniment.capture is not allowed to import muniment.parsing",
    ),
    (
        "muniment/retention/locks.py",
        "muniment.settings",
        "muniment.retention is not allowed to import muniment.settings",
    ),
    ("muniment/embedded/ports.py", "muniment.cli.output", "muniment.embedded is not allowed to import muniment.cli"),
]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "include", tmp_path / "include", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint_imports(copy: Path) -> tuple[int, str]:
    command = [BIN / "lint-imports", "--config", "pyproject.toml", "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(copy / "include"), "COLUMNS": "200"}
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


def offend(copy: Path, module: str, imported: str) -> None:
    with (copy / "include" / module).open("a", encoding="utf-8") as file:
        file.write(f"\nimport {imported}\n")


def test_the_copy_keeps_every_contract_until_it_is_broken(copy: Path) -> None:
    code, said = lint_imports(copy)

    assert (code, "0 broken" in said) == (0, True), said


def test_every_contract_of_the_architecture_fails_by_its_own_offence(copy: Path) -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    for module, imported, _ in OFFENCES:
        offend(copy, module, imported)

    code, said = lint_imports(copy)

    assert code != 0
    assert f"0 kept, {len(contracts)} broken" in said
    assert len(OFFENCES) == len(contracts)
    assert [complaint for *_, complaint in OFFENCES if complaint not in said] == []


@pytest.mark.parametrize(("module", "imported", "complaint"), LAYERS)
def test_siblings_settings_and_layers_are_kept_apart(copy: Path, module: str, imported: str, complaint: str) -> None:
    offend(copy, module, imported)

    code, said = lint_imports(copy)

    assert code != 0
    assert complaint in said


def test_a_folder_that_no_layer_names_is_refused(copy: Path) -> None:
    (copy / "include" / "muniment" / "helpers.py").write_text('"""A room of its own."""\n')

    code, said = lint_imports(copy)

    assert code != 0
    assert "helpers" in said


@pytest.mark.parametrize(
    "check", ["ruff format --check .", "ruff check .", "mypy", "lint-imports", "python -m pytest tests/docs"]
)
def test_make_check_runs_it(check: str) -> None:
    planned = subprocess.check_output(["make", "-n", "check"], cwd=ROOT, text=True)

    assert re.search(rf"^\S*/{re.escape(check)}$", planned, re.MULTILINE)


@pytest.mark.parametrize(
    ("program", "fault"),
    [
        ("def f(x): return x", "no-untyped-def"),
        ("x: int = 'text'", "assignment"),
        ("def f(x: list) -> None: ...", "type-arg"),
    ],
)
def test_types_are_checked_strictly(tmp_path: Path, program: str, fault: str) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in ("muniment", "platform_simulator"):
        (tmp_path / "include" / package).mkdir(parents=True)
        (tmp_path / "include" / package / "__init__.py").touch()
    (tmp_path / "include" / "muniment" / "x.py").write_text(f"{program}\n")

    done = subprocess.run([BIN / "mypy"], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 1, done.stdout + done.stderr
    assert f"[{fault}]" in done.stdout


@pytest.mark.parametrize(
    ("name", "program", "code"),
    [
        ("include/muniment/x.py", "import os\n", "F401"),
        ("include/muniment/x.py", '"""X."""\n\n\ndef f() -> None:\n    print("x")\n', "T201"),
        (
            "include/muniment/x.py",
            "def f() -> None:\n    try:\n        f()\n    except Exception:\n        pass\n",
            "BLE001",
        ),
        ("include/muniment/x.py", "from datetime import datetime\nx = datetime.now()\n", "DTZ005"),
    ],
)
def test_lint_refuses(name: str, program: str, code: str) -> None:
    done = subprocess.run(
        [BIN / "ruff", "check", "--no-cache", "--stdin-filename", name, "-"],
        input=program,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 1
    assert code in done.stdout
