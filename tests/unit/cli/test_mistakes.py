"""What a clerk types wrong is answered in one line with what was expected; the store is not even asked."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from muniment.cli.main import main
from muniment.settings import read_settings

SHOWN = ("--agency", "claremont", "--account", "website-news", "--series", "official-posts")
DAY = ("--day", "2026-11-21")
NO_FILE = ("--file", "nothing.txt", "--since", "now")
CLERK = ("--agency", "claremont", "--by", "Dana Okafor")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("snapshots", "show", "--agency", "claremont"), "expected --account, --series, --day, found none"),
        (("snapshots", "fetch", *SHOWN, *DAY), "expected --to, found none"),
        (("snapshots", "show", *SHOWN, *DAY, "--snapshot", "x"), "expected --day or --snapshot, found both"),
        (("snapshots", "list", "--agency", "claremont", "--snapshot", "x"), "expected no --snapshot, found one"),
        (("snapshots", "list", "--agency", "claremont", "--to", "x"), "expected no --to, found one"),
        (("snapshots", "show", *SHOWN, *DAY, "--to", "x"), "expected no --to, found one"),
        (("snapshots", "list", "--agency", "nowhere"), "agency: expected one of "),
        (("capture", "--agency", "../claremont"), "agency: expected one of "),
        (("register", "check", "--agency", "nowhere"), "agency: expected one of "),
        (("log", "prove", "--agency", "claremont"), "expected a snapshot's id or an object's key, and --to FOLDER"),
        (("log", "keys", "--agency", "claremont"), "keys: expected one of list, new, rotate, found none"),
        (("log", "keys", "burn", "--agency", "claremont"), "keys: expected one of list, new, rotate, found burn"),
        (("log", "show", "x", "--agency", "claremont"), "show: expected nothing more, found 'x'"),
        (("log", "append", "--agency", "claremont", "--to", "x"), "append: expected no --to, found one"),
        (("log", "append", "--agency", "nowhere"), "agency: expected one of "),
        (("log", "append", "--agency", "claremont"), "expected the key that signs the log, found no file"),
        (("schedule", "diff"), "diff: expected --agency, found none"),
        (("schedule", "adopt", "--agency", "claremont"), "adopt: expected --by, --preview-sha256, found none"),
        (("schedule", "show", "--by", "me"), "show: expected no --by, found one"),
        (("schedule", "show", "--agency", "nowhere"), "agency: expected one of calcities, claremont, helena, lathrop"),
        (("moderation", "list", "--agency", "nowhere"), "agency: expected one of "),
        (
            ("moderation", "record", "notice", *CLERK, "--how", "e-mail", "--at", "noon"),
            "notice: --at: expected a time as 2026-11-20 14:05",
        ),
        (
            ("moderation", "record", "notice", *CLERK, "--how", "e-mail", "--at", "2026-11-20"),
            "notice: --at: expected a time as 2026-11-20 14:05, or with an offset as 2026-11-20T14:05:00-08:00, "
            "found a day alone",
        ),
        (
            ("moderation", "record", "decision", *CLERK, "--verdict", "burn", "--at", "now"),
            "decision: --verdict: expected one of no-violation, left-up, remove, hide, block, word-filter, found",
        ),
        (
            ("moderation", "record", "review", *CLERK, "--case", "c", "--agrees", "maybe", "--at", "now"),
            "review: --agrees: expected yes or no, found 'maybe'",
        ),
        (("moderation", "import", "nothing.csv", *CLERK, "--column", "case"), "--column: expected OURS=THEIRS"),
        (("moderation", "import", "nothing.csv", *CLERK), "import: expected a file, found none at nothing.csv"),
        (
            ("moderation", "filters", "add", *CLERK, "--list", "x", "--kind", "words", "--account", "a", *NO_FILE),
            "list x: --file: expected a file, found none at nothing.txt",
        ),
        (("attest", *CLERK), "attest: expected --date, found none"),
        (("attest", "--agency", "claremont"), "attest: expected --date, --by, found none"),
        (("attest", "list", *CLERK), "list: expected no --by, found one"),
        (("attest", "worklist", "--agency", "claremont", "--since", "2026-11-01"), "worklist: expected no --since"),
        (("doctor", "--agency", "nowhere"), "agency: expected one of "),
        (
            ("verify", "--agency", "../x"),
            "agency: expected lower-case letters, digits and single hyphens, found '../x'",
        ),
        (("verify", "--agency", "claremont", "--account", "a"), "expected --account with --series"),
    ],
)
def test_it_ends_with_2_and_says_what_was_expected(
    words: tuple[str, ...],
    message: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("MUNIMENT_HOME", str(tmp_path))
    keys = tmp_path / "store"
    keys.mkdir()
    (keys / "operator.json").write_text('{"access_key": "a", "secret_key": "s"}')

    assert main(words) == 2

    said = capsys.readouterr()
    assert message in said.err
    assert "Traceback" not in said.err
    assert said.out == ""


def test_a_machine_without_the_stores_key_is_told_which_file_is_missing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MUNIMENT_HOME", str(tmp_path))

    assert main(("verify", "--agency", "claremont")) == 2
    assert f"{tmp_path}/store/operator.json: expected JSON with access_key and secret_key" in capsys.readouterr().err


@pytest.fixture
def faulty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The demonstration's files, its zone misspelt and an authorization's level unknown."""
    folder = tmp_path / "agencies"
    shutil.copytree(read_settings({}).agencies, folder)
    for name, old, new in (
        ("agency.yaml", "zone: America/Los_Angeles", "zone: America/Los_Angels"),
        ("accounts.yaml", "level: publish", "level: shout"),
    ):
        path = folder / "claremont" / name
        path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    monkeypatch.setenv("MUNIMENT_AGENCIES", str(folder))
    monkeypatch.setenv("MUNIMENT_SIMULATOR", "http://127.0.0.1:9")
    return folder


def test_register_check_tells_every_fault_with_file_and_line_and_ends_with_1(
    faulty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(("register", "check", "--agency", "claremont")) == 1

    said = capsys.readouterr().out
    assert "2 fault(s) in its files" in said
    assert "found 'America/Los_Angels'" in said
    assert re.search(r"claremont/accounts\.yaml:\d+: .*level: expected", said)


def test_register_check_as_json_has_a_fault_in_its_parts(faulty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(("register", "check", "--agency", "claremont", "--json")) == 1

    faults = json.loads(capsys.readouterr().out)["faults"]
    assert [fault["file"] for fault in faults] == ["claremont/agency.yaml", "claremont/accounts.yaml"]
    assert all(set(fault) == {"file", "line", "where", "expected", "found"} for fault in faults)


def test_nothing_is_captured_while_a_file_has_a_fault(faulty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(("capture", "--agency", "claremont")) == 2
    assert "2 fault(s) in its files" in capsys.readouterr().err
