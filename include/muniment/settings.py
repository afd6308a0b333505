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


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    """The S3 store: its address, and the files with ``access_key`` and ``secret_key``.

    The administrator's key makes buckets, and lets the doctor prove that it too is refused.
    """

    endpoint: str
    region: str
    credentials_file: Path
    administrator_file: Path
    bucket_prefix: str

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


def _read_key(path: Path) -> tuple[str, str]:
    try:
        value = json.loads(path.read_text("utf-8"))
        return str(value["access_key"]), str(value["secret_key"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(
            f"{path}: expected JSON with access_key and secret_key, found {type(error).__name__}"
        ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One installation."""

    home: Path  # data folder of the embedded services, and scratch space
    agencies: Path  # one folder an agency
    secrets: Path  # platform tokens: one file a token, named as the register names it
    drop: Path  # newsletter lists arrive in <drop>/<agency>/<account>/
    store: StoreSettings
    simulator: str | None  # address of the platform simulator, when one runs

    @property
    def scratch(self) -> Path:
        """Return the folder for files on their way into the vault."""
        return self.home / "scratch"

    def as_environment(self) -> dict[str, str]:
        """Return the variables from which `read_settings` builds these settings again."""
        simulator = {"MUNIMENT_SIMULATOR": self.simulator} if self.simulator else {}
        return simulator | {
            "MUNIMENT_HOME": str(self.home),
            "MUNIMENT_AGENCIES": str(self.agencies),
            "MUNIMENT_SECRETS": str(self.secrets),
            "MUNIMENT_DROP": str(self.drop),
            "MUNIMENT_S3_ENDPOINT": self.store.endpoint,
            "MUNIMENT_S3_REGION": self.store.region,
            "MUNIMENT_S3_CREDENTIALS": str(self.store.credentials_file),
            "MUNIMENT_S3_ADMINISTRATOR": str(self.store.administrator_file),
            "MUNIMENT_BUCKET_PREFIX": self.store.bucket_prefix,
        }


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from *environment* (the process's own when not given)."""
    env = os.environ if environment is None else environment
    home = Path(env.get("MUNIMENT_HOME", ".muniment")).absolute()
    here = Path(__file__).resolve().parent.parent
    return Settings(
        home=home,
        agencies=Path(env.get("MUNIMENT_AGENCIES", here / "agencies")).absolute(),
        secrets=Path(env.get("MUNIMENT_SECRETS", home / "secrets")).absolute(),
        drop=Path(env.get("MUNIMENT_DROP", home / "drop")).absolute(),
        store=StoreSettings(
            endpoint=env.get("MUNIMENT_S3_ENDPOINT", "http://127.0.0.1:8333"),
            region=env.get("MUNIMENT_S3_REGION", "us-east-1"),
            credentials_file=Path(env.get("MUNIMENT_S3_CREDENTIALS", home / "store" / "operator.json")).absolute(),
            administrator_file=Path(
                env.get("MUNIMENT_S3_ADMINISTRATOR", home / "store" / "administrator.json")
            ).absolute(),
            bucket_prefix=env.get("MUNIMENT_BUCKET_PREFIX", "muniment-"),
        ),
        simulator=env.get("MUNIMENT_SIMULATOR") or None,
    )


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
