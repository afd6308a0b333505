"""The ledger held against what real captures of the simulated city show: unexplained, explained, not observed."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from muniment.embedded.seaweed import SeaweedFS
from muniment.policy.moderation.cases import Action, Decision, Deed, Entry, Verdict
from muniment.records.changes import ChangeKind
from muniment.records.series import PUBLIC_COMMENTS
from muniment.workflows.moderation.matching import match
from muniment.workflows.moderation.room import enter_case, open_desk
from muniment.workflows.moderation.sampling import write_sample
from muniment.workflows.policy.gather import gather_scene
from tests.contract.vanishing_city import BLUESKY, MASTODON, START, VanishingCity, open_vanishing_city

pytestmark = pytest.mark.real  # half a minute of captures
HAPPENED = START + timedelta(hours=2)
DANA = "Dana Okafor"


@pytest.fixture(scope="module")
def lived(store: SeaweedFS, tmp_path_factory: pytest.TempPathFactory) -> Iterator[VanishingCity]:
    """Captured; two hours later things vanish, among them by the City's hand; captured and asked for again."""
    with open_vanishing_city(store, tmp_path_factory.mktemp("city")) as city:
        for account in (BLUESKY, MASTODON):
            city.capture(account, PUBLIC_COMMENTS)
        city.advance(3)
        for account in (BLUESKY, MASTODON):
            city.capture(account, PUBLIC_COMMENTS)
        for hours in (25, 1):
            for account in (BLUESKY, MASTODON):
                city.probe(account)
            city.advance(hours)
        yield city


def found(city: VanishingCity) -> Counter[tuple[str, ...]]:
    """The findings by code, account and kind, with how many items each is of."""
    told: Counter[tuple[str, ...]] = Counter()
    for finding in match(city.place, since=START - timedelta(hours=1)):
        parts = finding.subject.split(" ")
        told[(finding.code, parts[0], parts[-1])] += finding.count
        assert "did:" not in finding.subject + finding.detail
    return told


def items(city: VanishingCity, kind: ChangeKind, account: str = BLUESKY) -> list[str]:
    scene = gather_scene(city.place, since=START - timedelta(hours=1))
    return sorted({one.item_id for one in scene.changes if (one.kind, one.account) == (kind, account)})


def spam(item: str, at: datetime, *, deed: Deed = Deed.HIDDEN, account: str = BLUESKY) -> list[Entry]:
    facts = {"grounds": ("C7-v",), "rationale": "Nine times the same", "duplicates": 9, "item": item}
    verdict = Verdict.HIDE if deed is Deed.HIDDEN else Verdict.REMOVE
    return [
        Decision(at=at, verdict=verdict, decided_by=DANA, account=account, **facts),  # type: ignore[arg-type]
        Action(at=at, deed=deed, acted_by=DANA, account=account, item=item, originator="somebody"),
    ]


def test_what_the_city_did_is_unexplained_until_the_ledger_says_it(lived: VanishingCity, tmp_path: Path) -> None:
    # On Bluesky only what is hidden or blocked is the City's; on its own Mastodon server a reply that is gone may be.
    before = found(lived)
    assert before == {
        ("M001", "bluesky-city", "hidden"): 1,
        ("M001", "bluesky-city", "author-blocked"): 1,
        ("M001", "mastodon-city", "removed"): 2,
    }

    (blocked,) = items(lived, ChangeKind.AUTHOR_BLOCKED)
    (hidden,) = set(items(lived, ChangeKind.HIDDEN)) - {blocked}
    troll = blocked.split("/")[2]
    decided = Decision(
        at=HAPPENED,
        verdict=Verdict.BLOCK,
        decided_by=DANA,
        grounds=("C7-v",),
        rationale="Went on",
        duplicates=9,
        item=blocked,
        originator=troll,
        scope=BLUESKY,
        review_on=date(2099, 1, 1),
    )
    acted = Action(at=HAPPENED, deed=Deed.BLOCKED, acted_by=DANA, account=BLUESKY, originator=troll)
    desk = open_desk(lived.place)
    enter_case(desk, "hidden", spam(hidden, HAPPENED), by=DANA)
    enter_case(desk, "blocked", [decided, acted], by=DANA)
    for number, item in enumerate(items(lived, ChangeKind.REMOVED, MASTODON)):
        enter_case(desk, f"removed-{number}", spam(item, HAPPENED, deed=Deed.REMOVED, account=MASTODON), by=DANA)
    assert found(lived) == {}

    # An action that never was, on a reply that is still there; and one on what no capture ever had.
    stays = next(item.item_id for item in gather_scene(lived.place, since=START).comments() if item.text == "stays")
    enter_case(desk, "not-done", spam(stays, HAPPENED), by=DANA)
    enter_case(desk, "unseen", spam("at://did:plc:nobody/app.bsky.feed.post/3kzzzzzzzzzzz", HAPPENED), by=DANA)
    assert found(lived) == {("M002", "case", "not-done"): 1, ("M009", "case", "unseen"): 1}

    sample = write_sample(lived.place, tmp_path / "sample", since=START, until=lived.now(), seed="41-17-6", most=9)
    sheet = list(csv.DictReader((tmp_path / "sample/sheet.csv").read_text("utf-8-sig").splitlines()))
    texts = [row["text"].removeprefix("'").removeprefix("@cityhall ") for row in sheet]
    assert sorted(texts) == ["(not captured)", "author blocked", "deleted", "hidden", "stays", "taken down"]
    assert sample.without_text == 1
