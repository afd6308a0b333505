"""A piece of work in a process that is killed in its middle, as a power cut or the kernel would kill it."""

from __future__ import annotations

import os
import signal
import threading
import time
from dataclasses import dataclass, replace
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path

from drills.clock import SimulatedClock
from drills.months import Kill
from drills.work import Work, do, open_place
from muniment.custody.digests import Digests
from muniment.custody.vault import Vault
from muniment.errors import MunimentError
from muniment.evidence.manifest import SealedObject
from muniment.settings import Settings

_KILLED, _FAILED = -signal.SIGKILL, 3
# A clean process that has imported what the work needs: to fork it takes milliseconds, and copies no thread's lock.
_FORKS = get_context("forkserver")
_FORKS.set_forkserver_preload(["drills.kills", "muniment.validation.expectations"])


@dataclass(slots=True)
class _Fate:
    kill: Kill
    writes: int = 0

    def meet(self, *, after: bool) -> None:
        self.writes += not after
        if self.kill.delay_s is None and self.writes == self.kill.write and after == self.kill.after:
            _die()


class _MortalVault(Vault):
    """A vault whose process is killed at one of its writes: before it arrives, or after it is kept."""

    def __init__(self, vault: Vault, fate: _Fate) -> None:
        super().__init__(vault._client, vault.bucket)
        self._fate = fate

    def seal_bytes(self, key: str, body: bytes, *, lock_until: datetime, content_type: str) -> SealedObject:
        self._fate.meet(after=False)
        sealed = super().seal_bytes(key, body, lock_until=lock_until, content_type=content_type)
        self._fate.meet(after=True)
        return sealed

    def seal_file(
        self, key: str, path: Path, *, lock_until: datetime, content_type: str, digests: Digests | None = None
    ) -> SealedObject:
        self._fate.meet(after=False)
        sealed = super().seal_file(key, path, lock_until=lock_until, content_type=content_type, digests=digests)
        self._fate.meet(after=True)
        return sealed


def do_and_be_killed(settings: Settings, work: Work, clock: SimulatedClock, kill: Kill) -> bool:
    """Do *work* in another process under *kill*; return whether it was killed. Otherwise it was done, or failed."""
    process = _FORKS.Process(target=_serve, args=(settings, work, clock.address, kill))
    process.start()
    process.join()
    clock.look()
    if process.exitcode not in (0, _KILLED, _FAILED):
        raise RuntimeError(f"expected a process that ended or was killed, found exit code {process.exitcode}")
    return process.exitcode == _KILLED


def _serve(settings: Settings, work: Work, address: str, kill: Kill) -> None:
    if kill.delay_s is not None:
        threading.Thread(target=_die_in, args=(kill.delay_s,), daemon=True).start()
    place = open_place(settings, SimulatedClock(address))
    try:
        do(replace(place, vault=_MortalVault(place.vault, _Fate(kill))), work)
    except MunimentError:
        os._exit(_FAILED)


def _die_in(seconds: float) -> None:
    time.sleep(seconds)
    _die()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
