"""One supervised child process: started in a session of its own, found again and stopped by pid.

A pid alone may have been given to a stranger since, so the pid file also holds the
process's start time and the machine's boot id (proc(5), field 22 of /proc/PID/stat).
Linux only.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from muniment.errors import ServiceError

_POLL_S = 0.05
_KILL_WAIT_S = 10


class Identity(TypedDict):
    """Which process: what a pid file holds."""

    pid: int
    started: int
    boot: str


@dataclass(frozen=True, slots=True)
class Supervised:
    """A process that may or may not run: where its pid and its output are kept."""

    name: str
    pid_file: Path
    log_file: Path


def start_process(process: Supervised, command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Start *command* as *process*, its output appended to the log file; return its pid.

    The child leads its own session and outlives the caller.

    Raises:
        ServiceError: it runs already, or the command cannot be started.
    """
    if (running := find_pid(process)) is not None:
        raise ServiceError(f"{process.name}: expected none running, found pid {running}")
    stop_process(process, grace_s=0)  # children that outlived a leader that was killed
    for file in (process.pid_file, process.log_file):
        file.parent.mkdir(parents=True, exist_ok=True)
    appending = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    try:
        pid = os.posix_spawn(
            command[0],
            list(command),
            dict(environment),
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, str(process.log_file), appending, 0o600),
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ],
            setsid=True,
        )
    except OSError as error:
        raise ServiceError(f"{process.name}: could not start {command[0]}: {error.strerror}") from error
    _remember(process, pid)
    return pid


def find_pid(process: Supervised) -> int | None:
    """Return the pid of *process* when it runs, and None when it does not."""
    kept = _kept_or_none(process)
    if kept is None:
        return None
    _reap(kept["pid"])
    return kept["pid"] if _identity(kept["pid"]) == kept else None


def stop_process(process: Supervised, *, grace_s: float = 20) -> None:
    """Ask *process* and its group to end, wait *grace_s* seconds, then end them; none running is no error.

    The group counts as running while any of it does: a leader that was killed leaves its children.

    Raises:
        ServiceError: it still runs.
    """
    pid = _find_group(process)
    if pid is not None:
        for number, wait_s in ((signal.SIGTERM, grace_s), (signal.SIGKILL, _KILL_WAIT_S)):
            _signal_group(pid, number)
            if _wait_for_group(pid, wait_s):
                break
        else:
            raise ServiceError(f"{process.name}: expected pid {pid} to end, found it running after SIGKILL")
    process.pid_file.unlink(missing_ok=True)


def _kept_or_none(process: Supervised) -> Identity | None:
    try:
        value = json.loads(process.pid_file.read_text("utf-8"))
        return Identity(pid=int(value["pid"]), started=int(value["started"]), boot=str(value["boot"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def _find_group(process: Supervised) -> int | None:
    """Return the group of *process* while any of it runs. A pid is not given anew while it is a group's."""
    kept = _kept_or_none(process)
    if kept is None:
        return None
    pid = kept["pid"]
    _reap(pid)
    leader = _identity(pid)
    orphaned = leader is None and kept["boot"] == _boot_id() and _group_runs(pid)
    return pid if leader == kept or orphaned else None


def _boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()


def _remember(process: Supervised, pid: int) -> None:
    identity = _identity(pid)
    if identity is None:
        _reap(pid)
        raise ServiceError(f"{process.name}: expected it to run, found it ended at once (see {process.log_file})")
    process.pid_file.write_text(json.dumps(identity), "utf-8")


def _identity(pid: int) -> Identity | None:
    fields = _stat(pid)
    if fields is None or not _runs(fields):
        return None
    return Identity(pid=pid, started=int(fields[19]), boot=_boot_id())


def _stat(pid: int) -> list[str] | None:
    """Return the fields of /proc/PID/stat from the third (state) on."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The second field is the program's name in brackets, which may hold spaces and brackets.
    return text.rpartition(")")[2].split()


def _runs(fields: list[str]) -> bool:
    # The first thread may have ended while others still hold the ports: field 20, num_threads.
    return fields[0] not in "ZX" or int(fields[17]) > 1


def _reap(pid: int) -> None:
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return  # not a child of ours: somebody else reaps it


def _signal_group(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return


def _wait_for_group(group: int, wait_s: float) -> bool:
    deadline = time.monotonic() + wait_s
    while _group_runs(group):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_S)
    _reap(group)
    return True


def _group_runs(group: int) -> bool:
    _reap(group)
    pids = (int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdecimal())
    stats = (fields for pid in pids if (fields := _stat(pid)) is not None)
    return any(int(fields[2]) == group and _runs(fields) for fields in stats)
