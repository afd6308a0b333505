"""Faults of an agency's policy file: each is told with its line, and none is guessed away."""

from __future__ import annotations

from pathlib import Path

import pytest

from muniment.register.load import find_faults, lacks_policy, load_agency

POLICY = """\
versions:
  - {id: social-1, policy: social, effective_from: 2026-01-01, effective_until: 2026-06-30}
  - {id: social-2, policy: social, effective_from: 2026-07-01}
pages: []
bases: []
monitoring:
  holidays: [2026-12-25, 2027-01-01]
members:
  - {name: Ann Hall, body: Council, accounts: [ann.example], valid_from: 2026-01-01, valid_until: 2026-12-31}
tensions:
  - {id: T-01, between: [social A.1], tension: One says so, handling: Both are kept, owner: counsel}
clauses:
  - id: R-A1
    clause: social A.1
    title: It covers everybody
    control: The register says who
    state: works
    acts: [clerk, auditor]
    check: person-types
    evidence: muniment policy status --agency springfield
    tests: {found: "tests/unit/test_x.py::test_found", sound: "tests/unit/test_x.py::test_sound"}
  - id: R-A2
    clause: social A.2
    title: It serves business
    control: A person sees to it
    state: later
    acts: [counsel]
    reason: It waits for something
"""


def faults(folder: Path) -> list[str]:
    return [str(fault) for fault in find_faults(folder, checks=frozenset({"person-types", "approval"}))]


@pytest.fixture
def folder(write) -> Path:
    return write()


def test_a_good_policy_has_no_fault_and_is_the_agencys(folder: Path) -> None:
    (folder / "policy.yaml").write_text(POLICY, "utf-8")

    assert faults(folder) == []
    policy = load_agency(folder, simulator=None).policy
    assert policy is not None
    assert [clause.id for clause in policy.clauses] == ["R-A1", "R-A2"]


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("id: R-A2", "id: R-A1", 22, "clauses[R-A1].id: expected one that no other entry"),
        ("    check: person-types\n", "", 13, "expected the check that watches the clause, as its state is works"),
        ("check: person-types", "check: person-type", 19, "one of approval, person-types, found 'person-type'"),
        ("check: person-types", "check: approval\n    also: [person-typ]", 20, "also"),
        ('    tests: {found: "tests/unit/test_x.py::test_found", sound: "tests/unit/test_x.py::test_sound"}\n', "", 13,
         "tests: expected the two tests that prove the check"),
        ("tests/unit/test_x.py::test_found", "tests/unit/test_x.py", 21, "expected a test as path::name for found"),
        ("    reason: It waits for something\n", "", 22, "why no check watches the clause, as its state is later"),
        ("    reason: It", "    check: approval\n    reason: It", 28, "check: expected none, as the state is later"),
        ("acts: [clerk, auditor]", "acts: [mayor]", 18, "expected one of auditor, clerk, counsel, operations"),
        ("acts: [clerk, auditor]", "acts: []", 18, "acts: expected at least one who acts"),
        ("acts: [clerk, auditor]", "acts: [clerk, clerk]", 18, "expected each item once"),
        ("owner: counsel}", "owner: everybody}", 11, "owner: expected one of"),
        ("between: [social A.1]", "between: []", 11, "between: expected the provisions that pull apart"),
        ("state: later", "state: works-later", 26, "state"),
        ("evidence: muniment policy", "evidence: echo policy", 20, "expected a command that begins with 'muniment '"),
        ("effective_until: 2026-06-30", "effective_until: 2025-06-30", 2, "expected a date not before effective_from"),
        ("effective_until: 2026-06-30", "effective_until: 2026-07-01", 3, "expected a day after the version before it"),
        (", effective_until: 2026-06-30", "", 3, "until no end"),
        ("id: social-2", "id: social-1", 3, "expected one that no other entry"),
        ("2027-01-01]", "2026-12-25]", 7, "expected each item once"),
        ("valid_until: 2026-12-31", "valid_until: 2025-12-31", 9, "expected a date not before valid_from"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_line(folder: Path, old: str, new: str, line: int, told: str) -> None:
    assert old in POLICY
    (folder / "policy.yaml").write_text(POLICY.replace(old, new, 1), "utf-8")

    found = faults(folder)

    assert [one for one in found if f"/policy.yaml:{line}: " in one and told in one], found


def test_a_check_is_not_judged_where_nobody_says_which_there_are(folder: Path) -> None:
    (folder / "policy.yaml").write_text(POLICY.replace("check: person-types", "check: unheard-of"), "utf-8")

    assert find_faults(folder) == []


def test_an_agency_in_service_without_a_policy_file_is_told_and_captured_all_the_same(folder: Path) -> None:
    lacking = lacks_policy(folder)

    assert lacking is not None
    assert str(lacking).endswith("/policy.yaml:1: the file: expected one, as the agency is in service, found none")
    assert load_agency(folder, simulator=None).policy is None


def test_an_agency_that_is_not_in_service_may_go_without(folder: Path) -> None:
    about = folder / "agency.yaml"
    about.write_text(about.read_text("utf-8").replace("in_service: true", "in_service: false"), "utf-8")

    assert lacks_policy(folder) is None
