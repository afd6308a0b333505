"""The private key's file: made once, for its owner alone, and never repeated in a message."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from muniment.custody.log_key_files import LogKeyFiles, read_key_file
from muniment.errors import ConfigurationError
from muniment.evidence.notes import make_signing_key

NAME = "city.example/muniment/city"


@pytest.fixture
def files(tmp_path: Path) -> LogKeyFiles:
    return LogKeyFiles(tmp_path / "keys", "city")


def test_no_file_is_told_by_its_path(files: LogKeyFiles) -> None:
    with pytest.raises(ConfigurationError, match=r"city\.key: expected the key that signs the log, found no file"):
        files.read()


@pytest.mark.parametrize("text", ["", "a secret that is no key", "PRIVATE+KEY+x+00000000+AAAA", "\udcff"])
def test_a_file_that_holds_no_key_is_refused_and_not_repeated(files: LogKeyFiles, text: str) -> None:
    files.folder.mkdir()
    files.current.write_bytes(text.encode("utf-8", "surrogateescape"))
    files.current.chmod(0o600)
    with pytest.raises(ConfigurationError) as refusal:
        files.read()

    assert not text or text not in str(refusal.value)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_file_that_others_may_read_is_refused(files: LogKeyFiles, mode: int) -> None:
    files.make(NAME)
    files.current.chmod(mode)
    with pytest.raises(ConfigurationError, match=f"found mode {mode:o}"):
        files.read()


def test_a_key_is_made_once_for_its_owner_alone(files: LogKeyFiles) -> None:
    key = files.make(NAME)

    assert stat.S_IMODE(files.current.stat().st_mode) == 0o600
    assert stat.S_IMODE(files.folder.stat().st_mode) == 0o700
    assert files.read() == {key.verifier.id.hex(): key}
    assert [path.name for path in files.folder.iterdir()] == ["city.key"]
    with pytest.raises(ConfigurationError, match="expected no key yet"):
        files.make(NAME)
    assert files.read() == {key.verifier.id.hex(): key}


def test_the_next_key_waits_beside_the_one_that_signs_and_then_takes_its_place(files: LogKeyFiles) -> None:
    old = files.make(NAME)
    new = files.make_next(NAME)

    assert files.make_next(NAME) == new
    assert list(files.read().values()) == [old, new]
    files.promote()
    assert list(files.read().values()) == [new]
    assert [path.name for path in files.folder.iterdir()] == ["city.key"]


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file")
    with pytest.raises(ConfigurationError, match=r"city\.key: expected to write it"):
        LogKeyFiles(tmp_path / "keys", "city").make(NAME)


def test_a_key_from_elsewhere_is_read_as_other_tools_write_it(tmp_path: Path) -> None:
    key = make_signing_key(NAME)
    (tmp_path / "k").write_text(key.skey)
    (tmp_path / "k").chmod(0o600)

    assert read_key_file(tmp_path / "k") == key
