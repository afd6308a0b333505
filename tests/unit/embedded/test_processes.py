"""One supervised child process."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from muniment.embedded.processes import Supervised, find_pid, start_process, stop_process
from muniment.errors import ServiceError

SLEEP = [sys.executable, "-c", "import time; print('here', flush=True); time.sleep(60)"]
DEAF = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)",
]
WITH_CHILD = [
    sys.executable,
    "-c",
    "import os, time\npid = os.fork()\nprint('child', os.getpid() if pid == 0 else pid, flush=True)\ntime.sleep(60)",
]


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Supervised]:
    found = Supervised("sleeper", tmp_path / "run" / "sleeper.pid", tmp_path / "log" / "sleeper.log")
    yield found
    stop_process(found, grace_s=0)


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def says(process: Supervised, text: str) -> bool:
    return process.log_file.exists() and text in process.log_file.read_text("utf-8")


def test_a_process_leads_a_session_of_its_own_and_its_output_is_kept(process) -> None:
    pid = start_process(process, SLEEP, os.environ)

    wait_until(lambda: says(process, "here"))
    assert find_pid(process) == pid
    assert os.getsid(pid) == os.getpgid(pid) == pid
    assert process.log_file.stat().st_mode & 0o077 == 0


def test_a_second_start_is_refused(process) -> None:
    pid = start_process(process, SLEEP, os.environ)

    with pytest.raises(ServiceError, match=f"expected none running, found pid {pid}"):
        start_process(process, SLEEP, os.environ)


def test_a_command_that_is_not_there_is_an_error(process) -> None:
    with pytest.raises(ServiceError, match=r"could not start /no/such/command: No such file"):
        start_process(process, ["/no/such/command"], os.environ)

    assert find_pid(process) is None


def test_stopping_ends_the_process_and_forgets_it(process) -> None:
    pid = start_process(process, SLEEP, os.environ)

    stop_process(process)

    assert find_pid(process) is None
    assert not process.pid_file.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_stopping_what_does_not_run_is_no_error(process) -> None:
    stop_process(process)


def test_a_process_deaf_to_the_polite_signal_is_killed(process) -> None:
    pid = start_process(process, DEAF, os.environ)
    wait_until(lambda: says(process, "deaf"))

    stop_process(process, grace_s=0.2)

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_the_children_of_a_process_end_with_it(process) -> None:
    start_process(process, WITH_CHILD, os.environ)
    wait_until(lambda: process.log_file.exists() and process.log_file.read_text("utf-8").count("child") == 2)
    child = int(process.log_file.read_text("utf-8").split()[1])

    stop_process(process)

    wait_until(
        lambda: not Path(f"/proc/{child}").exists() or "\nState:\tZ" in Path(f"/proc/{child}/status").read_text()
    )


def test_a_killed_process_is_not_taken_for_a_running_one(process) -> None:
    pid = start_process(process, SLEEP, os.environ)

    os.kill(pid, signal.SIGKILL)

    wait_until(lambda: find_pid(process) is None)


@pytest.mark.parametrize("change", [{"started": 1}, {"boot": "another"}])
def test_a_stranger_with_the_same_pid_is_neither_found_nor_stopped(process, change) -> None:
    pid = start_process(process, SLEEP, os.environ)
    kept = process.pid_file.read_text("utf-8")
    process.pid_file.write_text(json.dumps(json.loads(kept) | change), "utf-8")

    assert find_pid(process) is None
    stop_process(process)

    os.kill(pid, 0)
    process.pid_file.write_text(kept, "utf-8")


@pytest.mark.parametrize("text", ["", "12", "{}", '{"pid": "x"}', "not json"])
def test_a_spoilt_pid_file_means_that_nothing_is_known_to_run(process, text) -> None:
    process.pid_file.parent.mkdir(parents=True)
    process.pid_file.write_text(text, "utf-8")

    assert find_pid(process) is None


def test_the_children_of_a_killed_process_are_ended_before_it_starts_again(process) -> None:
    leader = start_process(process, WITH_CHILD, os.environ)
    wait_until(lambda: process.log_file.exists() and process.log_file.read_text("utf-8").count("child") == 2)
    child = int(process.log_file.read_text("utf-8").split()[1])
    os.kill(leader, signal.SIGKILL)
    wait_until(lambda: find_pid(process) is None)
    assert os.getpgid(child) == leader

    start_process(process, SLEEP, os.environ)

    wait_until(
        lambda: not Path(f"/proc/{child}").exists() or "\nState:\tZ" in Path(f"/proc/{child}/status").read_text()
    )
