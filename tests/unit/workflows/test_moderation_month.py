"""A month of a moderator's work, replayed: what was removed under which clause, and by whom, is answered exactly."""

from __future__ import annotations

import csv
import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from muniment.errors import ModerationError
from muniment.policy.check import Outcome
from muniment.policy.checks.moderation import CHECKS
from muniment.policy.moderation.case_findings import Docket
from muniment.policy.moderation.cases import BlockReview, Entry, Reversal, Undoing, Verdict
from muniment.policy.moderation.filters import version_at
from muniment.policy.moderation.ledger import fold_ledger
from muniment.policy.moderation.neutrality import draw_sample, list_candidates, removal_rates
from muniment.policy.moderation.tasks import list_tasks
from muniment.records.changes import ChangeKind
from muniment.records.series import PUBLIC_COMMENTS
from muniment.workflows.attestations import attest, read_days, read_work_list
from muniment.workflows.moderation.answers import Question, answer
from muniment.workflows.moderation.lists import add_filter, list_versions
from muniment.workflows.moderation.matching import match
from muniment.workflows.moderation.room import enter_case
from muniment.workflows.moderation.sampling import write_sample
from muniment.workflows.registers import read_events
from tests.unit.policy.ledgers import action, block, change, counsel, decision, notice, second
from tests.unit.policy.scenes import build_scene, snapshot
from tests.unit.workflows.moderation_office import Office

DANA, TEODORO = "Dana Okafor", "Teodoro Vance"
BEGIN, END = datetime(2026, 10, 1, 7, tzinfo=UTC), datetime(2026, 11, 1, 7, tzinfo=UTC)  # October in Los Angeles
GROUNDS = ("C7-v", "C7-ii", "C7-vii/derogatory", "C7-iii", "C7-xiv")
MONTH = 60


def item(number: int) -> str:
    return f"at://did:plc:resident{number}/app.bsky.feed.post/3k{number:011}"


def scripted(number: int) -> list[Entry]:
    """Case *number*: which ground, who decides and what happens go by the number alone."""
    at = BEGIN + timedelta(hours=11 * number + 9)
    who = (DANA, TEODORO)[number % 2]
    ground = GROUNDS[number % len(GROUNDS)]
    facts = {"item": item(number), "decided_by": who, "grounds": (ground,), "law": "PC 422"}
    told: list[Entry] = [notice(at, item=item(number))]
    if number % 6 == 5:
        nothing = {**facts, "grounds": (), "verdict": Verdict.NO_VIOLATION}
        return [*told, decision(at + timedelta(minutes=20), **nothing)]
    if number % 4 == 3:
        return [*told, decision(at + timedelta(minutes=20), **{**facts, "verdict": Verdict.LEFT_UP})]
    told += [
        decision(at + timedelta(minutes=20), **facts),
        action(at + timedelta(minutes=30), item=item(number), acted_by=TEODORO),
        second(at + timedelta(hours=2), reviewer="Ioan Marchetti"),
        counsel(at + timedelta(hours=3)),
    ]
    if number % 10 == 0:
        undone = {"how": Undoing.UNHIDDEN, "reversed_by": DANA, "reason": "Second thoughts"}
        told.append(Reversal(at=at + timedelta(hours=4), **undone))
    return told


