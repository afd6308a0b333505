"""The register agrees with what the rest can do, and its guide with the register."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from muniment.capture.platforms import CONNECTORS
from muniment.parsing import newsletter
from muniment.records import agency, schedule
from muniment.records.rows import SubscriberRow
from muniment.records.series import SCHEDULED
from muniment.register.platforms import CAPTURABLE, CSV_COLUMNS
from muniment.register.shapes import AccountsFile, AgencyFile

GUIDE = (Path(__file__).parents[3] / "include/agencies/README.md").read_text("utf-8")
SHAPES = (
    AgencyFile,
    AccountsFile,
    agency.Account,
    agency.Approval,
    agency.AuthorizedPerson,
    agency.CaptureTimetable,
    agency.Fixity,
    agency.Notices,
    agency.Officer,
    schedule.Adoption,
    schedule.ApprovalStep,
    schedule.DispositionProfile,
    schedule.Exclusion,
    schedule.Floor,
    schedule.RetentionSchedule,
    schedule.ScheduleRow,
)
WORDS = (
    agency.Platform,
    agency.AccountStatus,
    agency.AuthorizationLevel,
    agency.PersonType,
    schedule.Action,
    schedule.Cutoff,
    schedule.LockMode,
    schedule.TriggerEvent,
)


def test_the_register_allows_exactly_the_series_that_a_connector_captures() -> None:
    assert {(platform, series) for platform, found in CAPTURABLE.items() for series in found} == set(CONNECTORS)


def test_the_register_allows_exactly_the_columns_that_the_parser_fills() -> None:
    assert CSV_COLUMNS == newsletter.COLUMNS
    assert set(CSV_COLUMNS) <= set(SubscriberRow._fields)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: str(shape.__name__))
def test_the_guide_explains_every_field(shape: type) -> None:
    named = {part for name in re.findall(r"`([a-z_.]+):?`", GUIDE) for part in name.split(".")}
    assert {field.name for field in fields(shape)} <= named


def test_the_guide_names_every_word_that_a_field_may_hold() -> None:
    words = {str(word.value) for kind in WORDS for word in kind} | set(SCHEDULED)
    assert {word for word in words if f"`{word}`" not in GUIDE} == set()
