from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.policy.pages.changes import affected, cites, diff_clauses, digest_clauses
from muniment.records.policy import Clause, ClauseState, PageKind, WatchedPage

AT = datetime(2026, 11, 20, 6, tzinfo=UTC)


def clause(name: str, citation: str) -> Clause:
    return Clause(
        id=name, clause=citation, title="t", control="c", state=ClauseState.PERSON_ACTS, acts=("clerk",), reason="r"
    )


def page(name: str = "rules", policy: str | None = "town-social") -> WatchedPage:
    return WatchedPage(
        id=name,
        kind=PageKind.POLICY,
        address=f"https://www.town.example/{name}",
        api="simulator",
        path=f"/pages/{name}",
        policy=policy,
    )


CLAUSES = (
    clause("R-1", "town-social B.1, B.26"),
    clause("R-6", "town-social B.6"),
    clause("R-7", "town-social C.7 i-xxi"),
    clause("R-8", "town-privacy B.6"),
    clause("R-9", "town-social B"),
)


def named(*labels: str, page_id: str = "rules") -> list[str]:
    before = dict.fromkeys(labels, "0" * 64)
    changes = diff_clauses(page_id, before, {}, seen_at=AT)
    return [found.id for _, found in affected(CLAUSES, changes, [page(), page("terms", None)])]


def test_only_the_controls_of_the_changed_clause_are_named() -> None:
    assert named("B.6") == ["R-6", "R-9"]
    assert named("B.26") == ["R-1", "R-9"]
    assert named("B.61") == ["R-9"]
    assert named("A.1") == []


def test_a_change_below_a_clause_names_the_clause() -> None:
    assert named("C.7 vii") == ["R-7"]
    assert named("C.7") == ["R-7"]
    assert named("C.71") == []


def test_a_change_above_a_clause_does_not_name_it() -> None:
    assert named("C") == []


def test_a_page_that_is_no_policy_of_the_agency_names_nothing() -> None:
    assert named("B.6", page_id="terms") == []


def test_a_page_that_cannot_be_read_by_clauses_names_every_control_of_its_policy() -> None:
    assert named("*") == ["R-1", "R-6", "R-7", "R-9"]


CITED = [
    ("helena-privacy Criteria 1; MCA 2-17-552(2)(a)", "2-17-552(2)(a)", True),
    ("helena-privacy Criteria 1; MCA 2-17-552(2)(a)", "Criteria 1", True),
    ("helena-privacy Criteria 1; MCA 2-17-552(2)(a)", "Criteria 12", False),
    ("helena-privacy Criteria 1; MCA 2-17-552(2)(a)", "2-17-552(2)", False),
    ("helena-privacy MCA 2-17-552(3)(a)-(c)", "2-17-552(3)(b)", True),
    ("helena-privacy MCA 2-17-552(3)(a)-(c)", "2-17-552(2)(b)", False),
    ("helena-privacy Information Collection, Use, and Sharing", "Information Collection, Use, and Sharing", True),
    ("helena-privacy Information Collection, Use, and Sharing", "Use of Constituent Email Addresses", False),
    ("helena-privacy Definitions", "Definitions 2", True),
    ("lathrop-privacy Security, Intrusion, Detection", "Security , Intrusion, Detection Language", True),
    ("lathrop-privacy Personal Information and Choice, children", "Personal Information and Choice", True),
    ("lathrop-privacy Cookies", "Public Disclosure", False),
    ("claremont-privacy General Policy, 1", "1", True),
    ("claremont-privacy General Policy, 1", "10", False),
    ("claremont-privacy Contact", "Contact Information", True),
    ("claremont-privacy 2", "2", True),
    ("claremont-privacy 2", "2 a", True),
    ("calcities-privacy Children's Privacy", "Children’s Privacy", True),
    ("calcities-privacy Data Retention, aggregates", "Data Retention", True),
    ("calcities-privacy Modifications", "Modifications or Changes to this Policy", True),
]


@pytest.mark.parametrize(("citation", "label", "expected"), CITED)
def test_citations_are_read_as_they_are_written(citation: str, label: str, expected: bool) -> None:
    assert cites(citation, citation.partition(" ")[0], label) is expected


def test_another_policy_is_not_cited() -> None:
    assert not cites("town-social B.6", "town", "B.6")


_READING = st.dictionaries(st.sampled_from(["A.1", "A.2", "B.6", "C.7 vii"]), st.sampled_from(["0" * 64, "1" * 64]))


@given(before=_READING, after=_READING)
def test_a_change_is_told_exactly_where_two_readings_differ(before: dict[str, str], after: dict[str, str]) -> None:
    changes = {change.label: change for change in diff_clauses("rules", before, after, seen_at=AT)}
    assert set(changes) == {label for label in {*before, *after} if before.get(label) != after.get(label)}
    for label, change in changes.items():
        assert (change.before_sha256, change.after_sha256) == (before.get(label), after.get(label))
        assert change.kind == ("appeared" if label not in before else "gone" if label not in after else "changed")


@given(before=_READING, after=_READING)
def test_the_digest_differs_exactly_where_a_clause_does(before: dict[str, str], after: dict[str, str]) -> None:
    assert (digest_clauses(before) == digest_clauses(after)) is (before == after)
    assert digest_clauses(dict(reversed(before.items()))) == digest_clauses(before)
