"""`muniment up`: start everything on this machine, and say where it is and how to sign in."""

from __future__ import annotations

import argparse
from pathlib import Path

import platform_simulator
from muniment.cli.demo_city import DEMO_AGENCY, drop_newsletter
from muniment.embedded import supervisor
from muniment.embedded.airflow import USERS
from muniment.embedded.ports import read_ports
from muniment.embedded.supervisor_plan import Options
from muniment.settings import read_settings
from muniment.workflows.catalog_build import prepare_catalog
from muniment.workflows.doctor import has_passed
from muniment.workflows.planning import agency_ids

DESCRIPTION = """\
Start the object store, PostgreSQL, the platform simulator of the demonstration city and
Airflow on this machine, wait until they are healthy, and print the addresses and how to sign
in. They keep running and are restarted when they die; `muniment down` stops them. What they
keep lies in one folder, .muniment, or the one that MUNIMENT_HOME names.

  muniment up

Exit code: 0 when everything runs, 1 when a store failed its examination, 2 when something did not start."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--scenario", type=Path, default=demo_scenario(), help="what the simulator plays")
    parser.add_argument("--no-simulator", action="store_true", help="do not run the demonstration city's simulator")
    parser.add_argument("--no-timetables", action="store_true", help="capture only when somebody asks")


def run(args: argparse.Namespace) -> int:
    """Start everything and print where it is."""
    options = Options(
        ports=read_ports(),
        scenario=None if args.no_simulator else args.scenario,
        timetables=not args.no_timetables,
    )
    running = supervisor.start(read_settings(), options, progress=print)
    if running.options.scenario:
        drop_newsletter(running.settings, DEMO_AGENCY)
    passed = [_tell_store(agency_id, running) for agency_id in agency_ids(running.settings)]
    for note in prepare_catalog(running.settings):
        print(note)
    _tell(running)
    return 0 if all(passed) else 1


def demo_scenario() -> Path:
    """Return the scenario of the demonstration city."""
    return Path(platform_simulator.__file__).parent / "scenarios" / "claremont.yaml"


def _tell_store(agency_id: str, running: supervisor.Running) -> bool:
    passed = has_passed(agency_id, running.settings)
    print(f"store of {agency_id}: {'its locks hold' if passed else 'NOT FIT, see `muniment doctor`'}")
    return passed


def _tell(running: supervisor.Running) -> None:
    print(f"\nAirflow:       {running.airflow.address}")
    print(f"object store:  {running.settings.store.endpoint}")
    if running.settings.simulator:
        print(f"simulator:     {running.settings.simulator}")
    print(f"\nSign in as one of {', '.join(USERS)}.")
    print(f"Their passwords are in {running.airflow.sign_in} (only you can read them).")
    print("For the other commands, in this shell:\n")
    for name in ("MUNIMENT_HOME", "MUNIMENT_S3_ENDPOINT", "MUNIMENT_SECOND_S3_ENDPOINT", "MUNIMENT_SIMULATOR"):
        value = running.settings.as_environment().get(name)
        if value:
            print(f"  export {name}={value}")
    print("\nStop it with `make down`.")
