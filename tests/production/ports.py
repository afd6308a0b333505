"""A free port for each service."""

from __future__ import annotations

import os
import socket

from muniment.embedded.ports import pick_free_ports

PORTS = (
    "postgres", "redis", "store", "store_master", "store_volume", "store_filer", "api", "scheduler", "logs_1", "logs_2",
    "trigger_logs",
)  # fmt: skip
# The store's own gRPC ports are these plus 10000.
LOW = ("store", "store_master", "store_volume", "store_filer")


def free_ports() -> dict[str, int]:
    """Pick a port for each name; the store's also with the port 10000 above free."""
    ports = dict(zip(PORTS, pick_free_ports(len(PORTS)), strict=True))
    candidates = iter(range(15000 + os.getpid() % 5000, 22000, 7))
    for name in LOW:
        ports[name] = next(port for port in candidates if both_free(port))
    return ports


def both_free(port: int) -> bool:
    for number in (port, port + 10000):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", number)) == 0:
                return False
    return True
