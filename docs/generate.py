"""Write the generated documents: findings, commands, runbook. `make docs` runs this.

`tests/docs` fails when a document is not what this would write.
"""

from __future__ import annotations

import argparse
import ast
import os
from pathlib import Path

from muniment.cli.main import build_parser
from muniment.evidence.findings import CATALOGUE
from muniment.retention.gates import GATES, PASSING

ROOT = Path(__file__).resolve().parent.parent
GATES_INTRODUCTION = """\
# The gates of a disposition

Nothing is deleted while one of these is closed. All that are closed are named at once, each with its code and the thing
that it concerns: in the log of the task, in the register `dispositions`, and by `muniment dispose show ID`.

- **proposal**: when somebody proposes, before the list is frozen.
- **answer**: when somebody answers a step. An answer that cannot be taken changes nothing, and the step is asked again.
- **last check**: when the days of grace are over, before the first deletion, against the frozen list and both stores.

What is checked at the last check is read anew: the sealed events, the responses that Airflow recorded, the schedule,
the officers, the matters, every lock and every hold. No task's state and nothing that a task handed on counts.
A closed gate ends the disposition, and it must be proposed anew; or it waits, and the next run of `destroy` asks again.
"""
GATES_END = """
Between the batches of a deletion open matters are asked for again, and the store itself is asked version by version.
What a matter covers by then stays, with its volume; the certificate names every version that went and every one that
stayed.
"""
MADE = "<!-- made by `make docs`; change the source, not this file -->\n"


def findings() -> str:
    """Return the page of every finding, by code."""
    rows = "".join(
        f"| {item.code} | {item.sentence} | {item.ground} | {'yes' if item.stops_seal else 'no'} |\n"
        for item in CATALOGUE.values()
    )
    head = "| code | what is wrong | asked for by | fails |\n|---|---|---|---|\n"
    return (
        f"{MADE}# Findings\n\n"
        "What a check found, each with a code that never changes its meaning.\n"
        "`fails` says whether a snapshot with it is sealed as quarantined, "
        "and whether a store or a vault with it is unsound.\n\n"
        f"{head}{rows}"
    )


def commands() -> str:
    """Return the page of every command, as its own help has it."""
    os.environ["COLUMNS"] = "100"  # argparse wraps at the terminal's width
    parser = build_parser()
    texts = [("muniment", parser.format_help())]
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            texts += _help_of(action, "muniment")
    body = "".join(f"\n## `{name}`\n\n```text\n{text.strip()}\n```\n" for name, text in texts)
    return f"{MADE}# Commands\n{body}"


def _help_of(action: argparse._SubParsersAction, prefix: str) -> list[tuple[str, str]]:  # type: ignore[type-arg]
    found: list[tuple[str, str]] = []
    for name, parser in action.choices.items():
        found.append((f"{prefix} {name}", parser.format_help()))
        for inner in parser._actions:
            if isinstance(inner, argparse._SubParsersAction):
                found += _help_of(inner, f"{prefix} {name}")
    return found


def runbook() -> str:
    """Return the runbook: the docstring of every DAG file."""
    parts = []
    for path in sorted((ROOT / "dags").glob("*.py")):
        text = ast.get_docstring(ast.parse(path.read_text("utf-8")))
        if text is None:
            raise SystemExit(f"{path}: expected a docstring, the runbook, found none")
        parts.append(f"\n<!-- dags/{path.name} -->\n{text}\n")
    return f"{MADE}# Runbook\n\nWhat each DAG does, and what to do when it fails.\n{''.join(parts)}"


def disposition_gates() -> str:
    """Return the page of the gates of a disposition: what must hold, by whose law, when it is asked, what is said."""
    rows = "".join(
        f"| {gate.code} | {gate.holds} | {CATALOGUE[gate.code].ground} | {', '.join(gate.checked)} "
        f"| {CATALOGUE[gate.code].sentence} | {'waits' if gate.code in PASSING else 'ends'} |\n"
        for gate in GATES
    )
    head = "| gate | what must hold | asked for by | checked at | what is said when it is closed | then it |\n"
    return f"{MADE}{GATES_INTRODUCTION}\n{head}|---|---|---|---|---|---|\n{rows}{GATES_END}"


PAGES = {
    "findings.md": findings,
    "commands.md": commands,
    "runbook.md": runbook,
    "disposition-gates.md": disposition_gates,
}


def main() -> None:
    """Write every page."""
    for name, render in PAGES.items():
        (ROOT / "docs" / name).write_text(render(), "utf-8")


if __name__ == "__main__":
    main()
