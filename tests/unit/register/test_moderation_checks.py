"""Which grounds a policy file may name, and what each fault is told as, with its line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from muniment.records.policy import AgencyPolicy, Requirement, Risk
from muniment.register.load import find_faults, load_agency

Write = Callable[..., Path]
HEAD = "clauses: []\ntensions: []\nversions: []\npages: []\nbases: []\n"
CLAREMONT = Path(__file__).resolve().parents[3] / "include" / "agencies" / "claremont"
NUMERALS = [
    "i",
    "ii",
    "iii",
    "iv",
    "v",
    "vi",
    "vii",
    "viii",
    "ix",
    "x",
    "xi",
    "xii",
    "xiii",
    "xiv",
    "xv",
    "xvi",
    "xvii",
    "xviii",
    "xix",
    "xx",
    "xxi",
]  # claremont-social C.7
GOOD = """\
grounds:
  - code: C7-i
    title: Coarse language
    risk: high
    requires: [rationale, second-reviewer]
    parts: [obscene, threat]
  - code: C7-iii
    title: Against a law
    risk: low
    requires: [law-cited]
"""


def faults_of(write: Write, text: str) -> list[str]:
    folder = write()
    (folder / "policy.yaml").write_text(HEAD + text, "utf-8")
    return [f"{fault.line - HEAD.count(chr(10))}: {fault.where}" for fault in find_faults(folder)]


def test_sound_grounds_have_no_fault(write: Write) -> None:
    assert faults_of(write, GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("code: C7-iii", "code: C7-i", "7: grounds[#2].code"),
        ("code: C7-iii", "code: C7 iii", "7: grounds[#2].code"),
        ("code: C7-iii", f"code: {'x' * 25}", "7: grounds[#2].code"),
        ("parts: [obscene, threat]", "parts: [obscene, obscene]", "6: grounds[#1].parts[#2]"),
        ("parts: [obscene, threat]", "parts: [Rude/words]", "6: grounds[#1].parts[#1]"),
        ("requires: [law-cited]", "requires: [law-cited, law-cited]", "10: grounds[#2].requires[#2]"),
        ("requires: [law-cited]", "requires: [a-lawyer]", "10: grounds[#2].requires[#1]"),
        ("risk: low", "risk: none", "9: grounds[#2].risk"),
        ("[rationale, second-reviewer]", "[second-reviewer]", "5: grounds[#1].requires"),
        ("[rationale, second-reviewer]", "[rationale]", "5: grounds[#1].requires"),
        ("    title: Against a law\n", "", "7: grounds[#2].title"),
    ],
)
def test_a_fault_is_told_with_its_line(write: Write, old: str, new: str, fault: str) -> None:
    assert old in GOOD

    assert faults_of(write, GOOD.replace(old, new, 1)) == [fault]


@pytest.fixture(scope="module")
def policy() -> AgencyPolicy:
    found = load_agency(CLAREMONT, simulator=None).policy
    assert found is not None
    return found


def test_the_demonstration_names_every_ground_of_its_policy_once(policy: AgencyPolicy) -> None:
    assert [ground.code for ground in policy.grounds] == [f"C7-{numeral}" for numeral in NUMERALS]


def test_the_demonstration_asks_most_of_what_is_nearest_to_a_viewpoint(policy: AgencyPolicy) -> None:
    grounds = {ground.code: ground for ground in policy.grounds}

    assert [code for code, ground in grounds.items() if not ground.enabled] == ["C7-xiii"]
    assert grounds["C7-xiii"].risk is Risk.HIGHEST
    high = {code for code, ground in grounds.items() if ground.risk in (Risk.HIGH, Risk.HIGHEST)}
    assert high == {"C7-i", "C7-ii", "C7-vii", "C7-viii", "C7-xiii", "C7-xxi"}
    assert Requirement.COUNSEL in grounds["C7-vii"].requires
    assert Requirement.LAW_CITED in grounds["C7-iii"].requires
    assert Requirement.NOTICE_REFERENCE in grounds["C7-iv"].requires
    assert Requirement.DUPLICATE_COUNT in grounds["C7-v"].requires
    assert Requirement.REFERRAL in grounds["C7-xvii"].requires
    assert Requirement.TERMS_SNAPSHOT in grounds["C7-xx"].requires
