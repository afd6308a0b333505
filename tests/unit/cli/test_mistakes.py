"""What a clerk types wrong is answered in one line with what was expected; the store is not even asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from muniment.cli.main import main

SHOWN = ("--agency", "claremont", "--account", "website-news", "--series", "official-posts")
DAY = ("--day", "2026-11-21")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("snapshots", "show", "--agency", "claremont"), "expected --account, --series, --day, found none"),
        (("snapshots", "fetch", *SHOWN, *DAY), "expected --to, found none"),
        (("snapshots", "show", *SHOWN, *DAY, "--snapshot", "x"), "expected --day or --snapshot, found both"),
        (("snapshots", "list", "--agency", "claremont", "--snapshot", "x"), "expected no --snapshot, found one"),
        (("snapshots", "list", "--agency", "claremont", "--to", "x"), "expected no --to, found one"),
        (("snapshots", "show", *SHOWN, *DAY, "--to", "x"), "expected no --to, found one"),
        (("snapshots", "list", "--agency", "nowhere"), "agency: expected one of claremont in "),
        (("capture", "--agency", "../claremont"), "agency: expected one of claremont in "),
        (("register", "check", "--agency", "nowhere"), "agency: expected one of claremont in "),
        (("doctor", "--agency", "nowhere"), "agency: expected one of claremont in "),
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
