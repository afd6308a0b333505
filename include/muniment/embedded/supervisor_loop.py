"""The supervisor's own process: start everything in order, restart what dies, stop it all in reverse.

``python -m muniment.embedded.supervisor_loop OPTIONS_FILE STATE_FILE``; the settings come from its environment.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from muniment.embedded.supervisor_plan import Service, Step, build_plan, read_options
from muniment.embedded.supervisor_state import Phase, State, write_state
from muniment.errors import MunimentError, ServiceError
from muniment.settings import read_settings

_POLL_S = 0.25
_READY_WITHIN_S = 180
_BACK_OFF_S = (1, 2, 4, 8, 16, 30, 60)
_STEADY_S = 120  # alive that long, a service has earned a fresh start of its back-off


@dataclass(slots=True)
class Watch:
    """One service under watch: when it last started, how often in a row it died, when to start it again."""

    service: Service
    started: float = 0.0
    deaths: int = 0
    start_at: float | None = None


@dataclass(slots=True)
class Supervisor:
    """Everything that the loop knows."""

    state_file: Path
    stopping: threading.Event
    state: State = field(default_factory=lambda: State("starting"))
    watches: list[Watch] = field(default_factory=list)

    def tell(self, line: str) -> None:
        """Write *line* to the log and to the state file."""
        print(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {line}", flush=True)  # noqa: T201 - the supervisor's own log
        self.state.progress = [*self.state.progress[-199:], line]
        self.save()

    def enter(self, phase: Phase, failure: str | None = None) -> None:
        """Change the phase."""
        self.state.phase = phase
        self.state.failure = failure
        self.save()

    def save(self) -> None:
        """Write the state file."""
        pids = {watch.service.name: watch.service.find_pid() for watch in self.watches}
        self.state.pids = {name: pid for name, pid in pids.items() if pid is not None}
        write_state(self.state_file, self.state)


def supervise(supervisor: Supervisor, plan: tuple[Step, ...]) -> None:
    """Start *plan*, then keep it alive until told to stop.

    Raises:
        ServiceError: it did not start.
    """
    for step in plan:
        begin(supervisor, step)
        if supervisor.stopping.is_set():
            return
    supervisor.enter("running")
    supervisor.tell("all services are up")
    while not supervisor.stopping.wait(_POLL_S):
        revive(supervisor)


def begin(supervisor: Supervisor, step: Step) -> None:
    """Start the services of *step*, wait until they are ready, then do what follows once.

    Raises:
        ServiceError: a service is not ready in time, or what follows failed.
    """
    fresh = [Watch(service) for service in step.services]
    supervisor.watches += fresh
    for watch in fresh:
        watch.service.stop()  # one left by a supervisor that was killed
        launch(watch)
    await_ready(supervisor, fresh)
    for name, act in step.then:
        if supervisor.stopping.is_set():
            return
        began = time.monotonic()
        act()
        supervisor.tell(f"{name}: done in {time.monotonic() - began:.1f} s")


def await_ready(supervisor: Supervisor, watches: list[Watch]) -> None:
    """Wait until each of *watches* is ready, reviving what dies on the way.

    Raises:
        ServiceError: one is not ready in time.
    """
    began, waiting = time.monotonic(), list(watches)
    while waiting and not supervisor.stopping.wait(_POLL_S):
        revive(supervisor)
        for watch in [watch for watch in waiting if watch.service.find_pid() and watch.service.is_ready()]:
            waiting.remove(watch)
            supervisor.tell(f"{watch.service.name}: ready after {time.monotonic() - began:.1f} s")
        if time.monotonic() - began > _READY_WITHIN_S:
            names = ", ".join(watch.service.name for watch in waiting)
            raise ServiceError(f"{names}: expected ready within {_READY_WITHIN_S} s, found not ready (see the logs)")


def revive(supervisor: Supervisor) -> None:
    """Start again what has died, later each time that it dies soon after its start."""
    now = time.monotonic()
    for watch in supervisor.watches:
        if watch.service.find_pid() is not None:
            continue
        if watch.start_at is None:
            watch.deaths = 0 if now - watch.started > _STEADY_S else watch.deaths + 1
            wait_s = _BACK_OFF_S[min(max(watch.deaths, 1), len(_BACK_OFF_S)) - 1]
            watch.start_at = now + wait_s
            supervisor.tell(f"{watch.service.name}: died; starting it again in {wait_s} s")
        elif now >= watch.start_at:
            relaunch(supervisor, watch)


def relaunch(supervisor: Supervisor, watch: Watch) -> None:
    """Start a dead service again; one that will not start counts as dead again."""
    name = watch.service.name
    supervisor.state.restarts[name] = supervisor.state.restarts.get(name, 0) + 1
    try:
        launch(watch)
    except MunimentError as error:
        supervisor.tell(f"{name}: did not start: {error}")
        return
    supervisor.tell(f"{name}: started again")


def launch(watch: Watch) -> None:
    """Start the service of *watch* now."""
    watch.started, watch.start_at = time.monotonic(), None
    watch.service.start()


def stop_all(supervisor: Supervisor) -> None:
    """Stop every service, the last started first; one that does not end holds back no other."""
    for watch in reversed(supervisor.watches):
        try:
            watch.service.stop()
        except ServiceError as error:
            supervisor.tell(f"{watch.service.name}: {error}")
        supervisor.tell(f"{watch.service.name}: stopped")


def main(options_file: Path, state_file: Path) -> int:
    """Run until a signal; return 0 when stopped as asked, 1 when starting failed."""
    supervisor = Supervisor(state_file, threading.Event())

    def stop(_number: int, _frame: FrameType | None) -> None:
        supervisor.stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    failure = None
    try:
        supervise(supervisor, build_plan(read_settings(), read_options(options_file)))
    except Exception as error:  # noqa: BLE001 - a process edge: whatever fails, stop what was started and say so
        failure = f"{type(error).__name__}: {error}"
        supervisor.tell(failure)
    supervisor.enter("stopping", failure)
    stop_all(supervisor)
    supervisor.enter("failed" if failure else "stopped", failure)
    return 1 if failure else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
