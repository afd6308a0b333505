"""From two captures of a page to the controls that are named: the page as it is served, parsed and compared."""

from __future__ import annotations

from functools import cache

import pytest

from muniment.evidence.digest import sha256_hex
from muniment.parsing.clauses import read_clauses
from muniment.parsing.page_blocks import read_blocks
from muniment.policy.pages.changes import affected, diff_clauses
from tests.unit.platform_simulator.asking import demo
from tests.unit.policy.scenes import NOW, claremont, policy_of

PAGE = "social-media-policy"


@cache
def served() -> tuple[str, str, str]:
    """The page at the beginning, after its furniture changed, and after one ground of C.7 did."""
    asked, found = demo(), []
    for seconds in (0, 45 * 60, 45 * 60):
        asked.advance(seconds)
        found.append(asked.ask(f"/pages/{PAGE}.html").text)
    return found[0], found[1], found[2]


def read(html: str) -> dict[str, str]:
    return {clause.label: sha256_hex(clause.text.encode()) for clause in read_clauses(read_blocks(html).blocks)}


def named(before: str, after: str) -> dict[str, list[str]]:
    """Return the controls that a change from *before* to *after* names, by the label that changed."""
    policy = policy_of(claremont())
    changes = diff_clauses(PAGE, read(before), read(after), seen_at=NOW)
    found: dict[str, list[str]] = {change.label: [] for change in changes}
    for change, clause in affected(policy.clauses, changes, policy.pages):
        found[change.label].append(clause.id)
    return found


def test_the_page_has_every_clause_that_the_catalogue_cites() -> None:
    labels = read(served()[0]).keys()
    assert {f"B.{number}" for number in range(1, 28)} | {"A.6", "C.7", "C.7 i", "C.7 xxi", "D.2", "G.1"} <= labels
    assert len(labels) == 7 + 6 + 27 + 11 + 21 + 2 + 3


def test_a_new_banner_footer_and_navigation_name_no_control() -> None:
    first, furnished, _ = served()
    assert first != furnished
    assert named(first, furnished) == {}


def test_a_moved_or_demoted_heading_and_other_typography_name_no_control() -> None:
    page = served()[0]
    section = page.partition("<h2>F. Privacy</h2>")[2].partition("<h2>")[0]
    moved = page.replace(f"<h2>F. Privacy</h2>{section}", "").replace(
        "<h2>A. Why", f"<h2>F. Privacy</h2>{section}<h2>A. Why"
    )
    assert moved != page
    assert named(page, moved) == {}
    assert named(page, page.replace("<h2>", "<h4>").replace("</h2>", "</h4>")) == {}
    assert named(page, page.replace(" is ", "\n  is&nbsp;").replace("&#x27;", "\u2019")) == {}
    assert named(page, page.replace("<h1>Policy on Accounts of the City</h1>", "<h1>Our Policy</h1>")) == {}


def test_a_changed_ground_names_its_control_and_no_other() -> None:
    first, _, changed = served()
    assert named(first, changed) == {"C.7 vii": ["R-C7"]}


CHANGES = [
    ("There is one list of", "There are lists of", {"B.6": ["R-B6"]}),
    ("A department asks the City Manager", "A department tells the City Manager", {"B.8": ["R-B3"]}),
    ("The City may change this policy", "The Council may change this policy", {"B.16": ["R-A5"]}),
    ("The website is where", "The archive is where", {"B.26": ["R-B1"]}),
    ("The City does not answer for", "The City answers for", {"G.1": ["R-C8"]}),
    ("may be records that anybody", "are records that anybody", {"B.19": ["R-B19a", "R-B19b"]}),
    ("and archived.", "and deleted.", {"D.2": ["R-D2a", "R-D2b", "R-D2c"]}),
    ("The terms of services are read again", "The terms of services are read once", {"F.1": ["R-F1a", "R-F1b"]}),
    ("B. How accounts are run", "B. Rules for accounts", {"B": []}),
    ("<p>10. Addresses: An account is opened with a City address and no other.</p>\n", "", {"B.10": ["R-B10"]}),
]


@pytest.mark.parametrize(("old", "new", "expected"), CHANGES, ids=[next(iter(expected)) for _, _, expected in CHANGES])
def test_one_changed_clause_names_exactly_the_controls_that_go_by_it(
    old: str, new: str, expected: dict[str, list[str]]
) -> None:
    page = served()[0]
    assert page.count(old) == 1
    assert named(page, page.replace(old, new)) == expected
