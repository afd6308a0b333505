"""`muniment status`: what of this folder runs."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from muniment.cli.output import print_json, print_table
from muniment.embedded import supervisor
from muniment.settings import read_settings

DESCRIPTION = """\
Say which services of this folder run, since when they were restarted how often, and where.

  muniment status

Exit code: 0 when they run, 1 when they are not healthy, 2 when none runs."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--json", action="store_true", help="print the state as JSON")


def run(args: argparse.Namespace) -> int:
    """Print what runs."""
    running = supervisor.attach(read_settings())
    state = running.state()
    if args.json:
        print_json({**asdict(state), "airflow": running.airflow.address, "store": running.settings.store.endpoint})
    else:
        print(f"{state.phase}; Airflow at {running.airflow.address}, store at {running.settings.store.endpoint}")
        rows = [(name, pid, state.restarts.get(name, 0)) for name, pid in state.pids.items()]
        print_table(("service", "pid", "restarts"), rows, empty="No service has started yet: wait a moment.")
    return 0 if state.phase == "running" else 1
