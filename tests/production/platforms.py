"""The simulated platforms, and the newsletter's list where its service would drop it."""

from __future__ import annotations

import os
import sys

import httpx

from muniment.embedded.ports import pick_free_ports
from tests.production.services import CHECKOUT, Stack, wait


def start_simulator(stack: Stack) -> str:
    """Start the demonstration city's platforms; return their address."""
    (port,) = pick_free_ports(1)
    command = [sys.executable, "-m", "platform_simulator", "--port", str(port)]
    stack.spawn("simulator", command, {"PYTHONPATH": str(CHECKOUT / "include"), "PATH": "/usr/bin:/bin"})
    address = f"http://127.0.0.1:{port}"
    wait(lambda: answers(address), 60, "simulator", lambda: stack.tail("simulator"), stack.running["simulator"])
    return address


def answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/simulator/clock").status_code == 200
    except httpx.TransportError:
        return False


def deliver_newsletter(stack: Stack, simulator: str) -> None:
    """Write the newsletter's list into its drop folder."""
    folder = stack.folder / "data" / "drop" / "claremont" / "newsletter-weekly"
    stack.make_folder(folder.parent)
    stack.make_folder(folder)
    file = folder / "subscribers.csv"
    answer = httpx.get(f"{simulator}/newsletter/weekly.csv")
    answer.raise_for_status()
    file.write_bytes(answer.content)
    if stack.owner is not None:
        os.chown(file, stack.owner, stack.owner)
