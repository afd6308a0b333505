"""Write the generated documents: findings, commands, runbook. `make docs` runs this.

`tests/docs` fails when a document is not what this would write.
"""

from __future__ import annotations

import argparse
import ast
import os
from collections.abc import Sequence
from pathlib import Path

from muniment.cli.main import build_parser
from muniment.evidence.finding_types import CATALOGUE
from muniment.policy.registry import CHECKS
from muniment.records.policy import Clause, ClauseState
from muniment.register.load import load_agency
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
CLAUSES_INTRODUCTION = """\
# The clauses of the policies

Every clause of the five policies that the agencies here serve, with what is done about it. It is made from each
agency's `policy.yaml`; the titles are ours, and the words that bind are those of the policy itself.

- **works**: a check watches it. Two tests prove the check: in one the fault is planted and found, in the other the
  sound case passes.
- **person acts**: a person does it, and no check can; the reason says why.
- **later**: the reason says what it waits for.
- **none needed**: the reason says why.

How a clause stands today, `muniment policy status` says: a check that never ran has shown nothing.
"""
AGENCIES = ("claremont", "lathrop", "calcities", "helena")
STATES = {
    ClauseState.WORKS: "works",
    ClauseState.PERSON_ACTS: "person acts",
    ClauseState.LATER: "later",
    ClauseState.NONE_NEEDED: "none needed",
}
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


def clauses() -> str:
    """Return the page of every clause: its control, what watches it or why nothing does, and what proves that."""
    agencies = [load_agency(ROOT / "include" / "agencies" / name, simulator=None) for name in AGENCIES]
    policies = {agency.name: agency.policy.clauses for agency in agencies if agency.policy is not None}
    everything = tuple(clause for rows in policies.values() for clause in rows)
    counts = "".join(_count(name, rows) for name, rows in {**policies, "all": everything}.items())
    head = f"| agency | {' | '.join(STATES.values())} | clauses |\n|---|{'---|' * (len(STATES) + 1)}\n"
    parts = [f"\n## {name}\n{''.join(map(_clause, rows))}" for name, rows in policies.items()]
    return f"{MADE}{CLAUSES_INTRODUCTION}\n{head}{counts}{''.join(parts)}"


def _count(name: str, rows: Sequence[Clause]) -> str:
    numbers = [sum(one.state is state for one in rows) for state in STATES]
    return f"| {name} | {' | '.join(map(str, numbers))} | {len(rows)} |\n"


def _clause(clause: Clause) -> str:
    lines = [f"\n### {clause.id}: {clause.clause}\n", f"{clause.title}.\n", f"- **State**: {STATES[clause.state]}"]
    lines += [f"- **Control**: {clause.control}."]
    lines += [
        f"- **Check**: `{name}`. {CHECKS[name].sentence.rstrip('.')}." for name in clause.checks if name in CHECKS
    ]
    lines += [f"- **Why**: {clause.reason}."] if clause.reason else []
    lines += [f"- **Who acts**: {', '.join(clause.acts)}"]
    lines += [f"- **Evidence**: `{clause.evidence}`"] if clause.evidence else []
    if clause.tests is not None:
        lines += [f"- **{what}**: {_test(test)}" for what, test in _tests(clause)]
    return "\n".join(lines) + "\n"


def _tests(clause: Clause) -> list[tuple[str, str]]:
    tests = clause.tests
    return [] if tests is None else [("Fault found by", tests.found), ("Sound case passed by", tests.sound)]


def _test(test: str) -> str:
    path, _, name = test.partition("::")
    return f"`{name}` in `{path}`"


PAGES = {
    "clauses.md": clauses,
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
