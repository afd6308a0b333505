"""The agency's time authorities, ready to be asked: each with its address, and whom its answers must lead to."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from muniment.custody.time_authorities import ask
from muniment.errors import TimeAuthorityError, TimestampError
from muniment.evidence.timestamp import Trust, read_trust
from muniment.records.agency import Agency, TimeAuthority
from muniment.settings import Settings
from muniment.workflows.wiring import Workplace, now

_START_S = 30.0
LOCAL_FOLDER = "time-authority"


@dataclass(frozen=True, slots=True)
class Door:
    """One authority: how it is asked (a request in DER, a response in DER), and whom to trust."""

    authority: TimeAuthority
    ask: Callable[[bytes], bytes]
    trust: Trust


@dataclass(frozen=True, slots=True)
class Timekeeping:
    """One agency with its open doors, those that did not open and why, and the clock that we go by."""

    place: Workplace
    doors: tuple[Door, ...]
    closed: tuple[tuple[TimeAuthority, str], ...] = ()
    clock: Callable[[], datetime] = now
    pause_s: float = 2.0  # before an authority that failed is asked again


@contextmanager
def open_doors(place: Workplace) -> Iterator[Timekeeping]:
    """Open the doors of the agency's authorities; the local one runs only as long."""
    doors: list[Door] = []
    closed: list[tuple[TimeAuthority, str]] = []
    with ExitStack() as stack:
        for authority in place.agency.time_authorities:
            try:
                url = stack.enter_context(run_local_authority(place.settings)) if authority.local else authority.url
                trust = trust_of(place.settings, place.agency, authority)
                doors.append(Door(authority, partial(ask, authority.name, url or ""), trust))
            except (TimeAuthorityError, TimestampError) as error:
                closed.append((authority, str(error)))
        yield Timekeeping(place, tuple(doors), tuple(closed))


def trust_of(settings: Settings, agency: Agency, authority: TimeAuthority) -> Trust:
    """Read whom the answers of *authority* must lead to.

    Raises:
        TimestampError: T004, its certificates cannot be read.
    """
    files = [settings.agencies / agency.id / name for name in authority.roots]
    if authority.local:
        files = [local_root(settings)]
    try:
        return read_trust(b"\n".join(path.read_bytes() for path in files))
    except OSError as error:
        raise TimestampError(
            "T004", f"authority {authority.name}: expected its certificates, found {type(error).__name__}"
        ) from None


def local_root(settings: Settings) -> Path:
    """Return the file with the root of the local authority, which it writes when it first runs."""
    return settings.home / LOCAL_FOLDER / "root.pem"


@contextmanager
def run_local_authority(settings: Settings) -> Iterator[str]:
    """Run the local authority as a process of its own, and give its address.

    Its keys are in no other process, and it is asked through the same door as any other.

    Raises:
        TimeAuthorityError: it did not start.
    """
    # By name: the services of the embedded default stand above the workflows.
    command = [sys.executable, "-m", "muniment.embedded.time_authority", str(settings.home / LOCAL_FOLDER)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        patience = threading.Timer(_START_S, process.kill)
        patience.start()
        try:
            address = process.stdout.readline().strip() if process.stdout else ""
        finally:
            patience.cancel()
        if not address.startswith("http://127.0.0.1:"):
            raise TimeAuthorityError("local time authority: expected its address, found that it did not start")
        try:
            yield address
        finally:
            process.communicate()  # the end of its input ends it
