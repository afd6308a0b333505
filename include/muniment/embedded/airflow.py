"""Airflow's four processes: their environment, their commands, the sign of their health.

Secrets reach Airflow as commands that print a file (``..._CMD``), never as values: a task's
environment holds none of them.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import muniment
from muniment.embedded.airflow_client import get_json
from muniment.embedded.ports import LOOPBACK, Ports
from muniment.embedded.secret_files import make_fernet_key, read_or_make_secret, write_secret_text
from muniment.errors import ServiceError

DAEMONS = ("api-server", "scheduler", "dag-processor", "triggerer")
USERS = (
    "operator",
    "records_officer",
    "clerk",
    "counsel",
    "auditor",
    "administrator",
    "department_head",
    "council",
)
RECORDER = "recorder"  # no person: reads who answered what, for the task that destroys
_TOKEN_S = 3600
_SESSION_IDLE_MINUTES = 60
_SESSION_MAX_MINUTES = 600  # one working day, then sign in again
_HEALTH = {"scheduler": "scheduler", "dag-processor": "dag_processor", "triggerer": "triggerer"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Airflow:
    """One installation: its folder, its ports, its database, and whether timetables start runs."""

    folder: Path
    ports: Ports
    database_url: str
    timetables: bool

    @property
    def address(self) -> str:
        """Return the address of the web page and the REST API."""
        return f"http://{LOOPBACK}:{self.ports.airflow}"

    @property
    def sign_in(self) -> Path:
        """Return the folder with one password file for each local user."""
        return self.folder / "sign-in"

    def password(self, user: str) -> str:
        """Return the password of the local *user*, made on first use."""
        return read_or_make_secret(self.sign_in / f"{user}.password")


def project_folder() -> Path:
    """Return the checkout that holds ``dags``, ``plugins`` and ``config``.

    Raises:
        ServiceError: the package is installed away from its checkout.
    """
    folder = Path(muniment.__file__).resolve().parents[2]
    if not (folder / "dags").is_dir():
        raise ServiceError(
            f"Airflow: expected a checkout with dags, plugins and config around the package, found {folder}"
        )
    return folder


def prepare(airflow: Airflow, officers: Collection[str] = ()) -> None:
    """Make the folders, the secrets and the passwords of the users and *officers*, unless they exist."""
    for folder in (airflow.folder, airflow.folder / "logs", _secrets(airflow), airflow.sign_in):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    read_or_make_secret(_secrets(airflow) / "fernet.key", make_fernet_key)
    read_or_make_secret(_secrets(airflow) / "jwt.secret")
    read_or_make_secret(_secrets(airflow) / "session.secret")
    write_secret_text(_secrets(airflow) / "database.url", airflow.database_url)
    for user in (*USERS, RECORDER, *officers):
        airflow.password(user)


def environment(airflow: Airflow, base: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of every Airflow process, over *base*."""
    project = project_folder()
    options = {
        f"AIRFLOW__{section.upper()}__{name.upper()}": value
        for section, values in _options(airflow, project).items()
        for name, value in values.items()
    }
    return {
        **base,
        **options,
        "AIRFLOW_HOME": str(airflow.folder),
        "PYTHONPATH": f"{project / 'include'}:{project / 'plugins'}",
        "PYTHONUNBUFFERED": "1",
        "GX_ANALYTICS_ENABLED": "false",  # Great Expectations would report its use to its makers
        "TQDM_DISABLE": "1",  # a progress bar has no place in a task's log
        "NO_COLOR": "1",
    }


def command(*words: str) -> tuple[str, ...]:
    """Return the command line of ``airflow`` *words*."""
    return (sys.executable, "-m", "airflow", *words)


def daemon_command(daemon: str) -> tuple[str, ...]:
    """Return the command line of one of `DAEMONS`.

    The servers of log files, which listen on every interface, stay off: the web page reads
    the files themselves.
    """
    quiet = ("--skip-serve-logs",) if daemon in {"scheduler", "triggerer"} else ()
    return command(daemon, *quiet)


