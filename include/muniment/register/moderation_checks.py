"""Checks of ``grounds`` in ``policy.yaml``: the words that the moderation ledger takes (claremont-social C.7)."""

from __future__ import annotations

import re

from muniment.records.names import is_slug
from muniment.records.policy import Requirement, Risk
from muniment.register.agency_checks import SLUG
from muniment.register.documents import Document
from muniment.register.entries import Entry, note_repeated, note_repeated_items, whole

_CODE = re.compile(r"[A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*")
_CODE_MAX = 24
_NEAR_A_VIEWPOINT = frozenset({Risk.HIGH.value, Risk.HIGHEST.value})
_EYES = frozenset({Requirement.SECOND_REVIEWER.value, Requirement.COUNSEL.value})


def check_grounds(document: Document) -> None:
    """Note what the list says that does not hold together."""
    grounds = list(whole(document).groups("grounds"))
    note_repeated(grounds, "code")
    for ground in grounds:
        _check_code(ground)
        _check_parts(ground)
        _check_requirements(ground)


def _check_code(ground: Entry) -> None:
    code = ground.text("code")
    if code is not None and (len(code) > _CODE_MAX or _CODE.fullmatch(code) is None):
        ground.fault("code", "letters and digits with single . or -, as C7-i", repr(code[:60]))


def _check_parts(ground: Entry) -> None:
    note_repeated_items(ground, "parts")
    for index, part in ground.texts("parts"):
        if not is_slug(part):
            ground.fault("parts", SLUG, repr(part[:60]), index=index)


def _check_requirements(ground: Entry) -> None:
    note_repeated_items(ground, "requires")
    asked = {text for _, text in ground.texts("requires")}
    risk = ground.text("risk")
    if risk not in _NEAR_A_VIEWPOINT:
        return
    if Requirement.RATIONALE not in asked:
        ground.fault("requires", f"a rationale, as the risk is {risk}", "none")
    if not asked & _EYES:
        ground.fault("requires", f"second-reviewer or counsel, as the risk is {risk}", "neither")
