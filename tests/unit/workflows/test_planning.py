from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from muniment.errors import ConfigurationError
from muniment.records.agency import Agency
from muniment.settings import read_settings
from muniment.workflows.planning import agency_ids, agency_timetable, open_agency, plan_orders

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def agency() -> Agency:
    return open_agency("claremont", read_settings({"MUNIMENT_SIMULATOR": "http://127.0.0.1:9"}))


def pairs(agency: Agency, accounts: list[str], series: list[str]) -> list[tuple[str, str]]:
    orders = plan_orders(agency, accounts=accounts, series=series, run_id="r", taken_at=NOON)
    return [(order.account, order.series) for order in orders]


@pytest.mark.parametrize(
    ("accounts", "series", "named"),
    [(["ghost"], [], "ghost"), ([], ["gossip"], "gossip"), (["bluesky-city", "ghost"], [], "ghost")],
)
def test_what_the_register_does_not_have_active_is_refused_by_name(
    agency: Agency, accounts: list[str], series: list[str], named: str
) -> None:
    with pytest.raises(ConfigurationError, match=f"found {named}"):
        pairs(agency, accounts, series)


def test_without_a_choice_every_active_account_and_series_is_taken(agency: Agency) -> None:
    assert len(pairs(agency, [], [])) == 8


def test_a_choice_of_account_and_series_takes_what_both_name(agency: Agency) -> None:
    assert pairs(agency, ["mastodon-city"], ["public-comments"]) == [("mastodon-city", "public-comments")]


def test_the_demonstration_city_is_captured_more_often_in_business_hours() -> None:
    crons, zone = agency_timetable("claremont")

    assert zone == "America/Los_Angeles"
    assert len(crons) >= 2
    assert "claremont" in agency_ids()


def test_an_authorization_that_lapsed_is_reported_to_whoever_checks_the_register() -> None:
    from muniment.errors import AgencyFilesError
    from muniment.register.load import load_agency

    folder = read_settings({}).agencies / "claremont"

    with pytest.raises(AgencyFilesError, match="authoriz"):
        load_agency(folder, simulator=None, today=date(1999, 1, 1))
