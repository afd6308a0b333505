"""What an agency's files may say, and what each fault in them is told as."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from muniment.errors import AgencyFilesError, ConfigurationError
from muniment.records.agency import AuthorizationLevel, Platform
from muniment.records.schedule import Cutoff
from muniment.register.load import agency_folders, find_faults, load_agencies, load_agency, retain_only_reason

Write = Callable[..., Path]
REPOSITORY = Path(__file__).parents[3]


def told(folder: Path, today: date | None = None) -> list[str]:
    return [str(fault) for fault in find_faults(folder, today=today)]


def test_a_good_folder_has_no_fault(write: Write) -> None:
    assert told(write()) == []


def test_an_unknown_level_is_told_with_its_line(write: Write) -> None:
    assert told(write(("level: publish", "level: admin"))) == [
        "springfield/accounts.yaml:23: accounts[bluesky-city].persons[#1].level: "
        "expected 'publish', 'edit', 'comment' or 'view', found 'admin'"
    ]


APPROVAL = """\
    approval:
      approver: Ann Hall
      role: City Manager
      approved_on: 2026-01-15
      document: Memo 1
"""


@pytest.mark.parametrize("instead", ["", "    approval:\n", "    approval: null\n"])
def test_an_active_account_without_approval_is_refused(write: Write, instead: str) -> None:
    (fault,) = find_faults(write((APPROVAL, instead)))
    assert fault.file == "springfield/accounts.yaml"
    assert fault.line == (13 if instead else 2)
    assert (fault.where, fault.expected, fault.found) == (
        "accounts[bluesky-city].approval",
        "the approval of an active account (claremont-social B.3, B.8)",
        "nothing",
    )


def test_a_proposed_account_needs_no_approval(write: Write) -> None:
    folder = write((APPROVAL, ""), ("status: active", "status: proposed"))
    assert told(folder) == []


@pytest.mark.parametrize("address", ["social@gmail.example", "social@sub.springfield.example"])
def test_a_registration_address_outside_the_agencys_domains_is_refused(write: Write, address: str) -> None:
    assert told(write(("social@springfield.example", address))) == [
        "springfield/accounts.yaml:11: accounts[bluesky-city].registration_email: expected an address of the agency's "
        f"own, at springfield.example (claremont-social B.10), found one at {address.split('@')[1]}"
    ]


@pytest.mark.parametrize(
    ("old", "new", "line", "found"),
    [
        ("    period: P2Y\n", "", 5, "nothing"),
        ("    period: P2Y\n", "    period:\n", 10, "nothing"),
        ("    period: P2Y\n", "    period: null\n", 10, "nothing"),
        ("    period: P2Y\n", '    period: ""\n', 10, "a blank"),
        ("    period: P2Y\n", "    period: 2\n", 10, "the number 2"),
        ("    period: P2Y\n", "    period: 2 years\n", 10, "'2 years'"),
        ("    period: P2Y\n", "    period: PT8760H\n", 10, "'PT8760H'"),
        ("    period: P2Y\n", "    period: P1.5Y\n", 10, "'P1.5Y'"),
        ("    period: P2Y\n", "    period: P0Y\n", 10, "'P0Y'"),
    ],
)
def test_a_schedule_row_without_a_period_is_refused_and_never_filled_in(
    write: Write, old: str, new: str, line: int, found: str
) -> None:
    folder = write((old, new))
    (fault,) = find_faults(folder)
    assert (fault.file, fault.line, fault.where) == ("springfield/retention.yaml", line, "rows[R-1].period")
    assert fault.found == found
    with pytest.raises(AgencyFilesError, match=r"rows\[R-1\]\.period"):
        load_agency(folder, simulator=None)


def test_adoption_must_be_spoken_of(write: Write) -> None:
    assert told(write(("adoption: null\n", ""))) == [
        "springfield/retention.yaml:1: adoption: expected this field, found nothing"
    ]


def test_every_fault_of_every_file_is_told_at_once(write: Write) -> None:
    folder = write(
        ("zone: America/Chicago", "zone: America/Springfield"),
        ("other_times_every_minutes: 120", "other_times_every_minutes: 50"),
        ("level: publish", "level: admin"),
        (APPROVAL, ""),
        ("social@springfield.example", "social@gmail.example"),
        ("[subscriber-lists]", "[subscriber-lists, blog]"),
        ("    period: P2Y\n", ""),
        ("- id: R-2", "- id: R-1"),
    )
    with pytest.raises(AgencyFilesError) as raised:
        load_agency(folder, simulator=None)
    assert [(fault.file, fault.line, fault.where) for fault in raised.value.faults] == [
        ("springfield/agency.yaml", 3, "zone"),
        ("springfield/agency.yaml", 11, OTHER),
        ("springfield/accounts.yaml", 2, "accounts[bluesky-city].approval"),
        ("springfield/accounts.yaml", 11, "accounts[bluesky-city].registration_email"),
        ("springfield/accounts.yaml", 18, "accounts[bluesky-city].persons[#1].level"),
        ("springfield/accounts.yaml", 31, "accounts[newsletter-weekly].series[#2]"),
        ("springfield/retention.yaml", 5, "rows[R-1].period"),
        ("springfield/retention.yaml", 19, "rows[R-1].id"),
    ]
    message = str(raised.value)
    assert message.startswith("agency springfield: 8 fault(s) in its files\n")
    assert (
        "zone: expected the name of an IANA time zone, such as America/Los_Angeles, found 'America/Springfield'"
        in message
    )


def test_a_fault_never_repeats_a_name_an_address_or_a_secret(write: Write) -> None:
    folder = write(
        ("name: Ben Moor", "name: [Ben Moor]"),
        ("bmoor@springfield.example", "bmoor at springfield"),
        ("social@springfield.example", "s.secretary@private.example"),
        ("granted_by: Ann Hall", "granted_to: Ann Hall"),
        ("status: active", "status: active\n    token: Zx81-SECRET_token"),
    )
    faults = told(folder)
    assert len(faults) == 6
    for private in ("Moor", "bmoor", "s.secretary", "Hall", "Zx81"):
        assert private not in "\n".join(faults)


BUSINESS, OTHER = "timetable.business_hours_every_minutes", "timetable.other_times_every_minutes"
AGENCY_FAULTS = [
    ("id: springfield", "id: shelbyville", "id", "'shelbyville'"),
    ("zone: America/Chicago", "zone: CST6", "zone", "'CST6'"),
    ("zone: America/Chicago", "zone: localtime", "zone", "'localtime'"),
    ("[springfield.example]", "[]", "email_domains", "none"),
    ("[springfield.example]", "[springfield.example, Springfield]", "email_domains[#2]", "'Springfield'"),
    ("[springfield.example]", "[springfield.example, real.gov]", "email_domains[#2]", "'real.gov'"),
    ("[springfield.example]", "[springfield.example, springfield.example]", "email_domains[#2]",
     "'springfield.example' again"),
    ("invented_people: true", "invented_people: yes", "invented_people", "'yes'"),
    ("reread_within_days: 30", "reread_within_days: 0", "fixity.reread_within_days", "0"),
    ("reread_within_days: 30", "reread_within_days: 9999", "fixity.reread_within_days", "9999"),
    ("reread_within_days: 30", "reread_within_days: monthly", "fixity.reread_within_days", "'monthly'"),
    ("reread_within_days: 30", "reread_within_days: null", "fixity.reread_within_days", "nothing"),
    ("[mon, tue, wed, thu, fri]", "[]", "timetable.business_days", "none"),
    ("[mon, tue, wed, thu, fri]", "[Monday]", "timetable.business_days[#1]", "'Monday'"),
    ("[mon, tue, wed, thu, fri]", "[mon, mon]", "timetable.business_days[#2]", "'mon' again"),
    ('opens: "08:00"', "opens: 8:00", "timetable.opens", "'8:00'"),
    ('opens: "08:00"', "opens: 800", "timetable.opens", "the number 800"),
    ('closes: "17:00"', 'closes: "24:00"', "timetable.closes", "'24:00'"),
    ('closes: "17:00"', 'closes: "08:00"', "timetable.closes", "08:00"),
    ("business_hours_every_minutes: 30", "business_hours_every_minutes: 0", BUSINESS, "0"),
    ("business_hours_every_minutes: 30", "business_hours_every_minutes: 45", BUSINESS, "45"),
    ("business_hours_every_minutes: 30", "business_hours_every_minutes: -5", BUSINESS, "-5"),
    ("other_times_every_minutes: 120", "other_times_every_minutes: 300", OTHER, "300"),
    ("other_times_every_minutes: 120", 'other_times_every_minutes: "120"', OTHER, "'120'"),
    ("clerk@springfield.example", "the clerk", "notices.email[#1]", "other text"),
    ("name: Springfield", "name: ' '", "name", "a blank"),
    ("name: Springfield", "name: Springfield\nmayor: x", "mayor", "one of another name"),
]  # fmt: skip

CITY, NEWS = "accounts[bluesky-city]", "accounts[newsletter-weekly]"
ACCOUNT_FAULTS = [
    ("id: bluesky-city", "id: Bluesky_City", "accounts[Bluesky_City].id", "'Bluesky_City'"),
    ("id: newsletter-weekly", "id: bluesky-city", f"{CITY}.id", "'bluesky-city'"),
    ("platform: bluesky", "platform: twitter", f"{CITY}.platform", "'twitter'"),
    ("handle: city.springfield.example", "handle: '@city'", f"{CITY}.handle", "other text"),
    ("handle: weekly", "handle: ../x", f"{NEWS}.handle", "other text"),
    ("api: simulator", "api: http://bsky.example", f"{CITY}.api", "http at bsky.example"),
    ("api: simulator", "api: https://bsky.social", f"{CITY}.api", "bsky.social"),
    ("api: simulator", "api: https://bsky.example/xrpc", f"{CITY}.api", "other text"),
    ("api: simulator", "api: https://u:p@bsky.example", f"{CITY}.api", "other text"),
    ("api: simulator", "api: https://u@bsky.example", f"{CITY}.api", "other text"),
    ("api: simulator", "api: https://bsky.example:x", f"{CITY}.api", "other text"),
    ("api: simulator", "api: ftp://bsky.example", f"{CITY}.api", "other text"),
    ("api: simulator", "api: drop", f"{CITY}.api", "the word drop"),
    ("    directory: simulator\n", "", f"{CITY}.directory", "nothing"),
    ("api: drop", "api: drop\n    directory: simulator", f"{NEWS}.directory", "a value"),
    ("status: active", "status: retired", f"{CITY}.status", "'retired'"),
    ("status: active", "status: terminated", f"{CITY}.terminated_on", "nothing"),
    ("status: active", "status: active\n    terminated_on: 2026-09-01", f"{CITY}.terminated_on", "a date"),
    ("opened_on: 2026-02-01", "opened_on: 2026-02-30", f"{CITY}.opened_on", "'2026-02-30'"),
    ("opened_on: 2026-02-01", "opened_on: 20260201", f"{CITY}.opened_on", "the number 20260201"),
    ("opened_on: 2026-02-01", 'opened_on: "1769904000"', f"{CITY}.opened_on", "'1769904000'"),
    ("social@springfield.example", "springfield.example", f"{CITY}.registration_email", "other text"),
    ("[official-posts, public-comments]", "[]", f"{CITY}.series", "none"),
    ("public-comments]", "official-posts]", f"{CITY}.series[#2]", "'official-posts' again"),
    ("[official-posts, public-comments]", "[tweets]", f"{CITY}.series[#1]", "'tweets'"),
    ("[subscriber-lists]", "[official-posts]", f"{NEWS}.series[#1]", "'official-posts'"),
    ("valid_until: 2026-12-31", "valid_until: 2025-12-31", f"{CITY}.persons[#1].valid_until", "2025-12-31"),
    ("person_type: employee", "person_type: friend", f"{CITY}.persons[#1].person_type", "'friend'"),
    ("      address: Email\n", "      list_name: List\n", f"{NEWS}.csv_columns", "neither"),
    ("address: Email\n", "address: Email\n      shoe_size: Shoe\n", f"{NEWS}.csv_columns.shoe_size", "'shoe_size'"),
    ("    csv_columns:\n      address: Email\n", "", f"{NEWS}.csv_columns", "nothing"),
    ("status: proposed", "status: proposed\n    csv_encoding: klingon", f"{NEWS}.csv_encoding", "'klingon'"),
    ("status: proposed", "status: proposed\n    csv_encoding: base64", f"{NEWS}.csv_encoding", "'base64'"),
    ("status: active", "status: active\n    csv_encoding: cp1252", f"{CITY}.csv_encoding", "a value"),
    ("handle: weekly", "handle: 7", f"{NEWS}.handle", "the number 7"),
]  # fmt: skip

SCHEDULE_FAULTS = [
    ("series: public-comments", "series: comments", "rows[R-2].series", "'comments'"),
    ("- id: R-2", "- id: R-1", "rows[R-1].id", "'R-1'"),
    ("authority: [An act]", "authority: []", "rows[R-1].authority", "none"),
    ("authority: [An act]", "authority: ['']", "rows[R-1].authority[#1]", "a blank"),
    ("approvals: [clerk]", "approvals: []", "rows[R-1].approvals", "none"),
    ("cutoff: calendar-month", "cutoff: fortnight", "rows[R-1].cutoff", "'fortnight'"),
    ("lock_mode: COMPLIANCE", "lock_mode: compliance", "rows[R-1].lock_mode", "'compliance'"),
    ('pii_class: "1"', 'pii_class: "4"', "rows[R-1].pii_class", "'4'"),
    ('pii_class: "1"', "pii_class: 1", "rows[R-1].pii_class", "the number 1"),
    ('pii_class: "1"', 'pii_class: "2-1"', "rows[R-1].pii_class", "'2-1'"),
    ("confidentiality: PUB", "confidentiality: SECRET", "rows[R-1].confidentiality", "'SECRET'"),
    ("    effective_from: 2026-01-01\n", "", "rows[R-1].effective_from", "nothing"),
    ("adoption: null", "adoption: {resolution: 2026-1}", "adoption.adopted_on", "nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "where", "found"), AGENCY_FAULTS + ACCOUNT_FAULTS + SCHEDULE_FAULTS)
def test_each_fault_is_told_once_with_its_place(write: Write, old: str, new: str, where: str, found: str) -> None:
    faults = [(fault.where, fault.found) for fault in find_faults(write((old, new)))]
    # A series renamed in the schedule leaves the account that lists it without a row.
    assert [fault for fault in faults if fault != (f"{CITY}.series[#2]", "'public-comments'")] == [(where, found)]


def test_a_series_without_a_row_in_the_schedule_is_refused(write: Write) -> None:
    assert told(write(("series: public-comments", "series: direct-messages"))) == [
        "springfield/accounts.yaml:12: accounts[bluesky-city].series[#2]: "
        "expected a series that retention.yaml has a row for, found 'public-comments'"
    ]


def test_one_series_under_two_rows_is_refused(write: Write) -> None:
    folder = write(("series: subscriber-lists", "series: official-posts"), ("[subscriber-lists]", "[subscriber-lists]"))
    assert [(fault.where, fault.line) for fault in find_faults(folder)] == [
        ("accounts[newsletter-weekly].series[#1]", 36),
        ("rows[R-3].series", 36),
    ]


PERSONS = """\
    persons:
      - name: Ben Moor
        title: Officer
        email: bmoor@springfield.example
        person_type: employee
        level: publish
        granted_by: Ann Hall
        document: Letter 1
        valid_from: 2026-01-15
        valid_until: 2026-12-31
