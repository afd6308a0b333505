"""What every test stands on: no network but loopback, no Airflow in unit tests, a real object store on request."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_socket

from muniment.custody.buckets import create_bucket
from muniment.custody.client import connect
from muniment.custody.vault import Vault
from muniment.embedded.seaweed import REGION, SeaweedFS

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

TESTS = Path(__file__).parent
LOOPBACK = ["127.0.0.1", "::1", "localhost"]
STORE_FIXTURES = {"store", "operator_client", "administrator_client", "bucket", "vault", "faulty"}


class AirflowRefused:
    """Refuses to find Airflow: the library runs without it, and so do its unit tests."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name.partition(".")[0] == "airflow":
            raise ImportError(f"{name}: unit tests do not import Airflow")
        return None


def is_under(item: pytest.Item, folder: str) -> bool:
    return item.path.is_relative_to(TESTS / folder)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if STORE_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.store)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if is_under(item, "unit") or is_under(item, "contract"):
        pytest_socket.socket_allow_hosts(LOOPBACK, allow_unix_socket=True)


@pytest.fixture(autouse=True)
def no_airflow(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if is_under(request.node, "unit"):
        monkeypatch.setattr(sys, "meta_path", [AirflowRefused(), *sys.meta_path])


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeaweedFS]:
    """A real SeaweedFS in a folder of its own."""
    found = SeaweedFS(tmp_path_factory.mktemp("embedded"))
    try:
        found.start()
        yield found
    finally:
        found.stop(grace_s=0)


@pytest.fixture(scope="session")
def operator_client(store: SeaweedFS) -> S3Client:
    return connect(store.endpoint, REGION, *store.credentials("operator"))


@pytest.fixture(scope="session")
def administrator_client(store: SeaweedFS) -> S3Client:
    return connect(store.endpoint, REGION, *store.credentials("administrator"))


@pytest.fixture
def bucket(administrator_client: S3Client) -> str:
    """A fresh bucket with Object Lock."""
    name = f"test-{uuid.uuid4().hex[:12]}"
    create_bucket(administrator_client, name)
    return name


@pytest.fixture
def vault(operator_client: S3Client, bucket: str) -> Vault:
    """A fresh vault, opened with the operator's key."""
    return Vault(operator_client, bucket)
