"""What may happen between the first deletion and the last: holds, refusals, silence, somebody else's hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from muniment.errors import CustodyError, GateError, StoreUnavailableError
from muniment.evidence.destruction_certificate import GONE, KEPT, PARTLY, Certificate, parse_certificate
from muniment.evidence.findings import Finding
from muniment.retention.dispositions import DispositionState
from muniment.workflows.excused import read_excused
from tests.unit.workflows.disposition.conftest import PAST
from tests.unit.workflows.disposition.memory_store import Killed
from tests.unit.workflows.disposition.stage import Stage, volume

MARCH, APRIL = volume("2022-03"), volume("2022-04")


def certificate_of(stage: Stage, disposition: str) -> Certificate:
    found = stage.read(disposition)
    return parse_certificate(stage.vault.read(found.certificate_key or ""))


def when(stage: Stage, told: str, act: Callable[[], object]) -> None:
    """Have *act* done once, right after the vault's store has done what ends with *told*."""
    store = stage.vault.store

    def watch(what: str) -> None:
        if what.startswith("after") and what.endswith(told):
            store.act = lambda _what: None
            act()

    store.act = watch


@pytest.fixture
def two(stage: Stage) -> tuple[Stage, str]:
    """A disposition of two volumes in batches of four versions, its days of grace over."""
    stage.most = 4
    stage.seal_volume(MARCH, PAST)
    stage.seal_volume(APRIL, PAST)
    return stage, stage.ready(MARCH, APRIL)


def test_a_hold_between_two_batches_stops_its_volume_alone_and_the_certificate_says_so(two: tuple[Stage, str]) -> None:
    stage, disposition = two
    listed = set(stage.versions(MARCH))
    when(stage, "batch-0001-ended.json", lambda: stage.place_matter("doe-claim", "claim", MARCH))

    assert stage.destroy(disposition)["outcome"] == "partial"

    left = set(stage.versions(MARCH))
    assert len(left) == len(listed) - 4
    assert stage.versions(APRIL) == []
    certificate = certificate_of(stage, disposition)
    march, april = certificate.volumes
    assert (march.outcome, april.outcome) == (PARTLY, GONE)
    assert {(one.copy, one.key, one.version_id) for one in march.kept} == left
    assert {(one.code, one.detail) for one in march.kept} == {
        ("R025", "expected no open claim over it, found doe-claim")
    }
    assert [matter.id for matter in certificate.holds_considered if matter.over_the_list] == ["doe-claim"]


def test_a_hold_before_the_first_batch_keeps_the_volume_whole_without_a_tombstone(two: tuple[Stage, str]) -> None:
    stage, disposition = two
    listed = stage.versions(MARCH)
    when(stage, f"{disposition}-began.json", lambda: stage.place_matter("doe", "litigation", MARCH))

    stage.destroy(disposition)

    assert stage.versions(MARCH) == listed
    march, april = certificate_of(stage, disposition).volumes
    assert (march.outcome, march.versions, march.tombstone) == (KEPT, 0, None)
    assert april.tombstone is not None


def test_a_volume_once_stopped_stays_stopped_when_the_hold_is_gone_as_the_run_resumes(two: tuple[Stage, str]) -> None:
    stage, disposition = two
    listed = stage.versions(MARCH)
    placed: list[str] = []

    def watch(what: str) -> None:
        if what.startswith("after") and what.endswith("-began.json") and not placed:
            placed.append(what)
            stage.place_matter("doe", "litigation", MARCH)
        if what.startswith("after") and "stopped-before" in what:
            raise Killed

    stage.vault.store.act = watch
    with pytest.raises(Killed):
        stage.destroy(disposition)
    stage.vault.store.act = lambda _what: None
    for key in list(stage.vault.list_keys("registers/holds/")):
        del stage.vault.store.objects[key]  # as if it had never been

    stage.destroy(disposition)

    assert stage.versions(MARCH) == listed


@pytest.mark.parametrize("copy", ["vault", "second"])
def test_what_the_store_holds_at_the_moment_of_deletion_stays_in_both_copies_or_is_named(
    two: tuple[Stage, str], copy: str
) -> None:
    stage, disposition = two
    key = min(stage.vault.list_keys(MARCH.prefix))
    when(stage, f"{disposition}-began.json", lambda: stage.hold(copy, key))

    assert stage.destroy(disposition)["outcome"] == "partial"

    left = {(one, name) for one, name, _ in stage.versions(MARCH)}
    # What stays in the vault keeps its copy; what was held in the second copy alone has lost its record.
    assert left == ({("vault", key), ("second", key)} if copy == "vault" else {("second", key)})
    march = certificate_of(stage, disposition).volumes[0]
    assert {(one.copy, one.key) for one in march.kept} == left
    assert {one.code for one in march.kept} == {"R037"}
    assert (key in march.gone) is (copy == "second")


def test_what_cannot_be_deleted_is_tried_again_entered_and_followed_up_by_the_next_run(two: tuple[Stage, str]) -> None:
    stage, disposition = two
    key = min(stage.vault.list_keys(MARCH.prefix))
    stage.vault.store.refuse[key] = "InternalError"

    with pytest.raises(CustodyError, match="1 InternalError"):
        stage.destroy(disposition)

    assert stage.waits == [1.0, 2.0]
    found = stage.read(disposition)
    assert found.state is DispositionState.DESTROYING
    assert "R045" in found.failures[0]
    stage.vault.store.refuse.clear()
    assert stage.destroy(disposition)["outcome"] == "whole"
    assert certificate_of(stage, disposition).failures == found.failures