def removed(number: int) -> bool:
    return number % 6 != 5 and number % 4 != 3


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The month, entered in an order that is not that of the days."""
    office = Office(tmp_path_factory.mktemp("office"))
    numbers = list(range(MONTH))
    random.Random(7).shuffle(numbers)
    desk = office.desk()
    for number in numbers:
        enter_case(desk, f"case-{number:02}", scripted(number), by=DANA)
    return office


def answers(office: Office, **asked: object) -> set[str]:
    found = answer(office.desk().ledger, Question(**asked))  # type: ignore[arg-type]
    return {one.case for one in found}


@pytest.mark.parametrize("ground", GROUNDS)
def test_what_was_removed_under_a_clause_and_by_whom_is_answered_exactly(office: Office, ground: str) -> None:
    truth = {
        (f"case-{number:02}", (DANA, TEODORO)[number % 2], TEODORO)
        for number in range(MONTH)
        if GROUNDS[number % 5] == ground and removed(number)
    }

    found = answer(office.desk().ledger, Question(ground=ground))

    assert {(one.case, one.decided_by, one.acted_by[0]) for one in found if one.deeds} == truth
    assert len(truth) >= 5


def test_a_code_without_its_part_asks_for_all_of_its_parts(office: Office) -> None:
    assert answers(office, ground="C7-vii") == answers(office, ground="C7-vii/derogatory") != set()
    assert answers(office, ground="C7-vi") == set()


def test_a_reviewer_is_found_as_who_decided_and_as_who_gave_the_second_look(office: Office) -> None:
    dana = {f"case-{number:02}" for number in range(0, MONTH, 2)}

    assert answers(office, reviewer="dana okafor") == dana
    assert answers(office, reviewer="Ioan Marchetti") == {f"case-{n:02}" for n in range(MONTH) if removed(n)}
    assert answers(office, reviewer="Nobody") == set()


def test_a_span_begins_with_its_first_moment_and_ends_before_its_last(office: Office) -> None:
    first = BEGIN + timedelta(hours=9, minutes=20)

    assert answers(office, until=first) == set()
    assert answers(office, since=first, until=first + timedelta(seconds=1)) == {"case-00"}


def test_what_was_taken_back_is_told(office: Office) -> None:
    taken_back = {one.case for one in answer(office.desk().ledger, Question()) if one.reversed_at is not None}

    assert taken_back == {f"case-{n:02}" for n in range(0, MONTH, 10) if removed(n)}


def test_how_long_a_notice_took_is_told(office: Office) -> None:
    (first,) = answer(office.desk().ledger, Question(until=BEGIN + timedelta(hours=10)))

    assert first.noticed_at == BEGIN + timedelta(hours=9)
    assert (first.decided_at, first.acted_at) == (
        BEGIN + timedelta(hours=9, minutes=20),
        BEGIN + timedelta(hours=9, minutes=30),
    )


def test_a_month_that_was_kept_well_has_no_finding(office: Office) -> None:
    numbers = [number for number in range(MONTH) if removed(number)]
    moments = {number: BEGIN + timedelta(hours=11 * number + 9, minutes=30) for number in numbers}
    seen = [change(at=moments[number], item_id=item(number)) for number in numbers]
    events = {"moderation": read_events(office.place.vault, "moderation")}
    scene = build_scene(events=events, changes=tuple(seen), snapshots=(snapshot(series=PUBLIC_COMMENTS),), since=BEGIN)

    judged = {check.name: check.judge(scene) for check in CHECKS}

    assert {found.outcome for found in judged.values()} == {Outcome.KEPT}
    assert [finding for found in judged.values() for finding in found.findings] == []
    assert judged["removal-record"].facts["explained"] == len(numbers)


def test_one_removal_that_nobody_entered_is_the_one_that_is_found(office: Office) -> None:
    events = {"moderation": read_events(office.place.vault, "moderation")}
    at = BEGIN + timedelta(days=3)
    hidden = change(ChangeKind.HIDDEN, at, item_id=item(999))
    scene = build_scene(events=events, changes=(hidden,), snapshots=(snapshot(series=PUBLIC_COMMENTS),), since=END)

    judged = next(check for check in CHECKS if check.name == "removal-record").judge(scene)

    assert [(finding.code, finding.count) for finding in judged.findings] == [("M001", 1)]


def test_the_rates_are_those_of_the_script(office: Office) -> None:
    rates = {(rate.code, rate.reviewer): rate for rate in removal_rates(office.desk().ledger, since=BEGIN, until=END)}

    weighed = [number for number in range(MONTH) if number % 6 != 5]
    for code, who in {(GROUNDS[n % 5].partition("/")[0], (DANA, TEODORO)[n % 2]) for n in weighed}:
        mine = [n for n in weighed if GROUNDS[n % 5].partition("/")[0] == code and (DANA, TEODORO)[n % 2] == who]
        rate = rates[code, who]
        assert (rate.decisions, rate.taken_down) == (len(mine), sum(map(removed, mine)))
        assert rate.percent == int(100 * rate.taken_down / rate.decisions + 0.5)
    assert sum(rate.decisions for rate in rates.values()) == MONTH


def test_the_same_seed_draws_the_same_sample_and_another_another(office: Office) -> None:
    candidates = list_candidates(office.desk().ledger, since=BEGIN, until=END)
    shuffled = random.Random(1).sample(candidates, len(candidates))

    drawn = draw_sample(candidates, seed="41-17-6", most=2)

    assert draw_sample(shuffled, seed="41-17-6", most=2) == drawn
    assert draw_sample(candidates, seed="41-17-7", most=2) != drawn
    piles = Counter((one.candidate.code, one.candidate.taken_down) for one in drawn)
    assert max(piles.values()) == 2
    assert {code for code, _ in piles} == {ground.partition("/")[0] for ground in GROUNDS}
    # Removals and what stayed are not told apart by where they stand on the sheet.
    order = [one.candidate.taken_down for one in drawn]
    assert order not in (sorted(order), sorted(order, reverse=True))


def test_the_sheet_shows_neither_decision_nor_person_and_the_key_does(office: Office, tmp_path: Path) -> None:
    sample = write_sample(office.place, tmp_path / "october", since=BEGIN, until=END, seed="41-17-6", most=2)

    sheet = (tmp_path / "october/sheet.csv").read_text("utf-8-sig")
    key = list(csv.DictReader((tmp_path / "october/key.csv").read_text("utf-8-sig").splitlines()))
    for hidden in (DANA, TEODORO, "hide", "left-up", "case-", "did:plc", "app.bsky"):
        assert hidden not in sheet
    assert len(list(csv.reader(sheet.splitlines()))) == len(sample.drawn) + 1 == len(key) + 1
    assert {row["decided by"] for row in key} <= {DANA, TEODORO}
    assert {row["taken down"] for row in key} == {"yes", "no"}
    assert sample.without_text == len(sample.drawn)
    assert "(not captured)" in sheet


@pytest.mark.parametrize(("seed", "most"), [("", 2), (" ", 2), ("41", 0)])
def test_a_sample_without_a_seed_is_not_drawn(office: Office, tmp_path: Path, seed: str, most: int) -> None:
    with pytest.raises(ModerationError, match="sample: "):
        write_sample(office.place, tmp_path / "october", since=BEGIN, until=END, seed=seed, most=most)

    assert not (tmp_path / "october").exists()


def test_no_sample_is_drawn_of_a_month_that_goes_on(office: Office, tmp_path: Path) -> None:
    """Who decides could know the seed, and so what is going to be looked at."""
    with pytest.raises(ModerationError, match="month: expected one that is over"):
        write_sample(office.place, tmp_path / "november", since=END, until=END + timedelta(days=30), seed="41", most=2)


def test_without_captures_ledger_and_captures_are_not_said_to_agree(office: Office) -> None:
    with pytest.raises(ModerationError, match="match: expected an accepted capture of what the public wrote"):
        match(office.place, since=BEGIN, until=END)


def test_what_waits_is_on_the_list_until_it_is_done(tmp_path: Path) -> None:
    office = Office(tmp_path)
    now = office.clock.now
    office.enter(notice(now - timedelta(hours=2)), case="noticed")
    office.enter(decision(now - timedelta(hours=2), grounds=("C7-vii/derogatory",)), case="decided")
    office.enter(*block(now - timedelta(days=20), review_on=date(2026, 11, 18)), case="blocked")
    office.enter(*scripted(0), case="done")

    def waiting() -> list[tuple[str, str]]:
        return [(task.what, task.case) for task in read_work_list(office.place, now.date()).tasks]

    assert waiting() == [
        ("review the block", "blocked"),
        ("carry out the decision (hide)", "decided"),
        ("counsel's sign-off", "decided"),
        ("decide on the notice", "noticed"),
        ("second review", "decided"),
    ]
    office.enter(action(now - timedelta(hours=1)), second(now), counsel(now), case="decided")
    office.enter(decision(now, verdict=Verdict.NO_VIOLATION, grounds=()), case="noticed")
    later = BlockReview(at=now, reviewer=DANA, review_on=date(2027, 2, 1), reason="Went on")
    office.enter(later, case="blocked")
    assert waiting() == []


def test_an_agency_without_a_ledger_has_no_tasks(tmp_path: Path) -> None:
    office = Office(tmp_path)
    policy = office.place.agency.policy
    assert policy is not None
    docket = Docket(ledger=fold_ledger([]), agency=office.place.agency, policy=policy, since=BEGIN, now=END)

    assert list_tasks(docket) == ()


def test_filter_lists_are_kept_by_version_with_what_changed(tmp_path: Path) -> None:
    office, file = Office(tmp_path), tmp_path / "swearing.txt"
    on = {"kind": "words", "accounts": ("bluesky-city",), "by": DANA}
    file.write_text("darn\nheck\n", "utf-8")
    add_filter(office.place, "swearing", file, since=BEGIN, **on)  # type: ignore[arg-type]
    with pytest.raises(ModerationError, match="expected another than that of version 1, found the same"):
        add_filter(office.place, "swearing", file, since=END, **on)  # type: ignore[arg-type]
    file.write_text("heck\ngosh\n", "utf-8")
    add_filter(office.place, "swearing", file, since=END, **on)  # type: ignore[arg-type]

    first, latest = list_versions(office.place)

    assert (first.number, first.lines, first.since, first.until) == (1, ("darn", "heck"), BEGIN, END)
    assert (latest.number, latest.lines, latest.until) == (2, ("heck", "gosh"), None)
    assert version_at((first, latest), END - timedelta(seconds=1)) == first
    assert version_at((first, latest), END) == latest
    assert version_at((first, latest), BEGIN - timedelta(seconds=1)) is None


@pytest.mark.parametrize(
    ("body", "changes", "message"),
    [
        (b"", {}, "expected an entry a line, found none"),
        (b"a\na\n", {}, "expected each entry once, found 1 again"),
        (b"a\n\xff\n", {}, "line 2: expected UTF-8, found other bytes"),
        (b"a\n", {"kind": "songs"}, "kind: expected one of words, accounts, found 'songs'"),
        (b"a\n", {"accounts": ()}, "account: expected those that the list works on, found none"),
        (b"a\n", {"accounts": ("myspace",)}, "account: expected one of bluesky-city"),
        (b"a\n", {"until": BEGIN}, "until: expected a time after the list comes into force"),
        (b"a\n", {"by": " "}, "by: expected the name of who enters it"),
    ],
)
def test_a_list_that_is_none_is_not_sealed(
    tmp_path: Path, body: bytes, changes: dict[str, object], message: str
) -> None:
    office, file = Office(tmp_path), tmp_path / "swearing.txt"
    file.write_bytes(body)
    stated = {"kind": "words", "accounts": ("bluesky-city",), "since": BEGIN, "by": DANA, **changes}

    with pytest.raises(ModerationError, match=message):
        add_filter(office.place, "swearing", file, **stated)  # type: ignore[arg-type]

    assert office.keys() == []


def test_attested_days_are_listed_with_those_that_nobody_attested(tmp_path: Path) -> None:
    office = Office(tmp_path)
    attest(office.place, date(2026, 11, 16), accounts=(), by=DANA)
    attest(office.place, date(2026, 11, 16), accounts=(), by=DANA)
    attest(office.place, date(2026, 11, 15), accounts=("mastodon-city",), by=TEODORO, note="Weekend")

    days = read_days(office.place, first=date(2026, 11, 13), last=date(2026, 11, 17))

    assert [(one.day.day, [found.person for found in one.attestations], one.missing) for one in days] == [
        (13, [], ("bluesky-city", "mastodon-city")),
        (15, [TEODORO], ()),
        (16, [DANA], ()),
        (17, [], ("bluesky-city", "mastodon-city")),
    ]
    assert len(office.keys()) == 2


@pytest.mark.parametrize(
    ("day", "accounts", "by", "message"),
    [
        (date(2026, 11, 19), (), DANA, "day: expected one that has come, 2026-11-18 or before, found 2026-11-19"),
        (date(2026, 11, 16), ("website-news",), DANA, "account: expected one of bluesky-city, mastodon-city"),
        (date(2026, 11, 16), (), "  ", "by: expected the name of who looked, found none"),
        (date(2026, 1, 16), (), DANA, "account: expected one that was open on 2026-01-16, found none"),
    ],
)
def test_what_nobody_could_have_seen_is_not_attested(
    tmp_path: Path, day: date, accounts: tuple[str, ...], by: str, message: str
) -> None:
    office = Office(tmp_path)

    with pytest.raises(ModerationError, match=message):
        attest(office.place, day, accounts=accounts, by=by)

    assert office.keys() == []


def test_the_days_work_names_each_account_and_who_looked(tmp_path: Path) -> None:
    office = Office(tmp_path)
    attest(office.place, date(2026, 11, 18), accounts=("bluesky-city",), by=DANA)

    found = read_work_list(office.place, date(2026, 11, 18))

    assert found.business_day
    assert [(one.account, one.attested_by, one.captured_at) for one in found.accounts] == [
        ("bluesky-city", (DANA,), None),
        ("mastodon-city", (), None),
    ]
