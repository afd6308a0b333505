from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.errors import EvidenceError
from muniment.evidence.layout import VolumeAddress, is_manifest_key
from muniment.evidence.register_event import RegisterEvent, parse_event
from muniment.records.names import AccountId, AgencyId, SeriesId, VolumeId
from muniment.retention.batches import cut_batches
from muniment.retention.dispositions import (
    DispositionState,
    FrozenList,
    ListedManifest,
    ListedVersion,
    ListedVolume,
    fold_dispositions,
    parse_list,
)

COMMENTS, CITY = SeriesId("public-comments"), AccountId("city")
MARCH, APRIL = (VolumeAddress(COMMENTS, CITY, VolumeId(f"2022-{month:02}")) for month in (3, 4))
HASH = "ab" * 32
SNAPSHOT = "snapshot=20220301T120000.000000Z-0123abcd"


def event(second: int, kind: str, register: str = "dispositions", **facts: Any) -> RegisterEvent:
    return RegisterEvent(
        register=register,
        id=f"one-{kind}-{second}",
        event=kind,
        subject="one",
        at=f"2027-01-01T00:00:{second:02}.000000Z",
        by="olive",
        facts=facts,
    )


PROPOSED = event(
    1,
    "proposed",
    agency="claremont",
    action="destroy",
    series="public-comments",
    row="R-1",
    reason="Old",
    volumes=[MARCH.prefix],
    list_key="registers/disposition-lists/2027-01/one.json",
    list_sha256=HASH,
    versions=4,
    size_bytes=40,
    frozen_at="2027-01-01T00:00:00.000000Z",
    valid_until="2027-02-01T00:00:00.000000Z",
    dag_run="run",
    answers={"lands": False},
)
AUTHORIZED = event(3, "authorized", grace_until="2027-01-04T00:00:00.000000Z")
BEGAN = event(5, "began", list_sha256=HASH, batch_versions=500)


def answered(second: int, kind: str, step: str = "clerk", by: str | None = "clara") -> RegisterEvent:
    return event(
        second,
        kind,
        "approvals",
        step=step,
        by=by,
        office="city-clerk",
        title="City Clerk",
        name="Clara",
        chosen=["Approve"],
        document_sha256=None,
        reference=None,
        reason="",
        list_sha256=HASH,
        dag_id="dag",
        run_id="run",
        task_id=step,
    )


def stopped(second: int, *, ends: bool, volume: str | None = None, code: str = "R023") -> RegisterEvent:
    return event(second, "stopped", findings=[[code, MARCH.prefix, "a matter"]], ends=ends, volume=volume)


def fold(*events: RegisterEvent) -> Any:
    (found,) = fold_dispositions(
        [item for item in events if item.register == "dispositions"],
        [item for item in events if item.register == "approvals"],
    )
    return found


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ((PROPOSED,), "proposed"),
        ((stopped(1, ends=True),), "stopped"),
        ((stopped(0, ends=True), PROPOSED), "proposed"),
        ((PROPOSED, answered(2, "approved")), "proposed"),
        ((PROPOSED, answered(2, "rejected")), "rejected"),
        ((PROPOSED, answered(2, "expired", by=None)), "expired"),
        ((PROPOSED, AUTHORIZED), "authorized"),
        ((PROPOSED, answered(2, "rejected"), AUTHORIZED), "rejected"),
        ((PROPOSED, AUTHORIZED, stopped(4, ends=False, code="R036")), "authorized"),
        ((PROPOSED, AUTHORIZED, stopped(4, ends=True)), "stopped"),
        ((PROPOSED, AUTHORIZED, stopped(4, ends=True), BEGAN), "stopped"),
        ((PROPOSED, AUTHORIZED, event(4, "withdrawn", reason="x"), BEGAN), "withdrawn"),
        ((PROPOSED, BEGAN), "proposed"),
        ((PROPOSED, AUTHORIZED, BEGAN), "destroying"),
        ((PROPOSED, AUTHORIZED, BEGAN, event(6, "withdrawn", reason="x")), "destroying"),
        ((PROPOSED, AUTHORIZED, BEGAN, stopped(6, ends=False, volume=MARCH.prefix)), "destroying"),
    ],
)
def test_the_state_is_the_fold_of_the_events(events: tuple[RegisterEvent, ...], state: str) -> None:
    assert fold(*events).state is DispositionState(state)
    assert fold(*reversed(events)).state is DispositionState(state)  # by time, not by the order of reading


def test_a_volume_that_was_stopped_while_others_went_is_remembered() -> None:
    found = fold(PROPOSED, AUTHORIZED, BEGAN, stopped(6, ends=False, volume=MARCH.prefix))
    assert found.stopped_volumes == (MARCH.prefix,)
    assert [gate.code for gate in found.stopped] == ["R023"]


def test_a_second_proposal_of_the_same_id_does_not_take_the_place_of_the_first() -> None:
    other = replace(PROPOSED, at="2027-01-01T00:00:02.000000Z", facts={**PROPOSED.facts, "list_sha256": "cd" * 32})
    assert fold(PROPOSED, other).list_sha256 == HASH


