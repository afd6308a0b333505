"""`muniment down`: stop what `muniment up` started."""

from __future__ import annotations

import argparse

from muniment.embedded import supervisor
from muniment.settings import read_settings

DESCRIPTION = """\
Stop the services that `muniment up` started, in order; what they keep stays where it is.

  muniment down

Exit code: 0 when nothing runs any more, 2 when something could not be stopped."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter


def run(args: argparse.Namespace) -> int:  # noqa: ARG001 - every command is handed its arguments
    """Stop everything."""
    supervisor.stop(read_settings(), progress=print)
    print("Nothing of this folder runs any more.")
    return 0
