"""What Montana has a government's website tell its visitors (Montana Code Annotated 2-17-552).

Both the wording that the City of Helena's policy quotes and the present one ask for the operator's
name, physical and electronic means of contact, and a description of information practices; and for
permission before personal data are used for another purpose. Whether a wording suffices is for
counsel: the check says that something of the kind stands on the captured pages, or that nothing does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from muniment.evidence.findings import Finding
from muniment.policy.check import Check, Judgement
from muniment.policy.scene import PageFact, Scene
from muniment.policy.verdicts import cannot_tell, conclude, count_of, nothing_to_check
from muniment.records.policy import PageKind

_KINDS = frozenset({PageKind.WEBSITE, PageKind.PRIVACY_POLICY})
# A house number, a box, or a State with its ZIP code: Publication 28 of the Postal Service, 1 to 3.
_ADDRESS = re.compile(
    r"\b(?:P\.?\s?O\.?\s+Box\s+\d+|\d{1,6}\s+(?:[NSEW]\.?\s+)?[A-Z0-9][\w.' -]{1,40},)", re.IGNORECASE
)
_ZIP = re.compile(r"\b[A-Z]{2}\.?\s+\d{5}(?:-\d{4})?\b")
_TELEPHONE = re.compile(r"(?<!\d)(?:\+?1[ .-]?)?(?:\(\d{3}\)\s?|\d{3}[ .-])\d{3}[ .-]\d{4}(?!\d)")
_ELECTRONIC = re.compile(r"[^@\s]+@[^@\s.]+\.[^@\s]+|\bcontact (?:form|us online)\b|\bonline form\b", re.IGNORECASE)
_COLLECTS = re.compile(
    r"\b(?:collect\w*|gather\w*)\b.{0,400}\binformation\b|\binformation\b.{0,400}\bcollect\w*",
    re.IGNORECASE | re.DOTALL,
)
_PROTECTS = re.compile(r"\b(?:protect\w*|secur\w*|safeguard\w*)\b", re.IGNORECASE)
_NO_OTHER_USE = re.compile(
    r"\bnot\b[^.;]{0,80}\b(?:sold|sell|given|give|shared?|disclos\w+|provided|rent\w*|used)\b[^.;]{0,120}"
    r"\b(?:third part\w+|anyone|other purposes?|any other|for any)\b"
    r"|\bno\b[^.;]{0,60}\b(?:third part\w+|other purposes?)\b",
    re.IGNORECASE,
)
_SECTION = re.compile(r"\d{1,3}-\d{1,3}-\d{1,4}\b")  # of the Montana Code Annotated
_PERMISSION = re.compile(r"\b(?:permission|consent\w*|opt[- ]?in|agree\w*)\b", re.IGNORECASE)


class _Element(NamedTuple):
    """One thing that must stand on a page: the finding where it does not, and what was looked for."""

    code: str
    expected: str
    stands: bool


def judge_notice_elements(scene: Scene) -> Judgement:
    """Judge whether the captured website and privacy policy tell what the statute asks for."""
    policy = scene.agency.policy
    if policy is None:
        return cannot_tell("The agency has no policy file, and so no website that is watched.")
    pages = [page for page in policy.pages if page.kind in _KINDS]
    if not pages:
        return nothing_to_check("The agency has neither a website nor a privacy policy watched.")
    facts = [fact for page in pages if (fact := scene.pages.get(page.id)) is not None and fact.text is not None]
    unread = sorted({page.id for page in pages} - {fact.page for fact in facts})
    if not facts:
        return cannot_tell(f"No capture has the text of {', '.join(unread)}.")
    findings = [
        Finding(element.code, scene.agency.id, f"expected {element.expected} on {_names(facts)}, found none")
        for element in _elements(scene.agency.name, _said(facts))
        if not element.stands
    ]
    return conclude(
        kept=f"{count_of(len(facts), 'page')} read for the six things that the statute asks a website to tell.",
        findings=findings,
        doubts=[f"{name}: no capture has its text" for name in unread],
        evidence=[fact.key for fact in facts if fact.key],
        facts={"pages": len(facts)},
    )


def _elements(operator: str, said: str) -> Iterator[_Element]:
    yield _Element("K070", "the operator's name", _plain(operator) in _plain(said))
    yield _Element("K071", "an address", bool(_ADDRESS.search(said) and _ZIP.search(said)))
    yield _Element("K072", "a telephone number", _TELEPHONE.search(said) is not None)
    yield _Element("K073", "an e-mail address or a form", _ELECTRONIC.search(said) is not None)
    yield _Element(
        "K074",
        "a description of what is collected and how it is protected",
        _COLLECTS.search(said) is not None and _PROTECTS.search(said) is not None,
    )
    yield _Element(
        "K075",
        "a statement that there is no other use, or a request for permission to one",
        _NO_OTHER_USE.search(said) is not None or _PERMISSION.search(said) is not None,
    )


def _said(facts: list[PageFact]) -> str:
    return "\n".join(line for fact in facts for line in _own_lines(fact.text or ""))


def _own_lines(text: str) -> Iterator[str]:
    """Yield the lines of *text* that are the agency's own words: a statute that it quotes tells nobody anything."""
    quoted = False
    for line in text.splitlines():
        quoted = _SECTION.match(line) is not None or (quoted and line.startswith("("))
        if not quoted:
            yield line


def _plain(text: str) -> str:
    # A demonstration's name says so in brackets; its pages need not.
    return " ".join(re.sub(r"\([^()]*\)", " ", text).casefold().replace(",", " ").split())


def _names(facts: list[PageFact]) -> str:
    return " or ".join(fact.page for fact in facts)


CHECKS = (
    Check(
        name="notice-elements",
        sentence="The website names its operator and how to reach it, says what it collects, and asks before other use",
        judge=judge_notice_elements,
    ),
)
