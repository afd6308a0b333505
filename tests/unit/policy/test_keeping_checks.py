"""The checks of what is kept: for each one the planted fault is found, and the sound case passes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from muniment.evidence.findings import Finding
from muniment.policy.check import Judgement, Outcome
from muniment.policy.registry import CHECKS
from muniment.policy.scene import Scene
from muniment.records.agency import Agency
from muniment.records.changes import ChangeKind
from muniment.records.policy import PolicyVersion
from muniment.records.schedule import LockMode
from muniment.records.series import REMOVED_CONTENT
from tests.unit.policy.scenes import (
    CITY,
    NOW,
    build_scene,
    change,
    claremont,
    comment,
    policy_of,
    post,
    snapshot,
    sound_keeping,
    with_account,
    with_policy,
)

SHA = "a" * 64


def judge(name: str, scene: Scene) -> Judgement:
    return CHECKS[name].judge(scene)


def found(judgement: Judgement) -> list[tuple[str, str]]:
    return [(finding.code, finding.subject) for finding in judgement.findings]


def with_row(series: str, **changes: Any) -> Agency:
    agency = claremont()
    rows = tuple(replace(row, **changes) if row.series == series else row for row in agency.schedule.rows)
    return replace(agency, schedule=replace(agency.schedule, rows=rows))


def test_media_finds_what_was_neither_kept_nor_explained() -> None:
    judgement = judge("media-accounted", build_scene(posts=[post(media=(SHA,))], comments=[comment(media_missing=2)]))

    assert found(judgement) == [("K013", f"{CITY}/public-comments")]
    assert judgement.findings[0].count == 2


def test_media_passes_what_was_kept_and_what_a_gap_explains() -> None:
    judgement = judge("media-accounted", build_scene(posts=[post(media=(SHA,), media_explained=1)]))

    assert judgement.outcome is Outcome.KEPT
    assert judgement.facts == {"shown": 2}


def test_fixity_finds_units_that_are_overdue() -> None:
    judgement = judge("fixity-kept", build_scene(keeping=sound_keeping(overdue=3)))

    assert found(judgement) == [("K020", "units")]
    assert judgement.findings[0].count == 3


def test_fixity_finds_bytes_that_an_open_finding_says_are_altered() -> None:
    altered = Finding("F001", "records/a", "other bytes")
    judgement = judge("fixity-kept", build_scene(keeping=sound_keeping(), open_findings=(altered,)))

    assert judgement.findings == (altered,)


def test_fixity_passes_a_vault_that_was_read_again_in_time() -> None:
    other = Finding("K001", CITY, "not of bytes")

    assert judge("fixity-kept", build_scene(keeping=sound_keeping(), open_findings=(other,))).outcome is Outcome.KEPT


@pytest.mark.parametrize("name", ["fixity-kept", "store-posture"])
def test_nothing_is_said_of_a_vault_that_nobody_looked_at(name: str) -> None:
    assert judge(name, build_scene()).outcome is Outcome.CANNOT_TELL


@pytest.mark.parametrize(
    "lately",
    [
        {"examined_at": None},
        {"examined_at": NOW - timedelta(days=3)},
        {"compared_at": None},
        {"compared_at": NOW - timedelta(days=3)},
        {"examined_passed": False},
    ],
)
def test_posture_finds_stores_that_were_not_tried_lately_or_failed(lately: dict[str, Any]) -> None:
    judgement = judge("store-posture", build_scene(keeping=sound_keeping(**lately)))

    assert [code for code, _ in found(judgement)] == ["K018"]


def test_posture_finds_what_the_nightly_check_has_open() -> None:
    deletable = Finding("D002", "bucket", "deleted")
    judgement = judge("store-posture", build_scene(keeping=sound_keeping(), open_findings=(deletable,)))

    assert judgement.findings == (deletable,)


def test_posture_passes_stores_that_were_tried_last_night() -> None:
    assert judge("store-posture", build_scene(keeping=sound_keeping())).outcome is Outcome.KEPT


@pytest.mark.parametrize("lost", ["before", "after"])
def test_edits_finds_one_of_which_a_version_is_not_kept(lost: str) -> None:
    edits = (change(ChangeKind.EDITED, **{lost: None}), change(ChangeKind.EDITED, "post-2"))
    judgement = judge("edits-kept", build_scene(changes=edits))

    assert found(judgement) == [("K014", f"{CITY}/official-posts")]
    assert judgement.findings[0].count == 1


def test_edits_passes_those_of_which_both_versions_are_kept() -> None:
    judgement = judge(
        "edits-kept", build_scene(changes=(change(ChangeKind.EDITED), change(ChangeKind.HIDDEN, "post-3")))
    )

    assert judgement.outcome is Outcome.KEPT
    assert judgement.sentence.startswith("1 edit ")


@pytest.mark.parametrize("scope", ["write", "write:statuses", "follow", "push", "admin:read", "read_write", ""])
def test_scopes_finds_a_credential_that_may_do_more_than_read(scope: str) -> None:
    agency = with_account(claremont(), "mastodon-city", token="reader")
    judgement = judge("read-scopes", build_scene(agency, scopes={"mastodon-city": ("read", scope)}))

    assert found(judgement) == [("K012", "mastodon-city")]


def test_scopes_cannot_tell_where_a_platform_does_not_state_them() -> None:
    agency = with_account(claremont(), "mastodon-city", token="reader")

    assert judge("read-scopes", build_scene(agency)).outcome is Outcome.CANNOT_TELL


def test_scopes_passes_a_credential_that_only_reads() -> None:
    agency = with_account(claremont(), "mastodon-city", token="reader")
    judgement = judge(
        "read-scopes", build_scene(agency, scopes={"mastodon-city": ("read", "read:statuses", "profile")})
    )

    assert judgement.outcome is Outcome.KEPT


def test_no_credentials_are_nothing_to_check() -> None:
    assert judge("read-scopes", build_scene()).outcome is Outcome.NOTHING_TO_CHECK


@pytest.mark.parametrize("period", ["P23M", "P1Y", "P730D", "P90D"])
def test_schedule_finds_removed_content_below_two_years(period: str) -> None:
    judgement = judge("schedule-and-locks", build_scene(with_row(REMOVED_CONTENT, period=period)))

    assert found(judgement) == [("K015", "CA-SM-05")]


def test_schedule_finds_removed_content_without_a_row() -> None:
    agency = claremont()
    rows = tuple(row for row in agency.schedule.rows if row.series != REMOVED_CONTENT)
    judgement = judge("schedule-and-locks", build_scene(replace(agency, schedule=replace(agency.schedule, rows=rows))))

    assert found(judgement) == [("K015", REMOVED_CONTENT)]


def test_schedule_finds_removed_content_without_a_lock() -> None:
    judgement = judge("schedule-and-locks", build_scene(with_row(REMOVED_CONTENT, lock_mode=LockMode.NONE)))

    assert found(judgement) == [("K015", "CA-SM-05")]


@pytest.mark.parametrize(
    "changes", [{}, {"period": "P24M"}, {"period": "P731D"}, {"period": "P1Y", "below_floor": "a statute"}]
)
def test_schedule_passes_a_period_that_somebody_wrote_and_says_that_nothing_is_disposed_of(changes: Any) -> None:
    judgement = judge("schedule-and-locks", build_scene(with_row(REMOVED_CONTENT, **changes)))

    assert judgement.outcome is Outcome.KEPT
    assert "retain-only" in judgement.sentence


def test_lockless_finds_what_is_kept_of_a_series_that_may_lie_under_no_lock() -> None:
    scene = build_scene(claremont("calcities"), snapshots=(snapshot("inbox", "inquiries"),))

    assert found(judge("lockless-absent", scene)) == [("K016", "inbox/inquiries")]


def test_lockless_passes_a_vault_without_such_a_series() -> None:
    scene = build_scene(claremont("calcities"), snapshots=(snapshot("website-league"),))

    assert judge("lockless-absent", scene).outcome is Outcome.KEPT


def test_versions_finds_a_policy_that_has_none_in_force() -> None:
    ended = tuple(replace(one, effective_until=date(2026, 1, 1)) for one in policy_of(claremont()).versions)
    judgement = judge("versions-in-force", build_scene(with_policy(claremont(), versions=ended)))

    assert ("K017", "claremont-social") in found(judgement)


def test_versions_finds_a_watched_policy_without_any() -> None:
    agency = with_policy(claremont(), versions=())

    assert ("K017", "claremont-comments") in found(judge("versions-in-force", build_scene(agency)))


def test_versions_passes_policies_in_force_and_says_whose_adoption_is_not_evidenced() -> None:
    judgement = judge("versions-in-force", build_scene())

    assert judgement.outcome is Outcome.KEPT
    assert "claremont-social-2017" in judgement.facts["adoption_not_evidenced"]  # type: ignore[operator]


def test_versions_says_nothing_of_adoption_that_is_evidenced() -> None:
    adopted = PolicyVersion(id="x-1", policy="x", effective_from=date(2026, 1, 1), adopted_on=date(2026, 1, 1))
    judgement = judge("versions-in-force", build_scene(with_policy(claremont(), versions=(adopted,), pages=())))

    assert "T-16" not in judgement.sentence
