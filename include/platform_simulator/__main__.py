"""Starts the simulator: ``python -m platform_simulator --scenario F --port N``.

Prints one line of JSON when it can be asked: its address, process and start.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from platform_simulator.errors import ScenarioError
from platform_simulator.reading import read_scenario
from platform_simulator.server import create_app
from platform_simulator.times import default_start, iso, parse_instant

DEMO = Path(__file__).parent / "scenarios" / "claremont.yaml"


def serve(app: ASGIApp, host: str, port: int, said: dict[str, object]) -> None:
    """Serve *app* at *host* and *port* (0: any free one) until stopped; print *said* with the address."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(256)
        port = listener.getsockname()[1]
        address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        ready = {"simulator": address, "port": port, "pid": os.getpid(), **said}
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()
        # A connection dropped on purpose would be logged as a failure of the application.
        config = uvicorn.Config(app, log_level="critical", access_log=False, lifespan="off", server_header=False)
        uvicorn.Server(config).run(sockets=[listener])


def main(arguments: list[str] | None = None) -> int:
    """Run the simulator; 2 when the scenario or an argument is at fault."""
    parser = argparse.ArgumentParser(prog="platform_simulator", description="Plays a scenario on one port.")
    parser.add_argument("--scenario", type=Path, default=DEMO, help="the scenario file (default: the demo city)")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--start", type=parse_instant, help="ISO 8601 instant (default: three hours ago)")
    parser.add_argument("--tick", action="store_true", help="let the clock run with the machine's")
    options = parser.parse_args(arguments)
    start = options.start or default_start(datetime.now(UTC))
    try:
        scenario = read_scenario(options.scenario)
    except ScenarioError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    app = create_app(scenario, start, ticks=options.tick)
    serve(app, options.host, options.port, {"scenario": scenario.name, "start": iso(start)})
    return 0


if __name__ == "__main__":
    sys.exit(main())
