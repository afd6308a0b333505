"""The policy watch over the demonstration city's own pages, on a real store: captured, compared, reviewed, refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from muniment.embedded.seaweed import SeaweedFS
from muniment.errors import BasisMissingError
from muniment.policy.checks.pages import judge_policy_pages
from muniment.policy.scene import PageChange
from muniment.records.names import AccountId, SeriesId
from muniment.records.series import POLICIES
from muniment.workflows.orders import new_order
from muniment.workflows.pages.facts import list_page_changes, read_page_facts
from muniment.workflows.policy.gather import gather_scene
from muniment.workflows.retrieve import list_manifests
from muniment.workflows.take_pages import take_pages
from muniment.workflows.wiring import Workplace, open_workplace
from tests.end_to_end.city import AGENCY, City, open_city, start_simulator

RULES = "social-media-policy"
EVER = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def own_city(store: SeaweedFS, tmp_path: Path) -> Iterator[City]:
    """A city of one's own: time passes in it."""
    simulator = start_simulator()
    yield open_city(store, tmp_path, simulator)
    simulator.stop()


def place(city: City) -> Workplace:
    return open_workplace(AGENCY, city.settings)


def ask(city: City, *words: str) -> tuple[int, Any]:
    done = city.run("pages", words[0], "--agency", AGENCY, *words[1:], "--json")
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, json.loads(done.stdout)


def watch(city: City, page: str = RULES) -> None:
    code, told = ask(city, "watch", "--page", page)
    assert (code, [one["verdict"] for one in told["sealed"]]) == (0, ["accepted"])


def changes(city: City) -> tuple[PageChange, ...]:
    return list_page_changes(place(city), since=EVER)


def test_a_changed_clause_names_its_control_and_is_open_until_a_person_reviews_it(own_city: City) -> None:
    watch(own_city)
    digest = ask(own_city, "show", "--page", RULES)[1]["text_sha256"]
    asked = ("review", "--page", RULES, "--outcome", "in-order", "--by", "A. Clerk", "--sha256")
    assert ask(own_city, *asked, digest[:12])[0] == 0

    own_city.advance(45 * 60)  # a new banner, footer and navigation
    watch(own_city)
    assert changes(own_city) == ()

    own_city.advance(45 * 60)  # one ground of C.7
    watch(own_city)
    (told,) = ask(own_city, "changes")[1]
    assert (told["clause"], told["what"], told["controls"]) == ("C.7 vii", "changed", ["R-C7"])
    (line,) = [line for line in ask(own_city, "list")[1] if line["page"] == RULES]
    assert (line["open"], line["changed_since"]) == (True, "C.7 vii changed")

    judgement = judge_policy_pages(gather_scene(place(own_city), since=EVER))
    found = {(finding.code, finding.subject): finding.detail for finding in judgement.findings}
    assert found["K062", RULES].endswith("C.7 vii changed; controls: R-C7")
    assert found.keys() >= {("K060", "privacy-policy"), ("K060", "comment-policy")}  # nobody captured those

    refused = own_city.run("pages", *asked[:1], "--agency", AGENCY, *asked[1:], digest)
    assert (refused.returncode, "of its last capture, found another" in refused.stderr) == (2, True)
    ask(own_city, *asked, line["sha256"])
    (line,) = [line for line in ask(own_city, "list")[1] if line["page"] == RULES]
    assert (line["open"], line["reviewer"]) == (False, "A. Clerk")

    manifests = list(list_manifests(place(own_city), account=RULES, series=POLICIES))
    # The clause and the whole text; what surrounds the text.
    assert [manifest.rows.changed for manifest in manifests] == [2, 1, 0]
    assert manifests[0].retention.title == "Policies, schedules and terms of platforms, every version"


@pytest.mark.real
def test_a_page_that_is_gone_is_a_sealed_gap_and_no_change_of_its_clauses(city: City, tmp_path: Path) -> None:
    watch(city, "comment-policy")
    away = moved(city, tmp_path, "policy.yaml", "/pages/comment-policy.html", "/pages/nowhere.html")

    code, told = ask(away, "watch", "--page", "comment-policy")
    assert (code, [one["verdict"] for one in told["sealed"]]) == (1, ["quarantined"])
    fact = read_page_facts(place(away))["comment-policy"]
    assert (fact.status, fact.text, fact.clauses) == (None, None, {})
    assert changes(away) == ()

    back = replace(away, settings=replace(away.settings, agencies=city.settings.agencies))
    watch(back, "comment-policy")
    assert changes(back) == ()
    assert read_page_facts(place(back))["comment-policy"].status == 200


def moved(city: City, tmp_path: Path, file: str, old: str, new: str) -> City:
    """Return *city* with one thing changed in its agency's files."""
    agencies = tmp_path / "other-agencies"
    shutil.copytree(city.settings.agencies / AGENCY, agencies / AGENCY)
    text = (agencies / AGENCY / file).read_text("utf-8")
    assert old in text
    (agencies / AGENCY / file).write_text(text.replace(old, new), "utf-8")
    return replace(city, settings=replace(city.settings, agencies=agencies))


def take(where: Workplace, account: str, series: str) -> bool:
    order = new_order(where.agency.id, AccountId(account), SeriesId(series), run_id="r", taken_at=datetime.now(UTC))
    return take_pages(where, order)


def test_a_field_without_a_basis_is_not_captured_and_the_other_accounts_are(city: City, tmp_path: Path) -> None:
    # The first list that ends so is that of Bluesky's official posts.
    text = (city.settings.agencies / AGENCY / "policy.yaml").read_text("utf-8")
    first = text[text.index("  - platform: bluesky") : text.index("terms: keep")]
    fewer = moved(city, tmp_path, "policy.yaml", first, first.replace(" author_name,", ""))
    where = place(fewer)

    with pytest.raises(BasisMissingError) as refused:
        take(where, "bluesky-city", "official-posts")
    assert str(refused.value) == "bluesky official-posts: expected a basis, found none for author_name"
    assert take(where, "website-news", "official-posts")
    done = fewer.run("capture", "--agency", AGENCY, "--account", "bluesky-city", "--series", "official-posts")
    assert done.returncode == 2
    assert "expected a basis, found none for author_name" in done.stderr


def test_an_agency_without_a_basis_register_captures_nothing(city: City, tmp_path: Path) -> None:
    agencies = tmp_path / "bare"
    shutil.copytree(city.settings.agencies / AGENCY, agencies / AGENCY)
    (agencies / AGENCY / "policy.yaml").unlink()
    where = open_workplace(AGENCY, replace(city.settings, agencies=agencies))

    with pytest.raises(BasisMissingError, match=r"website official-posts: expected a basis register .* for item_id, "):
        take(where, "website-news", "official-posts")
    assert list(where.vault.list_keys("records/")) == []
