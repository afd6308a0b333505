"""What every test stands on: no network but loopback, no Airflow in unit tests, a real object store
and a real PostgreSQL on request."""

from __future__ import annotations

import os
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from importlib.machinery import ModuleSpec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import hypothesis
import psycopg2
import pytest
import pytest_socket

from muniment.custody.bucket_policy import restrict_bucket
from muniment.custody.buckets import create_bucket
from muniment.custody.client import connect
from muniment.custody.shredder import Shredder
from muniment.custody.vault import Vault
from muniment.embedded import postgres as pg
from muniment.embedded.ports import pick_free_ports
from muniment.embedded.processes import Supervised, start_process
from muniment.embedded.seaweed import REGION, SeaweedFS

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# How long an example takes says something of the machine, and nothing of the code.
hypothesis.settings.register_profile("muniment", deadline=None, max_examples=25)
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=300)  # `make test-all`
hypothesis.settings.load_profile("muniment")

TESTS = Path(__file__).parent
LOOPBACK = ["127.0.0.1", "::1", "localhost"]
STORE_FIXTURES = {"store", "operator_client", "administrator_client", "shredder_client", "bucket", "vault", "faulty"}


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
def postgres() -> Iterator[pg.Postgres]:
    """A real PostgreSQL with the databases and owners of the embedded default."""
    # Another run of pytest closes the folder of all runs to the user that PostgreSQL runs as.
    with TemporaryDirectory(prefix="muniment-postgres-", ignore_cleanup_errors=True) as folder:
        yield from _serve_postgres(Path(folder))


def _serve_postgres(folder: Path) -> Iterator[pg.Postgres]:
    cluster = pg.Postgres(folder=folder, port=pick_free_ports(1)[0])
    process = Supervised("postgres", folder / "postgres.pid", folder / "postgres.log")
    pg.prepare(cluster)
    quick = ("-c", "fsync=off", "-c", "shared_buffers=16MB")
    try:
        start_process(process, (*pg.command(cluster), *quick), {**os.environ, "LC_ALL": "C"})
        deadline = time.monotonic() + 60
        while not pg.is_ready(cluster):
            assert time.monotonic() < deadline, process.log_file.read_text("utf-8")
            time.sleep(0.05)
        pg.ensure_database(cluster)
        yield cluster
    finally:
        pg.stop(process)


@pytest.fixture
def catalog_address(postgres: pg.Postgres) -> str:
    """The address of the catalog's schema, emptied."""
    secret = postgres.superuser_password()
    connection = psycopg2.connect(
        host="127.0.0.1", port=postgres.port, user=pg.SUPERUSER, password=secret, dbname=pg.DATABASE
    )
    with closing(connection), connection, connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA {pg.CATALOG_OWNER} CASCADE")
        cursor.execute(f"CREATE SCHEMA {pg.CATALOG_OWNER} AUTHORIZATION {pg.CATALOG_OWNER}")
    return postgres.catalog_url()


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


@pytest.fixture(scope="session")
def shredder_client(store: SeaweedFS) -> S3Client:
    return connect(store.endpoint, REGION, *store.credentials("shredder"))


@pytest.fixture
def shredder(shredder_client: S3Client, administrator_client: S3Client, bucket: str) -> Shredder:
    """What may destroy in the fresh bucket; from then on nobody else may."""
    assert restrict_bucket(administrator_client, bucket)
    return Shredder(shredder_client, bucket)


@pytest.fixture
def vault(operator_client: S3Client, bucket: str) -> Vault:
    """A fresh vault, opened with the operator's key."""
    return Vault(operator_client, bucket)