def prepare_command(airflow: Airflow) -> tuple[str, ...]:
    """Return the command that brings database, roles and local users up to date."""
    roles = project_folder() / "config" / "roles.yaml"
    module = "muniment_airflow.prepare"
    return (sys.executable, "-m", module, "--roles", str(roles), "--users", str(airflow.sign_in))


def is_healthy(airflow: Airflow, daemon: str) -> bool:
    """Tell whether *daemon* works: the API server answers, the others have had a recent heartbeat."""
    health = read_health(airflow)
    if daemon == "api-server":
        return bool(health)
    return health.get(_HEALTH[daemon]) == "healthy"


def read_health(airflow: Airflow) -> dict[str, str]:
    """Return each component's status by name; nothing when the API server does not answer."""
    try:
        components = get_json(f"{airflow.address}/api/v2/monitor/health")
    except ServiceError:
        return {}
    return {name: str((state or {}).get("status")) for name, state in components.items()}


def _secrets(airflow: Airflow) -> Path:
    return airflow.folder / "secrets"


def _options(airflow: Airflow, project: Path) -> dict[str, dict[str, str]]:
    return {
        "core": _core(airflow, project),
        "database": {"sql_alchemy_conn_cmd": _print(airflow, "database.url")},
        "logging": _logging(airflow),
        "api": _api(airflow),
        "api_auth": {
            "jwt_secret_cmd": _print(airflow, "jwt.secret"),
            "jwt_expiration_time": str(_TOKEN_S),
            "jwt_cli_expiration_time": str(_TOKEN_S),
        },
        "fab": {
            "config_file": str(project / "config" / "webserver_config.py"),
            "session_lifetime_minutes": str(_SESSION_IDLE_MINUTES),
            "session_max_lifetime_minutes": str(_SESSION_MAX_MINUTES),
            "auth_rate_limited": "True",
            "auth_rate_limit": "5 per 40 second",
        },
        "muniment": {"recorder_password_file": str(airflow.sign_in / f"{RECORDER}.password")},
        "scheduler": {"use_job_schedule": str(airflow.timetables), "scheduler_idle_sleep_time": "0.5"},
        "dag_processor": {
            "refresh_interval": "30",
            "min_file_process_interval": "30",
            "bundle_refresh_check_interval": "5",
            "parsing_processes": "1",
        },
    }


def _core(airflow: Airflow, project: Path) -> dict[str, str]:
    return {
        "dags_folder": str(project / "dags"),
        "plugins_folder": str(project / "plugins"),
        "executor": "LocalExecutor",
        "parallelism": "4",  # two cores, and a capture mostly waits for its platform
        "max_active_tasks_per_dag": "4",
        "load_examples": "False",
        "auth_manager": "muniment_airflow.auth_manager.RecordsFabAuthManager",
        "fernet_key_cmd": _print(airflow, "fernet.key"),
        "execution_api_server_url": f"{airflow.address}/execution/",
        "test_connection": "Disabled",
    }


def _logging(airflow: Airflow) -> dict[str, str]:
    logs = airflow.folder / "logs"
    return {
        "base_log_folder": str(logs),
        "dag_processor_child_process_log_directory": str(logs / "dag_processor"),
        "file_task_handler_new_folder_permissions": "0o700",
        "file_task_handler_new_file_permissions": "0o600",
    }


def _api(airflow: Airflow) -> dict[str, str]:
    return {
        "host": LOOPBACK,
        "port": str(airflow.ports.airflow),
        "base_url": airflow.address,
        "workers": "1",
        "secret_key_cmd": _print(airflow, "session.secret"),
        "expose_config": "False",
        "expose_stacktrace": "False",
        "enable_swagger_ui": "False",
        "instance_name": "Muniment",
    }


def _print(airflow: Airflow, name: str) -> str:
    return f"cat {shlex.quote(str(_secrets(airflow) / name))}"
