"""What looks like personal data is found by its shape and its label; the City's own never is, and no text ever told."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.policy.check import Outcome
from muniment.policy.checks.personal_data import judge_personal_data
from muniment.policy.content.personal_data import Kind, Rules, find_personal_data, is_luhn, match_hash, rules_for
from muniment.policy.content.reviews import ALLOWED, WITHDRAWN
from muniment.records.policy import PublishedContacts
from tests.unit.growth import growth
from tests.unit.policy.items import article, item
from tests.unit.policy.scenes import build_scene, claremont, event, snapshot, with_policy

RULES = rules_for(
    domains=["Claremont.example"], mail=["Pool@partner.example"], telephones=["(909) 555-0142", "+1 909 555 0100"]
)
VISA = "4111 1111 1111 1111"


def kinds(text: str, rules: Rules = RULES) -> list[Kind]:
    return [match.kind for match in find_personal_data(text, rules)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Write to ana.arroyo+club@mail.example by Friday.", Kind.EMAIL),
        ("Escriban a <inés@correo.example>, por favor", Kind.EMAIL),
        ("mailto:li@claremont.example.com", Kind.EMAIL),  # a domain that only begins like the City's
        ("at li@notclaremont.example.", Kind.EMAIL),
        ("Call Ana at 909-555-0177.", Kind.TELEPHONE),
        ("Call Ana at (909) 555 0177", Kind.TELEPHONE),
        ("+1 909.555.0177", Kind.TELEPHONE),
        ("or +44 20 7946 0958", Kind.TELEPHONE),
        ("cell: 9095550177", Kind.TELEPHONE),
        ("Llame al 9095550177", Kind.TELEPHONE),
        ("her number is 219-09-9999", Kind.SSN),
        ("219 09 9999", Kind.SSN),
        (f"paid with {VISA}, thank you", Kind.CARD),
        ("5500-0000-0000-0004", Kind.CARD),
        ("DOB: 3/14/1982", Kind.BIRTH_DATE),
        ("Missing: J. D., born on March 14, 1982", Kind.BIRTH_DATE),
        ("fecha de nacimiento: 14 de marzo de 1982", Kind.BIRTH_DATE),
        ("The owner lives at 412 West Seventh Street.", Kind.ADDRESS),
        ("home address: 9 Oak Ln", Kind.ADDRESS),
        ("Deliver to 1200 Harvard Ave, Apt 4B", Kind.ADDRESS),
    ],
)
def test_what_looks_like_personal_data_is_found(text: str, kind: Kind) -> None:
    assert kinds(text) == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "Write to clerk@claremont.example or rec@parks.CLAREMONT.example.",
        "Lessons: pool@partner.example",
        "Thanks @ana@social.example and @ben!",
        "See https://x.example/@ana and https://x.example/mail/a@b.example",
        "Call Animal Services at 909-555-0142. 🐢",
        "City Hall: 1 (909) 555-0100, or toll-free 1-800-555-0199, or 911, or 311.",
        "Case 9095550177, invoice 2026-1118-0042",
        "000-12-3456, 666-12-3456, 912-12-3456, 219-00-9999, 219-09-0000",
        "ZIP 91711-4567, parcel 8315-014, tract 123-45-67890",
        "4111 1111 1111 1112",
        "Order 1234 5678 9012 3452",
        "The City was born on October 3, 1907, and reborn in 2007.",
        "Base Line Road, numbers 200 to 480: boil tap water for one minute.",
        "Meet us at the Hughes Center, 1700 Danbury Road, at 6 p.m. on 11/18/2026.",
        "City Hall, 207 Harvard Avenue",
        "+200 300 people came, 24,310 trees, 31,204 calls, $300,000",
        "",
    ],
)
def test_what_a_city_says_every_day_is_no_alarm(text: str) -> None:
    assert kinds(text) == []


def test_one_piece_of_text_is_told_once_and_several_by_place() -> None:
    text = f"{VISA}; a@b.example; 909-555-0177; a@b.example"

    found = find_personal_data(text, RULES)

    assert [match.kind for match in found] == [Kind.CARD, Kind.EMAIL, Kind.TELEPHONE, Kind.EMAIL]
    assert text[found[2].start : found[2].end] == "909-555-0177"
    assert found[1].hash == found[3].hash != found[2].hash


def test_a_match_does_not_carry_the_text_that_it_matched() -> None:
    assert "0177" not in repr(find_personal_data("909-555-0177", RULES))


def test_what_a_person_allowed_is_let_stand_in_every_spelling_and_nothing_else_is() -> None:
    rules = rules_for(domains=["claremont.example"], allowed=[match_hash(Kind.TELEPHONE, "9095550177")])

    assert kinds("(909) 555-0177, +1 909 555 0177", rules) == []
    assert kinds("909-555-0178", rules) == [Kind.TELEPHONE]


def test_a_profile_says_which_kinds_count(monkeypatch: pytest.MonkeyPatch) -> None:
    few = Rules(domains=RULES.domains, kinds=frozenset({Kind.SSN}))

    assert kinds("909-555-0177, 219-09-9999", few) == [Kind.SSN]
    with pytest.raises(KeyError):
        rules_for(domains=(), pii_profile="of-nowhere")


@pytest.mark.parametrize(("digits", "right"), [("79927398713", True), ("79927398710", False), ("0", True)])
def test_the_check_digit_is_the_one_of_the_standard(digits: str, right: bool) -> None:
    assert is_luhn(digits) is right


LOCAL = st.from_regex(re.compile(r"[a-z0-9][a-z0-9._%+-]{0,20}", re.ASCII), fullmatch=True)


@given(LOCAL, st.lists(st.sampled_from(["parks", "police", "www"]), max_size=2), st.text(max_size=20))
def test_no_address_of_the_city_is_ever_reported(local: str, under: list[str], around: str) -> None:
    address = "@".join([local, ".".join([*under, "claremont.example"])])
    text = f"{around} {address} {around}"

    found = [text[match.start : match.end] for match in find_personal_data(text, RULES) if match.kind is Kind.EMAIL]

    assert address not in found


@given(st.text(max_size=400))
def test_no_text_is_too_strange_to_scan(text: str) -> None:
    for match in find_personal_data(text, RULES):
        assert 0 <= match.start < match.end <= len(text)


@given(st.text(alphabet="0123456789 -.()+@a", max_size=200))
def test_no_tangle_of_digits_is_too_strange_to_scan(text: str) -> None:
    find_personal_data(text, RULES)


@pytest.mark.parametrize("piece", ["1" * 20, "a.", "a-", "12 ", "(909) ", "1 a ", "4111 ", "@", "+4 "])
def test_a_long_tangle_takes_time_in_proportion(piece: str) -> None:
    assert growth(lambda times: find_personal_data(piece * times, RULES), 1_000, 16_000) < 4


def scene(*posts: Any, **facts: Any) -> Any:
    return build_scene(**{"posts": posts, "snapshots": (snapshot("bluesky-city"), snapshot("website-news"))} | facts)


def test_a_finding_tells_account_kinds_and_number_of_posts_and_nothing_of_what_was_matched() -> None:
    posts = [item("Ask Ana: ana@mail.example, 909-555-0177", "1"), item("ben@mail.example", "2"), item("Rain.", "3")]

    judged = judge_personal_data(scene(*posts, article("DOB 3/14/1982", "4")))

    assert judged.outcome is Outcome.NOT_KEPT
    assert [(one.code, one.subject, one.detail, one.count) for one in judged.findings] == [
        ("K050", "bluesky-city", "2 posts: 2 e-mail-address, 1 telephone-number", 2),
        ("K050", "website-news", "1 post: 1 date-of-birth", 1),
    ]
    assert judged.evidence == (snapshot("bluesky-city").key, snapshot("website-news").key)
    assert not re.search("mail.example|0177|1982|Ana", repr(judged))


def test_posts_with_the_citys_own_contacts_pass() -> None:
    policy = claremont()
    agency = with_policy(policy, contacts=PublishedContacts(telephones=("909-555-0142",), email=("vet@pets.example",)))
    texts = ["Call 909-555-0142", "vet@pets.example", "dokafor@claremont.example", "icastellanos@webworks.example"]

    judged = judge_personal_data(scene(*(item(text, text) for text in texts), agency=agency))

    assert judged.outcome is Outcome.KEPT
    assert judge_personal_data(scene()).outcome is Outcome.NOTHING_TO_CHECK


def test_a_false_alarm_allowed_by_a_person_is_silent_until_it_is_withdrawn() -> None:
    facts = {"match": match_hash(Kind.TELEPHONE, "9095550177"), "kind": "telephone-number"}
    allowed = event("policy-reviews", ALLOWED, "claremont", facts=facts, at="2026-11-01T00:00:00.000000Z")
    back = event("policy-reviews", WITHDRAWN, "claremont", facts=facts, at="2026-11-02T00:00:00.000000Z")
    post = item("The library's new number: 909-555-0177")

    assert judge_personal_data(scene(post, events={"policy-reviews": [allowed]})).outcome is Outcome.KEPT
    assert judge_personal_data(scene(post, events={"policy-reviews": [back, allowed]})).findings