"""


@pytest.mark.parametrize("instead", ["", "    persons: []\n"])
def test_an_active_account_with_nobody_authorized_is_refused(write: Write, instead: str) -> None:
    (fault,) = find_faults(write((PERSONS, instead)))
    assert fault.expected == "at least one person authorized in writing (claremont-social B.9)"


@pytest.mark.parametrize(
    ("today", "in_force"),
    [("2026-01-14", False), ("2026-01-15", True), ("2026-12-31", True), ("2027-01-01", False)],
)
def test_on_a_day_somebody_must_be_authorized_in_force(write: Write, today: str, in_force: bool) -> None:
    expected = [] if in_force else ["1 that are not"]
    assert [fault.found for fault in find_faults(write(), today=date.fromisoformat(today))] == expected


def test_an_authorization_that_lapses_does_not_stop_a_capture(write: Write) -> None:
    folder = write(("valid_until: 2026-12-31", "valid_until: 2026-01-31"))
    assert load_agency(folder, simulator=None).account("bluesky-city") is not None  # type: ignore[arg-type]


def test_a_row_not_yet_in_effect_is_told_on_that_day(write: Write) -> None:
    folder = write(("effective_from: 2026-01-01", "effective_from: 2026-07-01"))
    assert [fault.where for fault in find_faults(folder, today=date(2026, 6, 30))] == ["rows[R-1].effective_from"]
    assert find_faults(folder, today=date(2026, 7, 1)) == []


def test_the_same_account_twice_is_refused(write: Write) -> None:
    account = (
        "accounts:\n  - id: other\n    platform: bluesky\n    handle: city.springfield.example\n    address: x\n"
        "    api: simulator\n    directory: simulator\n    department: Clerk\n    status: proposed\n"
        "    registration_email: a@springfield.example\n    series: [official-posts]\n"
    )
    (fault,) = find_faults(write(("accounts:\n", account)))
    assert fault.where == "accounts[bluesky-city].handle"


@pytest.mark.parametrize("name", ["agency.yaml", "accounts.yaml", "retention.yaml"])
def test_a_missing_file_is_one_fault(write: Write, name: str) -> None:
    folder = write()
    (folder / name).unlink()
    assert told(folder) == [f"springfield/{name}:1: the file: expected a file that can be read, found none"]


def test_a_missing_folder_misses_three_files(tmp_path: Path) -> None:
    assert len(find_faults(tmp_path / "nowhere")) == 3


def test_a_file_that_is_a_list_has_no_fields(write: Write) -> None:
    folder = write()
    (folder / "agency.yaml").write_text("- id\n")
    assert told(folder) == ["springfield/agency.yaml:1: the file: expected fields, found a list"]


def test_a_good_folder_becomes_an_agency(write: Write) -> None:
    folder = write()
    agency = load_agency(folder, simulator="http://127.0.0.1:8080/")
    assert (agency.id, agency.zone, agency.email_domains) == (
        "springfield",
        "America/Chicago",
        ("springfield.example",),
    )
    city, news = agency.accounts
    assert (city.platform, city.api, city.directory) == (Platform.BLUESKY, *("http://127.0.0.1:8080",) * 2)
    assert city.persons[0].level is AuthorizationLevel.PUBLISH
    assert city.persons[0].valid_until == date(2026, 12, 31)
    assert (news.api, news.csv_columns, news.approval) == ("drop", {"address": "Email"}, None)
    assert agency.schedule.rows[0].cutoff is Cutoff.CALENDAR_MONTH
    assert agency.schedule_sha256 == sha256((folder / "retention.yaml").read_bytes()).hexdigest()


def test_without_a_simulator_the_word_stays(write: Write) -> None:
    city = load_agency(write(), simulator=None).accounts[0]
    assert (city.api, city.directory) == ("simulator", "simulator")


@pytest.mark.parametrize("address", ["", "simulator", "127.0.0.1:8080", "file:///tmp"])
def test_a_simulator_that_is_no_address_is_refused(write: Write, address: str) -> None:
    with pytest.raises(ConfigurationError, match="simulator: expected an address"):
        load_agency(write(), simulator=address)


def test_a_city_with_real_people_may_have_real_addresses(write: Write) -> None:
    folder = write(
        ("invented_people: true", "invented_people: false"),
        ("[springfield.example]", "[springfield.example, springfield.gov]"),
        ("api: simulator", "api: https://bsky.social"),
        ("directory: simulator", "directory: http://[::1]:2582/"),
    )
    city = load_agency(folder, simulator=None).accounts[0]
    assert (city.api, city.directory) == ("https://bsky.social", "http://[::1]:2582")


def test_a_schedule_without_adoption_retains_only_and_says_so(write: Write) -> None:
    draft = load_agency(write(), simulator=None).schedule
    assert retain_only_reason(draft) == (
        "Schedule 1 (Illinois) names no act that adopted it: adoption not evidenced. "
        "Records are captured, sealed and locked under it; nothing is disposed of."
    )
    folder = write(("adoption: null", 'adoption: {resolution: "2026-14", adopted_on: 2026-03-01}'))
    assert retain_only_reason(load_agency(folder, simulator=None).schedule) is None


def test_all_agencies_are_loaded_in_order_and_their_faults_told_together(write: Write, tmp_path: Path) -> None:
    write()
    (tmp_path / "README.md").write_text("for people")
    (tmp_path / ".hidden").mkdir()
    assert [agency.id for agency in load_agencies(tmp_path, simulator=None)] == ["springfield"]
    (tmp_path / "anothertown").mkdir()
    write(("zone: America/Chicago", "zone: nowhere"))
    assert [folder.name for folder in agency_folders(tmp_path)] == ["anothertown", "springfield"]
    with pytest.raises(AgencyFilesError, match="agency anothertown, springfield: 4 fault"):
        load_agencies(tmp_path, simulator=None)


def test_a_root_without_agencies_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="found none"):
        load_agencies(tmp_path, simulator=None)
    with pytest.raises(ConfigurationError, match="FileNotFoundError"):
        load_agencies(tmp_path / "nowhere", simulator=None)


@pytest.mark.parametrize("root", ["include/agencies", "tests/agencies"])
def test_the_agencies_that_come_with_the_project_have_no_fault(root: str) -> None:
    for folder in agency_folders(REPOSITORY / root):
        assert told(folder, today=date(2026, 11, 21)) == []


def test_the_demonstration_city_is_what_the_demonstration_shows() -> None:
    claremont = load_agency(REPOSITORY / "include/agencies/claremont", simulator=None)
    assert claremont.invented_people
    assert {(account.id, series) for account in claremont.accounts for series in account.series} == {
        ("bluesky-city", "official-posts"),
        ("bluesky-city", "public-comments"),
        ("bluesky-city", "subscriber-lists"),
        ("mastodon-city", "official-posts"),
        ("mastodon-city", "public-comments"),
        ("mastodon-city", "subscriber-lists"),
        ("newsletter-weekly", "subscriber-lists"),
        ("website-news", "official-posts"),
    }
    assert retain_only_reason(claremont.schedule) is not None
