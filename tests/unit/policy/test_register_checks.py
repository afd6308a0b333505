"""The checks of the register: for each one the planted fault is found, and the sound case passes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from muniment.policy.check import Judgement, Outcome
from muniment.policy.registry import CHECKS
from muniment.policy.scene import Scene
from muniment.records.agency import AccountStatus, AuthorizationLevel
from muniment.records.series import OFFICIAL_POSTS, SUBSCRIBER_LISTS
from tests.unit.policy.scenes import (
    CITY,
    NOW,
    account_of,
    build_scene,
    claremont,
    post,
    profile,
    snapshot,
    sound_scene,
    with_account,
)


def judge(name: str, scene: Scene) -> Judgement:
    return CHECKS[name].judge(scene)


def found(judgement: Judgement) -> list[tuple[str, str]]:
    return [(finding.code, finding.subject) for finding in judgement.findings]


def without(scene: Scene, account: str, *series: str) -> Scene:
    kept = [one for one in scene.snapshots if one.account != account or (series and one.series not in series)]
    return replace(scene, snapshots=tuple(kept))


def test_reconciliation_finds_a_registered_account_that_was_not_captured() -> None:
    judgement = judge("register-reconciliation", without(sound_scene(), CITY))

    assert judgement.outcome is Outcome.NOT_KEPT
    assert found(judgement) == [("K001", CITY)]
    assert "official-posts, public-comments, subscriber-lists" in judgement.findings[0].detail


def test_reconciliation_finds_one_series_that_was_not_captured() -> None:
    judgement = judge("register-reconciliation", without(sound_scene(), CITY, SUBSCRIBER_LISTS))

    assert found(judgement) == [("K001", CITY)]
    assert judgement.findings[0].detail.endswith("found none of subscriber-lists")


def test_reconciliation_finds_a_captured_account_that_no_register_has() -> None:
    scene = sound_scene()
    judgement = judge("register-reconciliation", replace(scene, snapshots=(*scene.snapshots, snapshot("bluesky-old"))))

    assert found(judgement) == [("K002", "bluesky-old")]


def test_reconciliation_finds_a_capture_long_after_an_account_ended() -> None:
    ended = {"status": AccountStatus.TERMINATED, "terminated_on": NOW.date() - timedelta(days=9)}
    scene = replace(sound_scene(), agency=with_account(claremont(), CITY, **ended))
    judgement = judge("register-reconciliation", scene)

    assert ("K002", CITY) in found(judgement)


def test_reconciliation_finds_an_account_that_shows_no_profile() -> None:
    scene = sound_scene()
    judgement = judge("register-reconciliation", replace(scene, profiles={"mastodon-city": profile("mastodon-city")}))

    assert found(judgement) == [("K003", CITY)]


def test_reconciliation_does_not_take_an_old_capture_for_one_of_the_span() -> None:
    scene = without(sound_scene(), CITY, OFFICIAL_POSTS)
    old = snapshot(CITY, ended_at=scene.since - timedelta(seconds=1))

    assert ("K001", CITY) in found(judge("register-reconciliation", replace(scene, snapshots=(*scene.snapshots, old))))


def test_reconciliation_lets_an_account_opened_today_wait_for_its_first_capture() -> None:
    young = with_account(claremont(), CITY, opened_on=NOW.date())
    scene = without(sound_scene(young), CITY)

    assert judge("register-reconciliation", scene).outcome is Outcome.KEPT


def test_reconciliation_passes_where_register_and_captures_agree() -> None:
    judgement = judge("register-reconciliation", sound_scene())

    assert (judgement.outcome, judgement.findings) == (Outcome.KEPT, ())
    assert judgement.facts == {"registered": 4, "captured": 4, "operating": 2}


def test_classes_finds_a_class_that_the_platform_offers_and_nobody_captures() -> None:
    narrow = with_account(claremont(), CITY, series=(OFFICIAL_POSTS, SUBSCRIBER_LISTS))
    judgement = judge("classes-captured", sound_scene(narrow))

    assert found(judgement) == [("K011", CITY)]
    assert "no public-comments" in judgement.findings[0].detail


def test_classes_passes_where_each_class_is_captured_and_says_what_no_platform_offers() -> None:
    judgement = judge("classes-captured", sound_scene())

    assert judgement.outcome is Outcome.KEPT
    assert "private messages" in judgement.sentence


def test_attribution_finds_posts_of_an_account_without_a_department() -> None:
    judgement = judge("attribution", sound_scene(with_account(claremont(), CITY, department=" ")))

    assert found(judgement) == [("K019", CITY)]


def test_attribution_passes_where_each_post_has_a_department() -> None:
    judgement = judge("attribution", sound_scene())

    assert judgement.outcome is Outcome.KEPT
    assert judgement.facts["departments"] == {"City Manager's Office": 3}


@pytest.mark.parametrize(
    ("level", "item"),
    [
        (AuthorizationLevel.EDIT, post(published_at=NOW - timedelta(days=2))),
        (AuthorizationLevel.VIEW, post(kind="reply", published_at=NOW - timedelta(days=2))),
        (AuthorizationLevel.COMMENT, post(published_at=None, edited_at=NOW - timedelta(days=2))),
    ],
)
def test_authorization_finds_an_act_above_every_level_held(level: AuthorizationLevel, item: object) -> None:
    city = account_of(claremont(), CITY)
    held = tuple(replace(person, level=level) for person in city.persons)
    judgement = judge("written-authorization", build_scene(with_account(claremont(), CITY, persons=held), posts=[item]))  # type: ignore[list-item]

    assert found(judgement) == [("K006", CITY)]


def test_authorization_finds_a_post_of_a_day_on_which_nobody_was_authorized() -> None:
    city = account_of(claremont(), CITY)
    yesterday = (NOW - timedelta(days=1)).date()
    held = tuple(replace(person, valid_until=yesterday - timedelta(days=1)) for person in city.persons)
    agency = with_account(claremont(), CITY, persons=held)
    judgement = judge("written-authorization", build_scene(agency, posts=[post(), post("post-2")]))

    assert found(judgement) == [("K006", CITY)]
    assert judgement.findings[0].count == 2
    assert f"the first on {yesterday}" in judgement.findings[0].detail


def test_authorization_holds_until_the_end_of_its_last_day_in_the_citys_zone() -> None:
    city = account_of(claremont(), CITY)
    held = tuple(replace(person, valid_until=date(2026, 11, 16)) for person in city.persons)
    agency = with_account(claremont(), CITY, persons=held)
    late = NOW.replace(day=17, hour=7, minute=59)  # 23:59 on the 16th in Los Angeles
    after = NOW.replace(day=17, hour=8, minute=0)

    assert judge("written-authorization", build_scene(agency, posts=[post(published_at=late)])).outcome is Outcome.KEPT
    assert found(judge("written-authorization", build_scene(agency, posts=[post(published_at=after)]))) == [
        ("K006", CITY)
    ]


def test_authorization_finds_a_post_of_an_account_that_no_register_has() -> None:
    stranger = replace(post(), account="bluesky-old")

    assert found(judge("written-authorization", build_scene(posts=[stranger]))) == [("K006", "bluesky-old")]


def test_authorization_leaves_alone_what_was_posted_before_the_span() -> None:
    old = post(published_at=NOW - timedelta(days=400))

    assert judge("written-authorization", build_scene(posts=[old])).outcome is Outcome.NOTHING_TO_CHECK


def test_authorization_passes_where_somebody_with_the_level_was_in_force() -> None:
    judgement = judge(
        "written-authorization", build_scene(posts=[post(), post("post-2", edited_at=NOW - timedelta(hours=3))])
    )

    assert judgement.outcome is Outcome.KEPT
    assert judgement.facts == {"acts": 3}


def test_person_types_finds_an_account_with_nobody_in_force() -> None:
    city = account_of(claremont(), CITY)
    held = tuple(replace(person, valid_until=NOW.date() - timedelta(days=1)) for person in city.persons)
    judgement = judge("person-types", build_scene(with_account(claremont(), CITY, persons=held)))

    assert found(judgement) == [("K008", CITY)]


def test_person_types_passes_where_each_account_has_somebody() -> None:
    judgement = judge("person-types", build_scene())

    assert judgement.outcome is Outcome.KEPT
    assert judgement.facts == {"kinds": {"contractor": 1, "employee": 5}}


def test_revoked_access_finds_who_keeps_another_account() -> None:
    city = account_of(claremont(), CITY)
    ended = tuple(replace(person, valid_until=NOW.date() - timedelta(days=5)) for person in city.persons)
    judgement = judge("revoked-access", build_scene(with_account(claremont(), CITY, persons=ended)))

    assert ("K007", f"mastodon-city/{CITY}") in found(judgement)


def test_revoked_access_passes_who_was_granted_the_other_account_anew() -> None:
    ended_on, agency = NOW.date() - timedelta(days=5), claremont()
    for account in agency.accounts:
        renewed = tuple(replace(person, valid_from=ended_on + timedelta(days=1)) for person in account.persons)
        agency = with_account(agency, account.id, persons=renewed)
    ended = tuple(replace(person, valid_until=ended_on) for person in account_of(claremont(), CITY).persons)
    judgement = judge("revoked-access", build_scene(with_account(agency, CITY, persons=ended)))

    assert judgement.outcome is Outcome.KEPT


def test_approval_finds_an_account_without_one() -> None:
    judgement = judge("approval", build_scene(with_account(claremont(), CITY, approval=None)))

    assert found(judgement) == [("K004", CITY)]


def test_approval_finds_an_account_that_was_opened_before_it() -> None:
    judgement = judge("approval", build_scene(with_account(claremont(), CITY, opened_on=date(2026, 1, 19))))

    assert found(judgement) == [("K004", CITY)]


def test_approval_finds_one_after_hearing_nobody() -> None:
    approval = account_of(claremont(), CITY).approval
    assert approval is not None
    agency = with_account(claremont(), CITY, approval=replace(approval, consulted=()))

    assert found(judge("approval", build_scene(agency))) == [("K005", CITY)]


def test_approval_passes_where_each_account_was_approved_first() -> None:
    assert judge("approval", build_scene()).outcome is Outcome.KEPT


@pytest.mark.parametrize(
    "address", ["pio@gmail.example", "pio@claremont.example.evil.example", "pio@notclaremont.example"]
)
def test_official_email_finds_an_address_of_another_domain(address: str) -> None:
    judgement = judge("official-email", build_scene(with_account(claremont(), CITY, registration_email=address)))

    assert found(judgement) == [("K009", CITY)]
    assert "pio" not in judgement.findings[0].detail


def test_official_email_passes_addresses_of_the_city_in_any_case() -> None:
    agency = with_account(claremont(), CITY, registration_email="pio@Claremont.EXAMPLE")

    assert judge("official-email", build_scene(agency)).outcome is Outcome.KEPT


ENDED_ON = date(2026, 11, 17)
ENDED = {"status": AccountStatus.TERMINATED, "terminated_on": ENDED_ON, "series": (OFFICIAL_POSTS, SUBSCRIBER_LISTS)}


@pytest.mark.parametrize(
    "last",
    [
        {"accepted": False},
        {"gaps": 1},
        {"began_at": NOW - timedelta(days=3)},
    ],
)
def test_termination_finds_an_account_without_a_complete_last_capture(last: dict[str, object]) -> None:
    scene = build_scene(
        with_account(claremont(), CITY, **ENDED),
        snapshots=(snapshot(CITY, OFFICIAL_POSTS, **last), snapshot(CITY, SUBSCRIBER_LISTS)),
    )
    judgement = judge("termination", scene)

    assert found(judgement) == [("K010", CITY)]
    assert "none of official-posts" in judgement.findings[0].detail


def test_termination_passes_an_account_whose_last_day_was_captured_whole() -> None:
    scene = build_scene(
        with_account(claremont(), CITY, **ENDED),
        snapshots=(snapshot(CITY, OFFICIAL_POSTS), snapshot(CITY, SUBSCRIBER_LISTS)),
    )

    assert judge("termination", scene).outcome is Outcome.KEPT


@pytest.mark.parametrize(
    "name",
    [
        "register-reconciliation",
        "classes-captured",
        "attribution",
        "written-authorization",
        "person-types",
        "approval",
        "official-email",
        "termination",
        "revoked-access",
    ],
)
def test_an_agency_without_accounts_has_nothing_to_check(name: str) -> None:
    assert judge(name, build_scene(replace(claremont(), accounts=()))).outcome is Outcome.NOTHING_TO_CHECK
