"""Faults of the pages and bases of a policy file, each told with its place."""

from __future__ import annotations

import pytest

from muniment.register.documents import read_body
from muniment.register.page_checks import PageSurroundings, check_pages

SOUND = """\
pages:
  - {id: rules, kind: policy, address: https://town.example/r, api: https://town.example, path: /rules, policy: town}
  - {id: terms, kind: platform-terms, address: https://a.example/, api: https://a.example, path: /t, platform: bluesky}
bases:
  - platform: bluesky
    series: official-posts
    fields: [item_id, raw, row_state]
"""


def faults(text: str, **around: object) -> list[tuple[str, str]]:
    document = read_body("town/policy.yaml", text.encode())
    values = {
        "accounts": frozenset({"bluesky-town"}),
        "scheduled": frozenset({"policies"}),
        "lockless": frozenset(),
        "invented_people": False,
    }
    check_pages(document, PageSurroundings(**{**values, **around}))  # type: ignore[arg-type]
    return [(fault.where, fault.found) for fault in document.faults]


def test_sound_pages_have_no_fault() -> None:
    assert faults(SOUND) == []


FAULTS = [
    ("id: rules", "id: Rules_1", "pages[Rules_1].id", "'Rules_1'"),
    ("id: rules", "id: terms", "pages[terms].id", "'terms'"),
    ("id: rules", "id: bluesky-town", "pages[bluesky-town].id", "one that an account has"),
    ("path: /rules", "path: rules", "pages[rules].path", "other text"),
    ("api: https://town.example", "api: http://town.example", "pages[rules].api", "http at town.example"),
    ("api: https://town.example", "api: drop", "pages[rules].api", "the word drop"),
    (", policy: town", "", "pages[rules].policy", "nothing"),
    (", platform: bluesky}", "}", "pages[terms].platform", "nothing"),
    (", policy: town", ", policy: town, reviewed_within_days: 0", "pages[rules].reviewed_within_days", "0"),
    ("[item_id, raw", "[item_id, raw, address", "bases[#1].fields[#3]", "'address'"),
    ("[item_id, raw", "[item_id, raw, raw", "bases[#1].fields[#3]", "'raw' again"),
]


@pytest.mark.parametrize(("old", "new", "where", "found"), FAULTS)
def test_each_fault_is_told_with_its_place(old: str, new: str, where: str, found: str) -> None:
    assert old in SOUND
    assert faults(SOUND.replace(old, new, 1)) == [(where, found)]


def test_pages_need_a_row_of_the_schedule_under_a_lock() -> None:
    assert faults(SOUND, scheduled=frozenset()) == [("pages", "pages")]
    assert faults(SOUND, lockless=frozenset({"policies"})) == [("pages", "pages")]
    assert faults("pages: []\nbases: []\n", scheduled=frozenset()) == []
    assert faults(SOUND, scheduled=None) == []


def test_an_invented_town_asks_no_real_server() -> None:
    told = faults(SOUND.replace("api: https://town.example", "api: https://town.gov"), invented_people=True)
    assert told == [("pages[rules].api", "town.gov")]
