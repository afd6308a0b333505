from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from muniment.errors import ConfigurationError
from muniment.records.agency import Agency
from muniment.settings import read_settings
from muniment.workflows.planning import agency_ids, agency_timetable, known_agencies, open_agency, plan_orders

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


def test_an_agency_that_is_not_in_service_has_no_dag_and_is_never_captured(agency: Agency) -> None:
    assert agency_ids() == ["claremont"]
    assert known_agencies() == ["calcities", "claremont", "helena", "lathrop"]

    with pytest.raises(ConfigurationError, match="agency claremont: expected in_service: true"):
        pairs(replace(agency, in_service=False), [], [])


def test_an_agency_whose_file_cannot_be_read_stays_in_service_so_that_its_fault_is_told(tmp_path: Path) -> None:
    (tmp_path / "nowhere").mkdir()
    assert agency_ids(read_settings({"MUNIMENT_AGENCIES": str(tmp_path)})) == ["nowhere"]


def test_only_an_agency_in_service_gets_a_bucket_and_a_key_where_it_is_deployed(tmp_path: Path) -> None:
    deploy, agencies = tmp_path / "deploy", tmp_path / "agencies"
    deploy.mkdir()
    shutil.copy(Path(__file__).parents[3] / "deploy" / "store-init", deploy)
    (deploy / "muniment").write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\n')
    (deploy / "muniment").chmod(0o755)
    for name, said in (("one", "in_service: true"), ("two", "in_service:  false  # why"), ("three", "x: 1")):
        (agencies / name).mkdir(parents=True)
        (agencies / name / "agency.yaml").write_text(f"id: {name}\n{said}\n")

    places = {"MUNIMENT_AGENCIES": str(agencies), "MUNIMENT_LOG_KEYS": str(tmp_path), "PATH": os.environ["PATH"]}
    subprocess.run(["sh", deploy / "store-init"], env=places, check=True)

    assert (tmp_path / "asked").read_text().splitlines() == [
        "doctor --agency one",
        "log keys new --agency one",
        "doctor --agency three",
        "log keys new --agency three",
    ]
