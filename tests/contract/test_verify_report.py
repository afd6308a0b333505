"""The report for people: a sample never says verified, a page that needs nothing else, keys and checkpoints brought."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from muniment.cli.verify_page import to_page
from muniment.cli.verify_text import to_json, to_text
from muniment.evidence.checks.sample import Sample
from muniment.evidence.verify import Means
from tests.drill.archive import Archive

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "muniment.cli.verify", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


class Elements(HTMLParser):
    """What a page has: its elements, and every address that it would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.fetched += [value or "" for name, value in attrs if name in {"src", "href", "data", "action"}]


def page_of(archive: Archive, means: Means | None = None) -> str:
    return to_page(archive.verify(means), place="a <b>copy</b>", made_at=NOW)


def test_a_page_fetches_nothing_and_runs_no_script(archive: Archive) -> None:
    archive.log.put("records/<script>alert(1)</script>.txt", b"x")
    elements = Elements()
    page = page_of(archive)
    elements.feed(page)

    assert elements.fetched == []
    assert elements.tags.isdisjoint({"script", "b", "img", "link", "iframe"})
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "url(" not in page


def test_a_page_says_what_was_not_checked_and_why(archive: Archive) -> None:
    archive.remove_under("log/timestamps/")

    page = page_of(archive)

    assert re.search(r"NOT made</td><td>time stamps .*this place holds no time stamps", page)


def test_a_page_of_findings_names_code_object_sentence_and_ground(archive: Archive) -> None:
    key = archive.manifests[0].objects[-1].key
    archive.flip(key)

    page = page_of(archive)

    for part in ("V002", key, "An object&#x27;s bytes are not those that the manifest names.", "STD-05; STD-21"):
        assert part in page
    assert "Sound" not in page


@pytest.mark.parametrize("render", [to_text, lambda report: to_page(report, place="x", made_at=NOW)])
def test_a_sample_says_sampled_and_never_verified_or_sound(archive: Archive, render) -> None:
    said = render(archive.verify(Means(sample=Sample(3, "seed"))))
    said = re.sub("<style>.*</style>", "", said, flags=re.DOTALL)

    assert "Sampled" in said
    assert "would have found a fault in 1 % of the objects with probability 42.86 %" in said  # 3 of 7
    assert not re.search(r"verified|verification report|sound", said, re.IGNORECASE)


def test_a_sample_is_neither_sound_nor_unsound_as_json(archive: Archive) -> None:
    said = to_json(archive.verify(Means(sample=Sample(3, "seed"))))

    assert (said["outcome"], said["sound"]) == ("sampled", None)


def test_the_command_takes_what_an_auditor_brings(archive: Archive, tmp_path: Path) -> None:
    key, kept, page = tmp_path / "key", tmp_path / "kept", tmp_path / "report.html"
    key.write_text(f"# the log of x\n{archive.log.key.verifier.vkey}\n")
    kept.write_bytes(archive.kept)

    done = run(str(archive.root), "--log-key", str(key), "--checkpoint", str(kept), "--report", str(page), "--json")

    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["sound"] is True
    assert "whether the log continues a checkpoint seen earlier" in report["checks_made"]
    assert page.read_text("utf-8").startswith("<!doctype html>")


def test_the_command_finds_an_older_log(archive: Archive, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes(archive.kept)
    archive.relog(archive.manifests[:1])

    done = run(str(archive.root), "--checkpoint", str(kept))

    assert done.returncode == 1
    assert "V021" in done.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--sample", "3"), "expected --sample and --seed together"),
        (("--seed", "x"), "expected --sample and --seed together"),
        (("--sample", "0", "--seed", "x"), "expected at least 1 object"),
        (("--log-key", "no-such-file"), "no-such-file"),
        (("--log-key", "/dev/null"), "expected a key of the log in /dev/null, found none"),
        (("--time-root", "/dev/null"), "certificates"),
    ],
)
def test_what_was_brought_and_cannot_be_used_ends_with_2(
    archive: Archive, words: tuple[str, ...], message: str
) -> None:
    done = run(str(archive.root), *words)

    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_store_asked_for_without_what_reads_one_names_the_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from muniment.cli import main
    from muniment.errors import ConfigurationError

    def lacks_boto3(name: str) -> object:
        raise ModuleNotFoundError("No module named 'boto3'", name="boto3")

    monkeypatch.setattr(main, "import_module", lacks_boto3)
    with pytest.raises(ConfigurationError, match=r"expected an install of muniment\[server\].*found no boto3"):
        main._open_vault("claremont")


def test_without_pyarrow_the_roots_of_rows_are_said_not_to_be_computed(archive: Archive) -> None:
    code = (
        "import sys; sys.modules['pyarrow'] = None; from muniment.cli import verify; "
        "import argparse; p = argparse.ArgumentParser(); verify.configure(p); "
        f"sys.exit(verify.run(p.parse_args([{str(archive.root)!r}, '--json'])))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)

    report = json.loads(done.stdout)
    assert (
        "roots of rows, computed again from the Parquet: this machine has no pyarrow, which reads Parquet"
        in report["checks_not_made"]
    )
