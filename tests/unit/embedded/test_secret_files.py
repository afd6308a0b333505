from __future__ import annotations

import base64
import stat

import pytest

from muniment.embedded.secret_files import make_fernet_key, read_or_make_secret, write_secret_text
from muniment.errors import ServiceError


def test_a_secret_that_others_may_read_is_refused(tmp_path):
    path = tmp_path / "secret"
    path.write_text("x", "utf-8")
    path.chmod(0o644)

    with pytest.raises(ServiceError, match="expected a file that only its owner reads"):
        read_or_make_secret(path)


def test_an_empty_secret_is_refused(tmp_path):
    path = tmp_path / "secret"
    path.touch(mode=0o600)

    with pytest.raises(ServiceError, match="expected a secret, found an empty file"):
        read_or_make_secret(path)


def test_a_secret_is_made_once_and_is_its_owners_alone(tmp_path):
    path = tmp_path / "new" / "secret"

    first, second = read_or_make_secret(path), read_or_make_secret(path)

    assert first == second
    assert len(first) >= 43
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [item.name for item in path.parent.iterdir()] == ["secret"]


def test_two_secrets_differ(tmp_path):
    assert read_or_make_secret(tmp_path / "a") != read_or_make_secret(tmp_path / "b")


def test_a_secret_that_is_replaced_stays_its_owners_alone(tmp_path):
    path = tmp_path / "url"

    write_secret_text(path, "one")
    write_secret_text(path, "two")

    assert (path.read_text("utf-8"), stat.S_IMODE(path.stat().st_mode)) == ("two", 0o600)


def test_a_fernet_key_is_32_bytes():
    assert len(base64.urlsafe_b64decode(make_fernet_key())) == 32
