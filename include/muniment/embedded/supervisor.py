"""Start and stop the embedded default: store, database, simulator, Airflow, under one data folder."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from muniment.embedded.airflow import Airflow
from muniment.embedded.airflow_client import SignedIn, sign_in
from muniment.embedded.ports import check_free
from muniment.embedded.processes import Supervised, find_pid, start_process, stop_process
from muniment.embedded.supervisor_plan import (
    Options,
    airflow_of,
    build_plan,
    read_options,
    resolve_settings,
    supervised,
    write_options,
)
from muniment.embedded.supervisor_state import State, read_state_or_none
from muniment.errors import ServiceError
from muniment.settings import Settings, read_child_environment

_UP_WITHIN_S = 300
_DOWN_WITHIN_S = 120
_POLL_S = 0.2

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Running:
    """The embedded default, up. *settings* carry the addresses of the store and the simulator."""

    settings: Settings
    options: Options
    airflow: Airflow

    def sign_in(self, user: str = "operator") -> SignedIn:
        """Sign in to Airflow as one of the local users.

        Raises:
            ServiceError: Airflow refuses.
        """
        return sign_in(self.airflow.address, user, self.airflow.password(user))

    def state(self) -> State:
        """Read the supervisor's state.

        Raises:
            ServiceError: it has written none.
        """
        return _read_state(self.settings)


def start(settings: Settings, options: Options, progress: Progress | None = None) -> Running:
    """Start everything under ``settings.home`` and return when it is healthy; the supervisor stays behind.

    One that runs already is left as it is, with the options that it was started with.

    Raises:
        ServiceError: a port is taken, or something did not start; then nothing is left running.
        ConfigurationError: a setting makes no sense.
    """
    process = supervised(settings, "supervisor")
    if find_pid(process) is None:
        _stop_leftovers(settings, options)
        _check_ports(options)
        _run_folder(settings).mkdir(parents=True, exist_ok=True, mode=0o700)
        _state_file(settings).unlink(missing_ok=True)
        write_options(_options_file(settings), options)
        arguments = (str(_options_file(settings)), str(_state_file(settings)))
        command = (sys.executable, "-m", "muniment.embedded.supervisor_loop", *arguments)
        start_process(process, command, read_child_environment(settings))
    _wait_until_up(settings, process, progress or _silent)
    return attach(settings)


def attach(settings: Settings) -> Running:
    """Return the embedded default that runs under ``settings.home``.

    Raises:
        ServiceError: none does.
    """
    if find_pid(supervised(settings, "supervisor")) is None:
        raise ServiceError(f"{settings.home}: expected the embedded services to run, found none")
    options = read_options(_options_file(settings))
    return Running(resolve_settings(settings, options), options, airflow_of(settings, options))


def stop(settings: Settings, progress: Progress | None = None) -> None:
    """Stop everything under ``settings.home``, and what a killed supervisor left; none running is no error.

    Raises:
        ServiceError: something does not end.
    """
    process = supervised(settings, "supervisor")
    if find_pid(process) is not None:
        _follow_down(settings, process, progress or _silent)
    if _options_file(settings).is_file():
        _stop_leftovers(settings, read_options(_options_file(settings)))


def _follow_down(settings: Settings, process: Supervised, progress: Progress) -> None:
    """Ask the supervisor to stop everything; tell its lines until it is gone."""
    pid = find_pid(process)
    told, deadline = len(_read_state(settings).progress), time.monotonic() + _DOWN_WITHIN_S
    if pid is not None:
        os.kill(pid, signal.SIGTERM)
    while find_pid(process) is not None and time.monotonic() < deadline:
        time.sleep(_POLL_S)
        told = _tell_new(_read_state(settings), told, progress)
    stop_process(process)


def _wait_until_up(settings: Settings, process: Supervised, progress: Progress) -> None:
    told, deadline = 0, time.monotonic() + _UP_WITHIN_S
    while time.monotonic() < deadline:
        alive = find_pid(process) is not None
        state = read_state_or_none(_state_file(settings))
        if state:
            told = _tell_new(state, told, progress)
            if state.phase == "running":
                return
        if not alive:
            reason = (state.failure if state else None) or "its end"
            raise ServiceError(f"embedded services: expected them up, found {reason} (see {process.log_file})")
        time.sleep(_POLL_S)
    stop(settings)
    raise ServiceError(f"embedded services: expected them up within {_UP_WITHIN_S} s (see {process.log_file})")


def _tell_new(state: State, told: int, progress: Progress) -> int:
    for line in state.progress[told:]:
        progress(line)
    return len(state.progress)


def _stop_leftovers(settings: Settings, options: Options) -> None:
    services = [service for step in build_plan(settings, options) for service in step.services]
    for service in reversed(services):
        service.stop()


def _check_ports(options: Options) -> None:
    wanted = options.ports.named()
    check_free({name: port for name, port in wanted.items() if name != "simulator" or options.scenario})


def _read_state(settings: Settings) -> State:
    state = read_state_or_none(_state_file(settings))
    if state is None:
        raise ServiceError(f"{_state_file(settings)}: expected the supervisor's state, found none")
    return state


def _run_folder(settings: Settings) -> Path:
    return settings.home / "run"


def _state_file(settings: Settings) -> Path:
    return _run_folder(settings) / "state.json"


def _options_file(settings: Settings) -> Path:
    return _run_folder(settings) / "options.json"


def _silent(_line: str) -> None:
    """Tell nobody."""