def test_a_second_store_that_falls_silent_in_the_midst_is_waited_for(two: tuple[Stage, str]) -> None:
    stage, disposition = two
    second = stage.second.store
    when(stage, "batch-0002-began.json", lambda: setattr(second, "down", True))

    with pytest.raises(StoreUnavailableError):
        stage.destroy(disposition)

    second.down = False
    assert stage.destroy(disposition)["outcome"] == "whole"
    assert stage.versions(MARCH, APRIL) == []
    assert certificate_of(stage, disposition).anomalies == ()


def test_what_somebody_else_deleted_before_its_batch_began_is_told_as_such(two: tuple[Stage, str]) -> None:
    stage, disposition = two
    key = min(stage.vault.list_keys(APRIL.prefix))
    when(stage, "batch-0001-began.json", lambda: stage.vault.store.objects.pop(key))

    done = stage.destroy(disposition)

    assert (done["outcome"], done["anomalies"]) == ("whole", 1)
    (told,) = certificate_of(stage, disposition).anomalies
    assert "R044" in told
    assert APRIL.prefix in told


def test_what_somebody_else_deleted_while_the_process_lay_dead_is_told_once(two: tuple[Stage, str]) -> None:
    stage, disposition = two
    stage.vault.store.act = die_when("after", "batch-0001-ended")
    with pytest.raises(Killed):
        stage.destroy(disposition)
    del stage.vault.store.objects[min(stage.vault.list_keys(APRIL.prefix))]
    for _ in range(2):
        stage.vault.store.act = die_when("before", "batch-0002-began")
        with pytest.raises(Killed):
            stage.destroy(disposition)
    stage.vault.store.act = lambda _what: None

    stage.destroy(disposition)

    assert len(certificate_of(stage, disposition).anomalies) == 1


def die_when(moment: str, name: str) -> Callable[[str], None]:
    def act(what: str) -> None:
        if what.startswith(moment) and name in what:
            raise Killed

    return act


def test_what_was_added_after_the_last_check_stays_and_is_named(two: tuple[Stage, str]) -> None:
    stage, disposition = two
    key = APRIL.media_key("e" * 64)
    when(stage, "batch-0001-began.json", lambda: stage.put("vault", key, b"came later"))

    assert stage.destroy(disposition)["outcome"] == "partial"

    assert [name for _, name, _ in stage.versions(MARCH, APRIL)] == [key]
    april = certificate_of(stage, disposition).volumes[1]
    assert [(one.key, one.code) for one in april.kept] == [(key, "R028")]


def test_the_nightly_checks_are_told_what_is_going_and_what_went_partly(two: tuple[Stage, str]) -> None:
    stage, disposition = two
    key, other = sorted(stage.vault.list_keys(MARCH.prefix))[:2]
    missing, altered = Finding("V001", key, "gone"), Finding("V002", key, "other bytes")
    assert read_excused(stage.vault).select([missing, altered]) == (missing, altered)

    def look() -> None:
        going = read_excused(stage.vault)
        assert going.is_going(MARCH.prefix)
        assert going.select([missing, altered]) == (altered,)
        stage.place_matter("doe", "litigation", MARCH)

    when(stage, "batch-0001-ended.json", look)
    stage.destroy(disposition)

    done = read_excused(stage.vault)
    assert not done.is_going(MARCH.prefix)
    gone, left = certificate_of(stage, disposition).volumes[0].gone[0], Finding("V001", other, "gone")
    assert done.select([replace(missing, subject=gone)]) == ()
    if other not in certificate_of(stage, disposition).volumes[0].gone:
        assert done.select([left]) == (left,)


def test_a_row_that_asks_for_nobody_goes_by_itself_only_where_the_profile_is_automatic(stage: Stage) -> None:
    stage.change_row(MARCH.series, approvals=())
    stage.seal_volume(MARCH, PAST)
    disposition = str(stage.propose(MARCH, by="apply_retention")["disposition"])
    with pytest.raises(GateError, match="R029"):
        stage.authorize(disposition)

    stage.change_profile(automatic=True)
    stage.pass_time(stage.authorize(disposition)["grace_until"])

    assert stage.destroy(disposition)["outcome"] == "whole"
    certificate = certificate_of(stage, disposition)
    assert certificate.approvals == ()
    assert certificate.adoption_resolution == "2026-77"


def test_a_standing_step_is_not_asked_and_stands_in_the_certificate(stage: Stage) -> None:
    steps = tuple(replace(one, standing=one.id == "city-council") for one in stage.scene.profile().steps)
    stage.change_profile(steps=steps)
    stage.seal_volume(MARCH, PAST)
    proposed = stage.propose(MARCH)
    assert proposed["steps"] == ["department-head", "city-clerk", "city-attorney"]
    stage.approve(proposed["disposition"], proposed["steps"])
    stage.pass_time(stage.authorize(proposed["disposition"])["grace_until"])

    stage.destroy(proposed["disposition"])

    council = certificate_of(stage, proposed["disposition"]).approvals[-1]
    assert (council.step, council.standing, council.by) == ("city-council", True, None)


def test_a_transfer_goes_when_the_receiver_has_acknowledged_the_bag(stage: Stage) -> None:
    stage.change_row(MARCH.series, action="review")
    stage.seal_volume(MARCH, PAST)
    disposition = stage.ready(MARCH, action="transfer")
    facts = {"receiver": "The archives", "bag_sha256": "a" * 64, "receiver_sha256": "a" * 64}
    stage.enter("dispositions", "acknowledged", disposition, facts)

    assert stage.destroy(disposition)["outcome"] == "whole"

    receipt = certificate_of(stage, disposition).transfer
    assert receipt is not None
    assert (receipt.receiver, receipt.bag_sha256) == ("The archives", "a" * 64)