def test_a_batch_is_open_until_its_end_and_keeps_what_was_refused() -> None:
    began = event(6, "batch-began", batch=1, volume=MARCH.prefix, versions=3, sha256=HASH)
    refused = [["vault", "k", "v", "held"]]
    ended = event(7, "batch-ended", batch=1, deleted=2, absent=0, refused=refused)
    assert fold(PROPOSED, AUTHORIZED, BEGAN, began).batch(1).ended_at is None
    assert fold(PROPOSED, AUTHORIZED, BEGAN, began, ended).batch(1).refused == (("vault", "k", "v", "held"),)


@pytest.mark.parametrize("missing", ["list_sha256", "volumes", "answers", "valid_until"])
def test_an_event_without_one_of_its_facts_is_refused(missing: str) -> None:
    facts = {name: value for name, value in PROPOSED.facts.items() if name != missing}
    with pytest.raises(EvidenceError, match="one-proposed"):
        fold(replace(PROPOSED, facts=facts))


def test_an_event_of_no_known_kind_is_refused() -> None:
    with pytest.raises(EvidenceError):
        fold(PROPOSED, event(2, "blessed"))


def test_the_events_survive_being_sealed_and_read_again() -> None:
    events = [PROPOSED, AUTHORIZED, answered(2, "approved")]
    assert fold(*[parse_event(item.to_bytes()) for item in events]) == fold(*events)


def listed(address: VolumeAddress, versions: tuple[ListedVersion, ...]) -> ListedVolume:
    return ListedVolume(
        series=address.series,
        account=address.account,
        volume=address.volume,
        row="R-1",
        cutoff_at="2022-04-01T07:00:00.000000Z",
        due_at="2024-04-01T07:00:00.000000Z",
        steps=("one", "two"),
        snapshots=1,
        objects=1,
        rows=1,
        size_bytes=1,
        first_taken="2022-03-01T12:00:00.000000Z",
        last_taken="2022-03-01T12:00:00.000000Z",
        manifests=(ListedManifest(f"{address.prefix}{SNAPSHOT}/manifest.json", HASH),),
        versions=versions,
    )


def frozen(*volumes: ListedVolume) -> FrozenList:
    return FrozenList(
        disposition="one",
        agency=AgencyId("claremont"),
        action="destroy",
        series=COMMENTS,
        row="R-1",
        schedule_version="1",
        schedule_sha256=HASH,
        adoption_resolution="2026-77",
        adopted_on="2026-12-01",
        frozen_at="2027-01-01T00:00:00.000000Z",
        volumes=volumes,
    )


NAMES = ("media/a", "media/b", f"{SNAPSHOT}/pages.parquet", f"{SNAPSHOT}/rows.parquet", f"{SNAPSHOT}/manifest.json")
VERSIONS = st.sets(
    st.builds(
        lambda copy, name, version, size: (copy, name, version, size),
        st.sampled_from(("vault", "second")),
        st.sampled_from(NAMES),
        st.text("0123456789abcdef", min_size=1, max_size=4),
        st.integers(-1, 2**40),
    ),
    min_size=1,
)


def listed_of(address: VolumeAddress, lines: set[tuple[str, str, str, int]]) -> ListedVolume:
    versions = (ListedVersion(copy, address.prefix + name, version, size) for copy, name, version, size in lines)
    return listed(address, tuple(sorted(versions)))


@given(VERSIONS, VERSIONS)
def test_a_list_is_read_back_as_it_was_written_and_its_hash_is_of_its_bytes(march: Any, april: Any) -> None:
    whole = frozen(listed_of(MARCH, march), listed_of(APRIL, april))
    assert parse_list(whole.to_bytes()) == whole
    assert parse_list(whole.to_bytes()).sha256 == whole.sha256


@given(VERSIONS, VERSIONS, st.integers(1, 8))
def test_batches_hold_every_version_once_by_volume_with_all_of_a_key_and_the_manifests_last(
    march: Any, april: Any, most: int
) -> None:
    whole = frozen(listed_of(MARCH, march), listed_of(APRIL, april))
    batches = cut_batches(whole, most)

    assert sorted(one for batch in batches for one in batch.versions) == sorted(whole.versions())
    assert [batch.number for batch in batches] == list(range(1, len(batches) + 1))
    homes = [(one.key, batch.number) for batch in batches for one in batch.versions]
    assert len(set(homes)) == len({key for key, _ in homes})  # no key lies in two batches
    for batch in batches:
        assert all(one.key.startswith(batch.volume.prefix) for one in batch.versions)
        assert len({is_manifest_key(one.key) for one in batch.versions}) == 1
        assert len(batch.versions) <= most or len({one.key for one in batch.versions}) == 1
    for address in (MARCH, APRIL):
        kinds = [is_manifest_key(batch.versions[0].key) for batch in batches if batch.volume == address]
        assert kinds == sorted(kinds)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body + b" ",
        lambda body: body.replace(b'"format":"muniment.disposition-list/1",', b""),
        lambda body: body.replace(b'"vault"', b'"third"'),
        lambda body: body.replace(b'"volumes":[', b'"volumes":[7,'),
        lambda body: b"not json",
        lambda body: b"[]",
    ],
)
def test_a_list_that_is_not_of_its_form_is_refused(spoil: Any) -> None:
    body = frozen(listed(MARCH, (ListedVersion("vault", f"{MARCH.prefix}media/a", "1", 1),))).to_bytes()
    assert spoil(body) != body
    with pytest.raises(EvidenceError):
        parse_list(spoil(body))
