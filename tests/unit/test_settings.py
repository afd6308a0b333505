"""Where the second copy is kept: said by the environment, or nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from muniment.errors import ConfigurationError
from muniment.settings import read_settings

FIRST = {"MUNIMENT_S3_ENDPOINT": "http://127.0.0.1:8333", "MUNIMENT_BUCKET_PREFIX": "city-"}


@pytest.mark.parametrize("environment", [FIRST, FIRST | {"MUNIMENT_SECOND_S3_ENDPOINT": ""}])
def test_without_an_endpoint_there_is_no_second_store(environment: dict[str, str]) -> None:
    assert read_settings(environment).second is None


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:8333", "http://127.0.0.1:8333/"])
def test_a_second_copy_in_the_vaults_own_bucket_is_refused(endpoint: str) -> None:
    same = {"MUNIMENT_SECOND_S3_ENDPOINT": endpoint, "MUNIMENT_SECOND_S3_BUCKET_PREFIX": "city-"}

    with pytest.raises(ConfigurationError, match="expected another than the vault's, found 'city-'"):
        read_settings(FIRST | same)


def test_on_the_same_server_the_second_bucket_has_another_name() -> None:
    second = read_settings(FIRST | {"MUNIMENT_SECOND_S3_ENDPOINT": FIRST["MUNIMENT_S3_ENDPOINT"]}).second

    assert second is not None
    assert second.bucket("claremont") == "second-city-claremont"
    assert second.credentials_file == read_settings(FIRST).store.credentials_file


def test_a_second_store_has_its_own_address_region_and_keys() -> None:
    elsewhere = {
        "MUNIMENT_SECOND_S3_ENDPOINT": "https://s3.elsewhere.example",
        "MUNIMENT_SECOND_S3_REGION": "us-east-2",
        "MUNIMENT_SECOND_S3_CREDENTIALS": "/keys/second.json",
        "MUNIMENT_SECOND_S3_ADMINISTRATOR": "/keys/none.json",
        "MUNIMENT_SECOND_S3_BUCKET_PREFIX": "copy-",
    }

    second = read_settings(FIRST | elsewhere).second

    assert second is not None
    assert (second.endpoint, second.region) == ("https://s3.elsewhere.example", "us-east-2")
    assert second.credentials_file == Path("/keys/second.json")
    assert second.bucket("claremont") == "copy-claremont"


def test_the_first_stores_keys_are_never_sent_to_another_server() -> None:
    settings = read_settings(FIRST | {"MUNIMENT_SECOND_S3_ENDPOINT": "https://s3.elsewhere.example"})

    assert settings.second is not None
    assert settings.second.credentials_file != settings.store.credentials_file
    assert settings.second.administrator_file != settings.store.administrator_file


def test_settings_read_again_from_their_own_environment_are_the_same() -> None:
    settings = read_settings(FIRST | {"MUNIMENT_SECOND_S3_ENDPOINT": "https://s3.elsewhere.example"})

    assert read_settings(settings.as_environment()) == settings


def test_each_store_has_a_file_for_the_key_that_destroys_and_the_first_ones_goes_nowhere_else() -> None:
    same = FIRST | {
        "MUNIMENT_SECOND_S3_ENDPOINT": FIRST["MUNIMENT_S3_ENDPOINT"],
        "MUNIMENT_S3_SHREDDER": "/keys/s.json",
    }
    elsewhere = same | {"MUNIMENT_SECOND_S3_ENDPOINT": "https://s3.elsewhere.example"}
    named = elsewhere | {"MUNIMENT_SECOND_S3_SHREDDER": "/keys/t.json"}

    files = [(read_settings(env).store.shredder_file, read_settings(env).second) for env in (same, elsewhere, named)]

    assert {file for file, _ in files} == {Path("/keys/s.json")}
    found = [second.shredder_file for _, second in files if second is not None]
    assert found == [
        Path("/keys/s.json"),
        read_settings(elsewhere).home / "second-store/shredder.json",
        Path("/keys/t.json"),
    ]


def test_where_nothing_is_destroyed_there_is_no_key_to_do_it_with(tmp_path: Path) -> None:
    store = read_settings({"MUNIMENT_HOME": str(tmp_path)}).store

    with pytest.raises(ConfigurationError, match=r"store/shredder\.json: expected JSON with access_key and secret_key"):
        store.shredder()


def test_settings_survive_their_own_environment_with_the_shredders_files() -> None:
    settings = read_settings(
        FIRST | {"MUNIMENT_S3_SHREDDER": "/keys/s.json", "MUNIMENT_SECOND_S3_ENDPOINT": "http://127.0.0.1:1"}
    )

    assert read_settings(settings.as_environment()) == settings
