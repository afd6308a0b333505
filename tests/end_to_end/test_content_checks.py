"""The content checks over the demonstration city as captured: profiles, members, posts beside the website."""

from __future__ import annotations

import re

import pytest

from muniment.policy.check import Judgement, Outcome
from muniment.policy.content.classification import list_articles
from muniment.policy.registry import CHECKS
from muniment.workflows.policy.gather import gather_scene
from muniment.workflows.policy.reviewing import read_scene
from muniment.workflows.policy.run import SPAN
from muniment.workflows.wiring import open_workplace
from tests.end_to_end.city import AGENCY, City, settings_in_force

NAMES = (
    "profile-statements",
    "profile-branding",
    "website-parity",
    "original-or-reflected",
    "personal-data",
    "member-interactions-policy",
    "member-interactions-statute",
)


def judge_all(city: City) -> dict[str, Judgement]:
    with settings_in_force(city.settings):
        place = open_workplace(AGENCY, city.settings)
        scene = gather_scene(place, since=place.clock() - SPAN)
        return {name: CHECKS[name].judge(scene) for name in NAMES}


def listed_articles(city: City) -> list[str]:
    """Return the ids of the articles that posts are compared with."""
    with settings_in_force(city.settings):
        return [article.item_id for article in list_articles(read_scene(open_workplace(AGENCY, city.settings)))]


def codes(judgement: Judgement) -> set[str]:
    return {finding.code for finding in judgement.findings}


@pytest.mark.real
def test_what_the_demonstration_city_lacks_is_found_in_what_was_captured_of_it(city: City) -> None:
    for account in ("bluesky-city", "mastodon-city", "website-news"):
        assert city.run("capture", "--agency", AGENCY, "--account", account).returncode == 0

    judged = judge_all(city)
    # The comment policy is not among what Mastodon's profile leads to; the pages themselves were not captured here.
    assert codes(judged["profile-statements"]) == {"K031", "K032"}
    assert judged["profile-branding"].outcome is Outcome.KEPT  # the seal, by the file that both platforms gave out
    assert codes(judged["website-parity"]) == {"K040"}
    assert codes(judged["original-or-reflected"]) == {"K041"}
    assert judged["personal-data"].outcome is Outcome.KEPT
    assert codes(judged["member-interactions-policy"]) == {"K055"}
    assert [(one.code, one.count) for one in judged["member-interactions-statute"].findings] == [("K056", 1)] * 2
    assert all(key.endswith("/manifest.json") for one in judged.values() for key in one.evidence)
    assert not re.search("nakamori|kalani|did:plc|tortoise", repr(judged), re.IGNORECASE)

    assert city.run("classify", "list", "--agency", AGENCY, "--json").returncode == 1
    words = ("--account", "bluesky-city", "--by", "D. Okafor", "--reason", "The seal")
    assert city.run("classify", "logo", "--agency", AGENCY, *words).returncode == 0
    assert any("/profile-attested-" in key for key in city.vault.list_keys("registers/attestations/"))

    # An article that is withdrawn between two captures is still the counterpart of what was posted before.
    assert len(listed_articles(city)) == 9
    city.advance(7200)
    assert city.run("capture", "--agency", AGENCY, "--account", "website-news").returncode == 0
    now = listed_articles(city)
    assert len(now) == 10
    assert sum("parcel-notice" in article for article in now) == 1
