"""The ports of the embedded services, all on the loopback interface."""

from __future__ import annotations

import errno
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from muniment.errors import ConfigurationError, ServiceError
from muniment.settings import read_port

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where each embedded service listens."""

    airflow: int = 8080
    postgres: int = 25432
    simulator: int = 8790

    def named(self) -> dict[str, int]:
        """Return each service's port by its name."""
        return asdict(self)


def read_ports(environment: Mapping[str, str] | None = None) -> Ports:
    """Read the ports from ``MUNIMENT_PORT_<NAME>``; a port without a variable keeps its default.

    Raises:
        ConfigurationError: a variable is no port, or two services share one.
    """
    named = {name: read_port(name, default, environment) for name, default in Ports().named().items()}
    for name, port in named.items():
        twin = next(other for other, taken in named.items() if taken == port)
        if twin != name:
            raise ConfigurationError(f"port {port}: expected one service, found {twin} and {name}")
    return Ports(**named)


def check_free(ports: Mapping[str, int]) -> None:
    """Return when nothing listens on any of *ports*, given by service name.

    Raises:
        ServiceError: something does; names every such port.
    """
    taken = [f"port {port} ({name})" for name, port in ports.items() if not is_free(port)]
    if taken:
        raise ServiceError(f"{', '.join(taken)}: expected free on {LOOPBACK}, found in use by another process")


def is_free(port: int) -> bool:
    """Tell whether *port* can be listened on."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # Without this a port that closed a moment ago counts as taken (RFC 9293 section 3.6, TIME-WAIT).
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                return False
            raise
    return True


def pick_free_ports(count: int) -> list[int]:
    """Return *count* ports that nothing listens on now."""
    probes = [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((LOOPBACK, 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()
