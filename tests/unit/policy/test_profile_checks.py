"""What a profile must say, show and lead to: each element taken away is found, and the whole one passes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pytest

from muniment.policy.check import Outcome
from muniment.policy.checks.profile import ATTESTED, judge_branding, judge_statements
from muniment.policy.scene import Scene
from muniment.records.agency import AccountStatus, Agency
from muniment.records.names import AccountId
from muniment.records.policy import PageKind, PolicyVersion, ProfileStatements, WatchedPage
from tests.unit.policy.scenes import NOW, build_scene, claremont, event, page, profile, with_account, with_policy

BLUESKY, MASTODON = AccountId("bluesky-city"), AccountId("mastodon-city")
LOGO, OTHER = "a" * 64, "b" * 64
RULES, MANNERS = "The rules of the house.", "The rules of comments."
WHOLE = (
    "Officially maintained by the City  of Claremont. Complies with the City’s Social Media Policy. "
    "socialmedia@claremont.example, www.claremont.example. claremont.example/social claremont.example/comments "
    "{other}"
)
OTHERS = {
    BLUESKY: "https://social.claremont.example/@cityhall",
    MASTODON: "bsky.example/profile/city.claremont.example",
}


def watched(page_id: str, kind: PageKind, address: str, policy: str | None) -> WatchedPage:
    return WatchedPage(id=page_id, kind=kind, address=address, api="simulator", path="/x", policy=policy)


def version(policy: str, text: str | None, **changes: Any) -> PolicyVersion:
    digest = None if text is None else sha256(text.encode()).hexdigest()
    return PolicyVersion(
        **{"id": f"{policy}-1", "policy": policy, "effective_from": date(2026, 1, 1), "sha256": digest} | changes
    )


ASKED = ProfileStatements(
    officially_maintained=(
        "Official account of the City of Claremont",
        "officially maintained by the City of Claremont",
    ),
    complies_with_policy=("complies with the City's Social Media Policy",),
    contact=("socialmedia@claremont.example",),
    website=("https://www.claremont.example/",),
    policy_links=("https://www.claremont.example/social", "https://www.claremont.example/comments"),
    logo_sha256=(LOGO,),
)
PAGES = (
    watched("social", PageKind.POLICY, "https://www.claremont.example/social", "claremont-social"),
    watched("comments", PageKind.COMMENT_POLICY, "https://www.claremont.example/comments", "claremont-comments"),
    watched("hub", PageKind.WEBSITE, "https://www.claremont.example/all", None),
)
VERSIONS = (version("claremont-social", RULES), version("claremont-comments", MANNERS))


def city(**changes: Any) -> Agency:
    return with_policy(claremont(), **{"profile": ASKED, "pages": PAGES, "versions": VERSIONS} | changes)


def scene(text: str = WHOLE, *, agency: Agency | None = None, **changes: Any) -> Scene:
    """Return a scene in which the Bluesky profile says *text*, and the Mastodon one is whole."""
    profiles = {
        BLUESKY: profile(BLUESKY, text=text.format(other=OTHERS[BLUESKY]), links=(), pictures=(LOGO,)),
        MASTODON: profile(MASTODON, text=WHOLE.format(other=OTHERS[MASTODON]), links=(), pictures=(OTHER, LOGO)),
    }
    pages = {"social": page("social", text=RULES), "comments": page("comments", text=MANNERS)}
    return build_scene(agency or city(), **{"profiles": profiles, "pages": pages} | changes)


@pytest.mark.parametrize(
    ("gone", "found"),
    [
        ("Officially maintained by", {("K030", "bluesky-city")}),
        ("Complies with", {("K031", "bluesky-city")}),
        ("claremont.example/social", {("K032", "bluesky-city/social")}),
        ("claremont.example/comments", {("K032", "bluesky-city/comments")}),
    ],
)
def test_a_statement_that_a_profile_lacks_is_named_with_its_account(gone: str, found: set[tuple[str, str]]) -> None:
    judged = judge_statements(scene(WHOLE.replace(gone, "")))

    assert judged.outcome is Outcome.NOT_KEPT
    assert {(one.code, one.subject) for one in judged.findings} == found
    assert judged.facts["lacking"] == {"bluesky-city": [next(iter(found))[0]]}


@pytest.mark.parametrize("status", [404, 500, None])
def test_a_policy_that_cannot_be_had_is_found_for_every_profile_that_leads_to_it(status: int | None) -> None:
    pages = {"social": page("social", status=status, text=None), "comments": page("comments", text=MANNERS)}

    judged = judge_statements(scene(pages=pages))

    assert [(one.code, one.subject) for one in judged.findings] == [
        ("K033", "bluesky-city/social"),
        ("K033", "mastodon-city/social"),
    ]


def test_a_policy_whose_text_is_not_the_version_in_force_is_found() -> None:
    pages = {"social": page("social", text=RULES), "comments": page("comments", text=MANNERS + " And more.")}

    judged = judge_statements(scene(pages=pages))

    assert [(one.code, one.subject) for one in judged.findings] == [
        ("K034", "bluesky-city/comments"),
        ("K034", "mastodon-city/comments"),
    ]


def test_the_version_in_force_is_the_one_of_today_in_the_citys_own_zone() -> None:
    until_yesterday = version("claremont-social", RULES, effective_until=date(2026, 11, 17))
    today = version("claremont-social", "New rules.", id="new", effective_from=date(2026, 11, 18))
    agency = city(versions=(until_yesterday, today, VERSIONS[1]))
    before_midnight = NOW.replace(day=18, hour=7, minute=59)  # 17 November, 23:59 in Los Angeles

    assert judge_statements(scene(agency=agency, now=before_midnight)).outcome is Outcome.KEPT
    assert judge_statements(scene(agency=agency, now=before_midnight + timedelta(minutes=1))).findings


@pytest.mark.parametrize(
    ("agency", "pages", "told"),
    [
        (city(versions=(version("claremont-social", None), VERSIONS[1])), {}, "has not stated the SHA-256"),
        (city(versions=VERSIONS[1:]), {}, "has not stated the SHA-256"),
        (city(), {"social": page("social", captured_at=None, status=None, text=None)}, "was never captured"),
        (city(pages=PAGES[:1]), {}, "names no watched page of the comment policy"),
        (city(profile=replace(ASKED, complies_with_policy=())), {}, "has stated no wording"),
    ],
)
def test_what_the_files_or_the_vault_do_not_say_is_never_taken_for_kept(
    agency: Agency, pages: dict[str, Any], told: str
) -> None:
    whole = {"social": page("social", text=RULES), "comments": page("comments", text=MANNERS)}

    judged = judge_statements(scene(agency=agency, pages=whole | pages))

    assert judged.outcome is Outcome.CANNOT_TELL
    assert told in judged.sentence


def test_a_profile_that_was_never_captured_is_a_doubt_and_none_registered_is_nothing_to_check() -> None:
    assert (
        "mastodon-city: no accepted capture"
        in judge_statements(scene(profiles={BLUESKY: profile(BLUESKY, text=WHOLE.format(other=""))})).sentence
    )
    ended = {"status": AccountStatus.TERMINATED}
    nobody = with_account(with_account(city(), BLUESKY, **ended), MASTODON, **ended)
    assert judge_statements(scene(agency=nobody)).outcome is Outcome.NOTHING_TO_CHECK
    assert judge_branding(scene(agency=city(profile=None))).outcome is Outcome.CANNOT_TELL


def test_profiles_that_say_all_and_lead_to_both_policies_in_force_pass() -> None:
    judged = judge_statements(scene())

    assert judged.outcome is Outcome.KEPT
    assert judged.findings == ()
    assert judged.evidence == (
        *(profile(name).key for name in (BLUESKY, MASTODON)),
        *(page(name).key for name in ("social", "comments")),
    )


def test_a_policy_may_stand_on_a_watched_page_that_the_profile_links_to() -> None:
    hub = page(
        "hub", text="Our policies: https://www.claremont.example/social/ and https://claremont.example/comments."
    )
    pages = {"social": page("social", text=RULES), "comments": page("comments", text=MANNERS)}
    short = WHOLE.replace("claremont.example/social claremont.example/comments", "{{}}")

    linked = short.replace("{{}}", "(https://www.claremont.example/all)")

    assert judge_statements(scene(linked, pages={**pages, "hub": hub})).outcome is Outcome.KEPT
    assert {
        one.code for one in judge_statements(scene(short.replace("{{}}", ""), pages={**pages, "hub": hub})).findings
    } == {"K032"}


@pytest.mark.parametrize(
    ("gone", "found"),
    [
        ("socialmedia@claremont.example", ("K036", "no official e-mail address stands in the profile")),
        ("www.claremont.example.", ("K037", "no link to the official website stands in the profile")),
        ("{other}", ("K038", "it does not lead to mastodon-city")),
    ],
)
def test_branding_that_a_profile_lacks_is_named_with_its_account(gone: str, found: tuple[str, str]) -> None:
    judged = judge_branding(scene(WHOLE.replace(gone, "")))

    assert [(one.code, one.detail, one.subject) for one in judged.findings] == [(*found, "bluesky-city")]


def shown(*pictures: str) -> dict[AccountId, Any]:
    whole = scene().profiles
    return {**whole, BLUESKY: replace(whole[BLUESKY], pictures=pictures)}


def test_another_picture_than_the_logo_is_found_unless_a_person_attested_that_very_picture() -> None:
    facts = {"element": "logo", "pictures": [OTHER]}
    attested = {"attestations": [event("attestations", ATTESTED, "bluesky-city", facts=facts)]}

    assert [one.code for one in judge_branding(scene(profiles=shown(OTHER))).findings] == ["K035"]
    assert [one.code for one in judge_branding(scene(profiles=shown())).findings] == ["K035"]
    assert [one.code for one in judge_branding(scene(profiles=shown("c" * 64), events=attested)).findings] == ["K035"]
    assert judge_branding(scene(profiles=shown(OTHER), events=attested)).outcome is Outcome.KEPT


def test_a_logo_that_the_agency_has_not_stated_is_a_doubt() -> None:
    judged = judge_branding(scene(agency=city(profile=replace(ASKED, logo_sha256=()))))

    assert judged.outcome is Outcome.CANNOT_TELL
    assert "bluesky-city: the agency has stated no file of its logo" in judged.sentence


def test_profiles_with_logo_contact_website_and_each_other_pass() -> None:
    judged = judge_branding(scene())

    assert judged.outcome is Outcome.KEPT
    assert judged.facts["lacking"] == {}
    assert judged.facts["pictures"] == {"bluesky-city": [LOGO], "mastodon-city": [OTHER, LOGO]}
