"""Parse a large capture in processes of its own: Python's lock lets one process parse on one core only.

A worker is a plain child that takes one share of the pages at a time from its standard input and
answers on its standard output, each as a pickle; the rows pass as a file in the capture's scratch
folder. Not `multiprocessing`: Celery's tasks are daemons, which may have no such children, and a
fork would copy threads' locks. A worker ends as soon as its input does, so also when its task is killed.
"""

from __future__ import annotations

import ctypes
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from importlib.abc import MetaPathFinder
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from traceback import format_tb
from typing import IO, Any, NoReturn, cast

from muniment.errors import ServiceError
from muniment.records.rows import MediaRef
from muniment.records.series import row_kind
from muniment.tables.ahead import each_ahead
from muniment.tables.rows_file import StagingJoiner
from muniment.workflows.staging import Reading, open_reading

# The parent's own path, as Airflow has added to it; in it lies the very code that the parent runs.
_START = f"import sys; sys.path[:] = sys.argv[1:]; from {__name__} import serve; serve()"
# mallopt(3). A worker gives pages of some megabytes back a thousand times over: to take them from the
# kernel anew each time costs a tenth of its work.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _KEPT_BYTES = -1, -3, 1 << 30
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1"}  # a worker has no use for NumPy, which starts threads
_LAST_SECONDS = 5
_SHARES_AHEAD = 2  # for each worker: in its hands, or on disk until those before it are there


def count_workers(shares: int, most: int) -> int:
    """Return how many workers, *most* of all, a capture of so many *shares* is worth: 1 means none beside the task.

    To start takes a worker as long as half a share does, so it is given two or more.
    """
    return max(1, min(most, shares // 2))


def stage_in_workers(
    reading: Reading, staging: Path, *, shares: Sequence[Sequence[int]], workers: int
) -> dict[str, MediaRef]:
    """Parse the *shares* of row groups in *workers* processes; otherwise as `open_reading` lends it.

    Raises:
        ServiceError: a worker ended before it had answered.
        Exception: whatever parsing raised in a worker.
    """
    media: dict[str, MediaRef] = {}
    with (
        ThreadPoolExecutor(workers, "parse-worker") as threads,
        _open_workers(reading, workers) as free,
        StagingJoiner(staging, row_kind(reading.series)) as joiner,
    ):

        def stage(share: tuple[int, Sequence[int]]) -> tuple[Path, dict[str, MediaRef]]:
            number, groups = share
            part = staging.with_name(f"{staging.name}.{number}")
            worker = free.get()
            try:
                return part, worker.ask(part, groups)
            finally:
                free.put(worker)

        for part, found in each_ahead(threads, stage, enumerate(shares), ahead=workers * _SHARES_AHEAD):
            joiner.append(part)
            media |= found
    return media


@contextmanager
def _open_workers(reading: Reading, count: int) -> Iterator[SimpleQueue[_Worker]]:
    free: SimpleQueue[_Worker] = SimpleQueue()
    with ExitStack() as stack:
        for number in range(count):
            worker = _Worker(number)
            stack.callback(worker.end)
            worker.tell(reading)
            free.put(worker)
        yield free


class _Worker:
    def __init__(self, number: int) -> None:
        self._name = f"parse worker {number}"
        self._process = subprocess.Popen(
            [sys.executable, "-c", _START, *sys.path],
            env=os.environ | _ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._questions, self._answers = cast(IO[bytes], self._process.stdin), cast(IO[bytes], self._process.stdout)

    def tell(self, what: object) -> None:
        try:
            self._questions.write(pickle.dumps(what))
            self._questions.flush()
        except BrokenPipeError:
            self._fail()

    def ask(self, part: Path, groups: Sequence[int]) -> dict[str, MediaRef]:
        self.tell((part, groups))
        try:
            answer = pickle.load(self._answers)  # noqa: S301 - our own child's, over a pipe of ours
        except (EOFError, pickle.UnpicklingError):
            self._fail()
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[no-any-return]

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._questions, self._answers):
            with suppress(BrokenPipeError):
                pipe.close()

    def _fail(self) -> NoReturn:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_LAST_SECONDS)
        self._process.kill()
        raise ServiceError(f"{self._name}: expected the rows of its pages, found it ended ({self._process.wait()})")


class _WithoutPandas(MetaPathFinder):
    """Hides pandas: pyarrow imports it with the first array, to see whether it is given pandas' own. Half a second."""

    def find_spec(self, fullname: str, _path: object, _target: object = None) -> None:
        if fullname == "pandas":
            raise ModuleNotFoundError("a parse worker does without pandas", name=fullname)


def serve() -> None:
    """Be a worker: answer each share on standard input, until it ends."""
    _keep_memory()
    sys.meta_path.insert(0, _WithoutPandas())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; our task ends us
    asked: SimpleQueue[Any] = SimpleQueue()
    Thread(target=_listen, args=(sys.stdin.buffer, asked), daemon=True).start()
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as answers:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
        _serve(asked, answers)


def _keep_memory() -> None:
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):  # the GNU C library's
        library.mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)
        library.mallopt(_MMAP_THRESHOLD, _KEPT_BYTES)


def _listen(questions: IO[bytes], asked: SimpleQueue[Any]) -> None:
    with suppress(EOFError, pickle.UnpicklingError):
        while True:
            asked.put(pickle.load(questions))  # noqa: S301 - our own parent's, over a pipe of ours
    os._exit(0)  # nobody waits for an answer, however far it is


def _serve(asked: SimpleQueue[Any], answers: IO[bytes]) -> NoReturn:
    with ExitStack() as stack:
        reading, stage = asked.get(), None
        while True:
            part, groups = asked.get()
            try:
                stage = stage or stack.enter_context(open_reading(reading, threads=False))
                answer = pickle.dumps(stage(part, groups))
            except Exception as error:  # noqa: BLE001 - the process's edge: our parent raises it
                answer = _spell(error)
            with suppress(BrokenPipeError):
                answers.write(answer)
                answers.flush()


def _spell(error: Exception) -> bytes:
    error.add_note("in a parse worker:\n" + "".join(format_tb(error.__traceback__)))
    try:
        spelled = pickle.dumps(error)
        pickle.loads(spelled)  # noqa: S301 - ours; some errors are not made of their arguments
    except Exception as fault:  # noqa: BLE001 - anything may go wrong in an error's own constructor
        return pickle.dumps(ServiceError(f"parse worker: {type(error).__name__}, of which pickle says {fault}"))
    return spelled
