"""Each agency's schedule has every row of its table, with the period and the start that stand there."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from muniment.records.schedule import Action, LockMode, RetentionSchedule
from muniment.register.load import agency_folders, is_in_service, load_agency, retain_only_reason

AGENCIES = Path(__file__).parents[3] / "include/agencies"
TODAY = date(2026, 11, 22)

# Typed by hand: the row, its series, what starts its clock, its period.
CALIFORNIA = """
    CA-SM-01  official-posts       cutoff              P2Y
    CA-SM-02  reflected-posts      cutoff              P2Y
    CA-SM-03  public-comments      cutoff              P2Y
    CA-SM-04  held-communications  cutoff              P3Y
    CA-SM-05  removed-content      block-ended         P3Y
    CA-SM-06  subscriber-lists     cutoff              P2Y
    CA-SM-07  direct-messages      cutoff              P2Y
    CA-SM-08  site-register        superseded          P5Y
    CA-SM-09  policies             superseded          P5Y
    CA-SM-10  site-terminations    account-terminated  P5Y
    CA-SM-11  monitoring-reports   cutoff              P2Y
    CA-SM-12  log                  cutoff              P7Y
    CA-SM-13  disposition-records  cutoff              permanent
    CA-SM-14  records-requests     case-closed         P2Y
    CA-SM-15  hold-files           case-closed         P5Y
    CA-SM-16  privacy-cases        case-closed         P2Y
    CA-SM-17  meeting-video        cutoff              P90D
    CA-SM-18  non-records          cutoff              P30D
"""
MONTANA = """
    MT-SM-01   program-posts        cutoff         permanent
    MT-SM-02   official-posts       cutoff         P3Y
    MT-SM-03   reflected-posts      copy-verified  P3Y
    MT-SM-04a  public-comments      cutoff         P3Y
    MT-SM-04b  held-communications  cutoff         P3Y
    MT-SM-04c  removed-content      block-ended    P4Y
    MT-SM-05   subscriber-lists     cutoff         P1Y
    MT-SM-06   direct-messages      cutoff         P3Y
    MT-SM-07a  site-register        superseded     P3Y
    MT-SM-07b  policies             superseded     P3Y
    MT-SM-07c  sharing-ledger       superseded     P3Y
    MT-SM-08   disposition-records  cutoff         P30Y
    MT-SM-09a  log                  cutoff         P7Y
    MT-SM-09b  records-requests     case-closed    P2Y
    MT-SM-09c  hold-files           case-closed    P5Y
"""
NONPROFIT = """
    NP-01   official-posts       cutoff             P3Y
    NP-02a  public-comments      cutoff             P1Y
    NP-02b  held-communications  cutoff             P1Y
    NP-02c  removed-content      cutoff             P1Y
    NP-03   inquiries            case-closed        P30D
    NP-04   subscriber-lists     removal-requested  P1D
    NP-05   child-data           removal-requested  P7D
    NP-06   sharing-ledger       case-closed        P4Y
    NP-07a  policies             superseded         permanent
    NP-07b  disposition-records  cutoff             permanent
    NP-07c  log                  cutoff             permanent
    NP-08   hold-files           case-closed        P5Y
"""
TABLES = {"calcities": NONPROFIT, "claremont": CALIFORNIA, "helena": MONTANA, "lathrop": CALIFORNIA}


def schedule_of(agency: str) -> RetentionSchedule:
    return load_agency(AGENCIES / agency, simulator=None, today=TODAY).schedule


def test_every_folder_has_a_table_here() -> None:
    assert {folder.name for folder in agency_folders(AGENCIES)} == set(TABLES)


@pytest.mark.parametrize("agency", TABLES)
def test_it_has_every_row_of_its_table_and_no_other(agency: str) -> None:
    rows = [[row.id, row.series, row.starts.value, row.period] for row in schedule_of(agency).rows]
    assert rows == [line.split() for line in TABLES[agency].strip().splitlines()]


@pytest.mark.parametrize("agency", TABLES)
def test_no_act_is_invented_and_so_nothing_is_disposed_of(agency: str) -> None:
    schedule = schedule_of(agency)
    assert schedule.adoption is None
    assert schedule.is_retain_only
    assert "adoption not evidenced" in str(retain_only_reason(schedule))


def test_only_the_demonstration_city_is_in_service() -> None:
    assert [agency for agency in TABLES if is_in_service(AGENCIES / agency)] == ["claremont"]
    assert [agency for agency in TABLES if load_agency(AGENCIES / agency, simulator=None).in_service] == ["claremont"]


@pytest.mark.parametrize("agency", ["claremont", "lathrop"])
def test_a_city_in_california_asks_all_four_of_every_row_that_is_destroyed(agency: str) -> None:
    schedule = schedule_of(agency)
    asked = {row.id: row.approvals for row in schedule.rows}
    all_four = ("department-head", "city-clerk", "city-attorney", "city-council")
    assert {row: steps for row, steps in asked.items() if steps != all_four} == {
        "CA-SM-13": (),
        "CA-SM-18": ("city-clerk", "city-attorney"),
    }
    assert [row.id for row in schedule.rows if row.below_floor] == ["CA-SM-17", "CA-SM-18"]
    assert [row.id for row in schedule.rows if row.action is Action.KEEP] == ["CA-SM-13"]
    assert schedule.disposition is not None
    assert schedule.disposition.floor is not None
    assert schedule.disposition.floor.period == "P2Y"


def test_the_councils_approval_is_decided_in_one_city_and_open_in_the_other() -> None:
    found = {}
    for agency in ("claremont", "lathrop"):
        profile = schedule_of(agency).disposition
        council = profile.step("city-council") if profile is not None else None
        assert council is not None
        found[agency] = council.standing
    assert found == {"claremont": False, "lathrop": None}
    assert "leaves open whether the approval city-council" in str(retain_only_reason(schedule_of("lathrop")))


def test_montana_asks_its_own_offices_and_california_s_none() -> None:
    schedule = schedule_of("helena")
    assert schedule.disposition is not None
    assert (schedule.disposition.route, schedule.disposition.floor) == ("mt-local-government", None)
    ways = {row.approvals for row in schedule.rows}
    assert ways == {(), ("governing-body", "subcommittee-rm60"), ("internal-rm88",)}
    assert [row.id for row in schedule.rows if row.approvals == ("internal-rm88",)] == ["MT-SM-03"]
    assert load_agency(AGENCIES / "helena", simulator=None).zone == "America/Denver"


def test_a_nonprofit_disposes_by_its_boards_policy_and_locks_nothing_that_must_go_on_request() -> None:
    schedule = schedule_of("calcities")
    assert schedule.disposition is not None
    assert schedule.disposition.automatic
    assert {row.approvals for row in schedule.rows if row.id != "NP-08"} == {()}
    assert [row.id for row in schedule.rows if row.lock_mode is LockMode.NONE] == ["NP-03", "NP-04", "NP-05"]
