"""The documents are true: generated pages fresh, commands and codes documented, links whole, no workplace in them."""

from __future__ import annotations

import importlib.util
import re
import subprocess
from pathlib import Path

import pytest

from muniment.cli.main import COMMANDS
from muniment.evidence.finding_types import CATALOGUE

ROOT = Path(__file__).resolve().parents[2]
_SPEC = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
assert _SPEC is not None
assert _SPEC.loader is not None
generate = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(generate)

MARKDOWN = [ROOT / name for name in subprocess.check_output(["git", "ls-files", "*.md"], cwd=ROOT, text=True).split()]


@pytest.mark.parametrize("name", sorted(generate.PAGES))
def test_a_generated_page_is_fresh(name: str) -> None:
    assert (ROOT / "docs" / name).read_text("utf-8") == generate.PAGES[name](), "run `make docs`"


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_finding_is_documented_once(code: str) -> None:
    page = (ROOT / "docs" / "findings.md").read_text("utf-8")

    assert page.count(f"| {code} |") == 1


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_help_a_clerk_can_follow(command: str) -> None:
    page = (ROOT / "docs" / "commands.md").read_text("utf-8")

    section = page.split(f"## `muniment {command}`", 1)[1].split("\n## ", 1)[0]
    assert f"muniment {command}" in section
    assert len(section) > 200


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_inside_the_project_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text("utf-8"))
    inside = [link for link in links if "://" not in link and not link.startswith("mailto:")]

    assert [link for link in inside if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_file_of_ours_that_a_page_names_exists(path: Path) -> None:
    named = re.findall(r"`((?:tests|include|dags|plugins|deploy|config|docs)/[\w./-]+)`", path.read_text("utf-8"))
    # What `deploy/make-secrets` writes is in no checkout.
    inside = [name for name in named if not name.startswith("deploy/secrets/")]

    assert [name for name in inside if not (ROOT / name).exists()] == []


def test_decisions_have_one_number_each() -> None:
    numbers = [path.name[:4] for path in (ROOT / "docs" / "adr").glob("*.md")]

    assert sorted(numbers) == [f"{number:04}" for number in range(1, len(numbers) + 1)]


def test_every_decision_says_what_was_refused() -> None:
    for path in (ROOT / "docs" / "adr").glob("*.md"):
        text = path.read_text("utf-8")

        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
            "Context",
            "Decision",
            "Consequences",
            "What we refused",
        ], path


@pytest.mark.parametrize("word", ["finding", "gap", "manifest", "quarantined", "snapshot", "volume", "vault", "basis"])
def test_the_words_that_carry_the_design_are_in_the_glossary(word: str) -> None:
    assert f"\n| {word} |" in (ROOT / "GLOSSARY.md").read_text("utf-8")


def test_every_direct_dependency_has_its_reason() -> None:
    section = (ROOT / "pyproject.toml").read_text("utf-8").split("[project.scripts]")[0]
    wanted = re.findall(r'^    "(?!muniment\[)([a-z][^"]*)",(.*)$', section, re.MULTILINE)
    obvious = {"ruff", "mypy", "pandas-stubs", "boto3-stubs", "types-pyyaml", "pytest"}

    unexplained = [name for name, rest in wanted if "#" not in rest and re.split(r"[>=<\[]", name)[0] not in obvious]
    assert unexplained == []


def test_nothing_speaks_of_the_place_where_it_was_written() -> None:
    files = subprocess.check_output(["git", "ls-files"], cwd=ROOT, text=True).split("\n")
    text = [name for name in files if name and Path(name).suffix not in {".parquet", ".car", ".gz", ".png", ".svg"}]
    marks = re.compile("|".join(("/wo" + "rk/", r"\.libr" + "ary", "pypi" + r"\.org", "files.python" + "hosted")))

    assert [name for name in text if marks.search((ROOT / name).read_text("utf-8", errors="replace"))] == []


def test_the_makefile_prints_every_target_that_the_readme_names() -> None:
    shown = subprocess.check_output(["make", "-s", "help"], cwd=ROOT, text=True)
    named = set(re.findall(r"^make ([a-z-]+)", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE))

    assert named
    assert [target for target in named if not re.search(rf"^{target}\b", shown, re.MULTILINE)] == []
