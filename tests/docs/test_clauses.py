"""No clause without a state, no working clause without a check that ran and two tests that are there."""

from __future__ import annotations

import ast
import shlex
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from muniment.cli.main import build_parser
from muniment.policy.check import Outcome
from muniment.policy.registry import CHECKS
from muniment.records.agency import Agency
from muniment.records.changes import ChangeKind
from muniment.records.policy import Clause, ClauseState
from muniment.register.load import find_faults, load_agency
from tests.unit.policy.scenes import NOW, article, change, claremont, page, policy_of, post, sound_scene, with_policy

ROOT = Path(__file__).resolve().parents[2]
AGENCIES = ROOT / "include" / "agencies"
SERVED = ("claremont", "lathrop", "calcities", "helena")


def numbers(prefix: str, *names: object) -> set[str]:
    return {f"R-{prefix}{name}" for name in names}


# The catalogue: 86 rows. A.1-A.6, B.1-B.27, C.1-C.11, D.1-F.1 of Claremont's social media policy; its privacy
# policy; Lathrop's, Cal Cities' and Helena's. Rows that share one clause are told apart by letters.
CATALOGUE = {
    "claremont": numbers("A", *range(1, 7))
    | numbers("B", *range(1, 8), *range(9, 16), 17, 18, "19a", "19b", "20a", "20b", 21, 22, "23a", "23b", 24, 25, 27)
    - {"R-B8"}
    | numbers("C", *range(1, 12))
    | {"R-D1", "R-D2a", "R-D2b", "R-D2c", "R-E1", "R-F1a", "R-F1b"}
    | numbers("P", *range(8)),
    "lathrop": numbers("L", *range(1, 9)),
    "calcities": numbers("N", *range(1, 11)),
    "helena": numbers("H", *range(1, 10)),
}


@cache
def load(name: str) -> Agency:
    return load_agency(AGENCIES / name, simulator=None)


def clauses(*states: ClauseState) -> list[Clause]:
    found = [clause for name in SERVED for clause in policy_of(load(name)).clauses]
    return [clause for clause in found if not states or clause.state in states]


def test_the_catalogue_has_86_rows() -> None:
    assert sum(map(len, CATALOGUE.values())) == 86


@pytest.mark.parametrize("name", SERVED)
def test_each_agency_has_every_row_of_its_policies_once_and_no_other(name: str) -> None:
    ids = [clause.id for clause in policy_of(load(name)).clauses]

    assert (len(ids), set(ids)) == (len(CATALOGUE[name]), CATALOGUE[name])


@pytest.mark.parametrize("name", SERVED)
def test_no_clause_names_a_check_that_there_is_not(name: str) -> None:
    assert find_faults(AGENCIES / name, checks=frozenset(CHECKS)) == []


@pytest.mark.parametrize("clause", clauses(ClauseState.WORKS), ids=lambda clause: clause.id)
def test_the_tests_of_a_working_clause_are_there(clause: Clause) -> None:
    assert clause.tests is not None
    for test in (clause.tests.found, clause.tests.sound):
        path, _, name = test.partition("::")
        assert name in functions(ROOT / path), test
    assert clause.tests.found != clause.tests.sound


@cache
def functions(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("clause", [one for one in clauses() if one.evidence], ids=lambda clause: clause.id)
def test_the_command_that_shows_a_clause_is_one(clause: Clause) -> None:
    program, *words = shlex.split(clause.evidence or "")

    assert program == "muniment"
    build_parser().parse_args(words)  # it ends the test where the words are none


def test_every_check_is_named_by_a_clause() -> None:
    assert set(CHECKS) - {name for clause in clauses() for name in clause.checks} == set()


@pytest.mark.parametrize("clause", clauses(ClauseState.WORKS), ids=lambda clause: clause.id)
def test_what_works_has_an_evidence_command_and_somebody_who_acts(clause: Clause) -> None:
    assert clause.evidence
    assert clause.acts


def demonstration() -> Agency:
    """The demonstration city with the fingerprints that its policies' pages have in the scene, and a credential."""
    policy, pages = policy_of(claremont()), {one.policy: page(one.id) for one in policy_of(claremont()).pages}
    versions = tuple(
        replace(version, sha256=pages[version.policy].text_sha256) if version.policy in pages else version
        for version in policy.versions
    )
    return with_policy(claremont(), versions=versions)


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_every_check_says_something_of_the_demonstration(name: str) -> None:
    agency = demonstration()
    edit = change(ChangeKind.EDITED)
    scene = sound_scene(agency, changes=(edit,), posts=[article(), post(media=("a" * 64,))])

    judgement = CHECKS[name].judge(scene)

    assert judgement.outcome in (Outcome.KEPT, Outcome.NOT_KEPT, Outcome.NOTHING_TO_CHECK), judgement.sentence
    assert judgement.sentence
    assert CHECKS[name].sentence


@pytest.mark.parametrize("name", SERVED)
def test_every_tension_is_said_to_somebody(name: str) -> None:
    assert all(one.owner and one.handling for one in policy_of(load(name)).tensions)


def test_the_tensions_are_all_sixteen() -> None:
    told = {one.id for name in SERVED for one in policy_of(load(name)).tensions}

    assert told == {f"T-{number:02}" for number in range(1, 17)}


def test_no_holiday_is_outside_of_the_years_that_are_served() -> None:
    monitoring = policy_of(load("claremont")).monitoring
    assert monitoring is not None
    assert all(date(2026, 1, 1) <= day <= date(2027, 12, 31) for day in monitoring.holidays)
    assert NOW.date() not in monitoring.holidays
