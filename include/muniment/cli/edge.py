"""The edge of the process: whatever happens becomes an exit code, and never one that means something else.

Python ends with 1 after an error that nobody expected, and 1 means findings.
"""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Callable

from muniment.errors import MunimentError

FAILED = 2


def run_safely(name: str, command: Callable[[], int]) -> int:
    """Run *command* and return its exit code; `FAILED`, with a line on standard error, where it raises."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that lacks a letter, or a file name that is no text, ends no report.
            stream.reconfigure(errors="backslashreplace")
    try:
        code = command()
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read us has gone. What is left in the buffer would raise again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except KeyboardInterrupt:
        return _fail(f"{name}: stopped")
    except MunimentError as error:
        return _fail(f"{name}: {error}")
    except OSError as error:
        return _fail(f"{name}: {error.filename or 'system'}: {error.strerror or type(error).__name__}")
    except Exception:  # noqa: BLE001 - the process's edge
        traceback.print_exc()
        return _fail(f"{name}: a fault of Muniment's own, see above")
    return code


def _fail(message: str) -> int:
    print(message, file=sys.stderr)
    return FAILED
