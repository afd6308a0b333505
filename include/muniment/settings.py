"""Where this installation keeps things and whom it talks to. The only reader of the environment.

A secret is named by the file that holds it, never by its value.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from muniment.errors import ConfigurationError
from muniment.records.names import check_slug

_PARSE_WORKERS = 4  # each takes half a gigabyte, and several accounts are parsed at once
_SHARE_BYTES = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    """The S3 store: its address, and the files with ``access_key`` and ``secret_key``.

    The administrator's key makes buckets, and lets the doctor prove that it too is refused.
    The shredder's is the only one that may remove what the vault holds.
    """

    endpoint: str
    region: str
    credentials_file: Path
    administrator_file: Path
    bucket_prefix: str
    shredder_file: Path | None = None  # only where dispositions are carried out is there such a file

    def bucket(self, agency: str) -> str:
        """Return the name of the bucket of *agency*.

        Raises:
            ConfigurationError: *agency* is no identifier.
        """
        check_slug(agency, "agency")
        return f"{self.bucket_prefix}{agency}"

    def credentials(self) -> tuple[str, str]:
        """Read the access key and the secret key.

        Raises:
            ConfigurationError: the file is missing or not of that form.
        """
        return _read_key(self.credentials_file)

    def administrator_or_none(self) -> tuple[str, str] | None:
        """Read the administrator's keys; None when this machine does not have them.

        Raises:
            ConfigurationError: the file is there and not of that form.
        """
        return _read_key(self.administrator_file) if self.administrator_file.exists() else None

    def shredder(self) -> tuple[str, str]:
        """Read the shredder's keys.

        Raises:
            ConfigurationError: the file is missing, as it should be wherever nothing is destroyed, or not of that form.
        """
        if self.shredder_file is None:
            raise ConfigurationError("the shredder's key: expected a file with access_key and secret_key, found none")
        return _read_key(self.shredder_file)


def _read_key(path: Path) -> tuple[str, str]:
    try:
        value = json.loads(path.read_text("utf-8"))
        return str(value["access_key"]), str(value["secret_key"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(
            f"{path}: expected JSON with access_key and secret_key, found {type(error).__name__}"
        ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseSettings:
    """Processes that parse one capture at once, and the bytes of bodies that one of them takes at a time.

    A capture of fewer than four shares is parsed without them.
    """

    workers: int
    share_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One installation."""

    home: Path  # data folder of the embedded services, and scratch space
    agencies: Path  # one folder an agency
    secrets: Path  # platform tokens: one file a token, named as the register names it
    log_keys: Path  # the key that signs an agency's log: <log_keys>/<agency>.key
    drop: Path  # newsletter lists arrive in <drop>/<agency>/<account>/
    store: StoreSettings
    catalog_file: Path  # holds the connection string of the catalog's database, password and all
    simulator: str | None  # address of the platform simulator, when one runs
    parsing: ParseSettings
    second: StoreSettings | None = None  # where the second copy is kept; None where there is none

    @property
    def scratch(self) -> Path:
        """Return the folder for files on their way into the vault."""
        return self.home / "scratch"

    def catalog_address(self) -> str:
        """Read the connection string of the catalog's database.

        Raises:
            ConfigurationError: the file is missing or empty.
        """
        text = self.catalog_file.read_text("utf-8").strip() if self.catalog_file.is_file() else ""
        if not text:
            raise ConfigurationError(f"{self.catalog_file}: expected the catalog's connection string, found none")
        return text

    def as_environment(self) -> dict[str, str]:
        """Return the variables from which `read_settings` builds these settings again."""
        simulator = {"MUNIMENT_SIMULATOR": self.simulator} if self.simulator else {}
        second = _as_environment("MUNIMENT_SECOND_S3_", self.second) if self.second else {}
        return {
            **simulator,
            **second,
            "MUNIMENT_HOME": str(self.home),
            "MUNIMENT_AGENCIES": str(self.agencies),
            "MUNIMENT_SECRETS": str(self.secrets),
            "MUNIMENT_LOG_KEYS": str(self.log_keys),
            "MUNIMENT_DROP": str(self.drop),
            "MUNIMENT_CATALOG": str(self.catalog_file),
            "MUNIMENT_PARSE_WORKERS": str(self.parsing.workers),
            "MUNIMENT_PARSE_SHARE_BYTES": str(self.parsing.share_bytes),
            "MUNIMENT_S3_ENDPOINT": self.store.endpoint,
            "MUNIMENT_S3_REGION": self.store.region,
            "MUNIMENT_S3_CREDENTIALS": str(self.store.credentials_file),
            "MUNIMENT_S3_ADMINISTRATOR": str(self.store.administrator_file),
            "MUNIMENT_BUCKET_PREFIX": self.store.bucket_prefix,
            **({"MUNIMENT_S3_SHREDDER": str(self.store.shredder_file)} if self.store.shredder_file else {}),
        }


def _as_environment(prefix: str, store: StoreSettings) -> dict[str, str]:
    return {
        f"{prefix}ENDPOINT": store.endpoint,
        f"{prefix}REGION": store.region,
        f"{prefix}CREDENTIALS": str(store.credentials_file),
        f"{prefix}ADMINISTRATOR": str(store.administrator_file),
        f"{prefix}BUCKET_PREFIX": store.bucket_prefix,
        **({f"{prefix}SHREDDER": str(store.shredder_file)} if store.shredder_file else {}),
    }


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from *environment* (the process's own when not given).

    Raises:
        ConfigurationError: the second copy would lie in the vault's own bucket.
    """
    env = os.environ if environment is None else environment
    home = Path(env.get("MUNIMENT_HOME", ".muniment")).absolute()
    here = Path(__file__).resolve().parent.parent
    store = _read_store(env, home)
    return Settings(
        home=home,
        agencies=Path(env.get("MUNIMENT_AGENCIES", here / "agencies")).absolute(),
        secrets=Path(env.get("MUNIMENT_SECRETS", home / "secrets")).absolute(),
        log_keys=Path(env.get("MUNIMENT_LOG_KEYS", home / "log-keys")).absolute(),
        drop=Path(env.get("MUNIMENT_DROP", home / "drop")).absolute(),
        store=store,
        catalog_file=Path(env.get("MUNIMENT_CATALOG", home / "catalog.url")).absolute(),
        simulator=env.get("MUNIMENT_SIMULATOR") or None,
        parsing=ParseSettings(
            workers=_read_count("MUNIMENT_PARSE_WORKERS", min(len(os.sched_getaffinity(0)), _PARSE_WORKERS), env),
            share_bytes=_read_count("MUNIMENT_PARSE_SHARE_BYTES", _SHARE_BYTES, env),
        ),
        second=_read_second(env, home, store),
    )


def _read_store(env: Mapping[str, str], home: Path) -> StoreSettings:
    keys = home / "store"
    return StoreSettings(
        endpoint=env.get("MUNIMENT_S3_ENDPOINT", "http://127.0.0.1:8333"),
        region=env.get("MUNIMENT_S3_REGION", "us-east-1"),
        credentials_file=Path(env.get("MUNIMENT_S3_CREDENTIALS", keys / "operator.json")).absolute(),
        administrator_file=Path(env.get("MUNIMENT_S3_ADMINISTRATOR", keys / "administrator.json")).absolute(),
        bucket_prefix=env.get("MUNIMENT_BUCKET_PREFIX", "muniment-"),
        shredder_file=Path(env.get("MUNIMENT_S3_SHREDDER", keys / "shredder.json")).absolute(),
    )


def _read_second(env: Mapping[str, str], home: Path, first: StoreSettings) -> StoreSettings | None:
    """Read the second store. On the first one's server it has the same keys, elsewhere keys of its own."""
    prefix = "MUNIMENT_SECOND_S3_"
    endpoint = env.get(f"{prefix}ENDPOINT")
    if not endpoint:
        return None
    keys, same = home / "second-store", endpoint.rstrip("/") == first.endpoint.rstrip("/")
    operator = first.credentials_file if same else keys / "operator.json"
    administrator = first.administrator_file if same else keys / "administrator.json"
    shredder = first.shredder_file if same and first.shredder_file else keys / "shredder.json"
    second = StoreSettings(
        endpoint=endpoint,
        region=env.get(f"{prefix}REGION", first.region),
        credentials_file=Path(env.get(f"{prefix}CREDENTIALS", operator)).absolute(),
        administrator_file=Path(env.get(f"{prefix}ADMINISTRATOR", administrator)).absolute(),
        bucket_prefix=env.get(f"{prefix}BUCKET_PREFIX", f"second-{first.bucket_prefix}"),
        shredder_file=Path(env.get(f"{prefix}SHREDDER", shredder)).absolute(),
    )
    if same and second.bucket_prefix == first.bucket_prefix:
        raise ConfigurationError(
            f"{prefix}BUCKET_PREFIX: expected another than the vault's, found {first.bucket_prefix!r}"
        )
    return second


def _read_count(variable: str, default: int, env: Mapping[str, str]) -> int:
    text = env.get(variable, str(default))
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise ConfigurationError(f"{variable}: expected a whole number from 1, found {text!r}")
    return int(text)


def read_port(name: str, default: int, environment: Mapping[str, str] | None = None) -> int:
    """Read the port of the embedded service *name* from ``MUNIMENT_PORT_<NAME>``.

    Raises:
        ConfigurationError: it is not a port number.
    """
    env = os.environ if environment is None else environment
    variable = f"MUNIMENT_PORT_{name.upper()}"
    text = env.get(variable, str(default))
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise ConfigurationError(f"{variable}: expected a port from 1 to 65535, found {text!r}")
    return int(text)


def read_child_environment(settings: Settings, environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what the embedded services find in their environment: ours, with *settings*, nothing for Airflow.

    A stray Airflow variable would reach all its processes; without byte code each of them
    compiles Airflow anew.
    """
    env = os.environ if environment is None else environment
    unwanted = ("AIRFLOW_", "MUNIMENT_", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH")
    return {key: value for key, value in env.items() if not key.startswith(unwanted)} | settings.as_environment()
