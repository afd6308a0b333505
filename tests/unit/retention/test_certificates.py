from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from muniment.errors import EvidenceError
from muniment.records.names import AccountId, AgencyId, SeriesId, VolumeId
from muniment.retention.certificates import (
    GONE,
    WHOLE,
    Certificate,
    CertifiedApproval,
    CertifiedCopy,
    CertifiedExclusion,
    CertifiedManifest,
    CertifiedMatter,
    CertifiedVolume,
    parse_certificate,
)
from muniment.workflows.disposition.certificate_page import render_page

AT, HASH = "2027-01-10T20:00:00.000000Z", "ab" * 32
PREFIX = "records/series=public-comments/account=city/volume=2022-03/"
VOLUME = CertifiedVolume(
    series=SeriesId("public-comments"),
    account=AccountId("city"),
    volume=VolumeId("2022-03"),
    outcome=GONE,
    cutoff_at=AT,
    due_at=AT,
    steps=("Volume 2022-03 is cut off.",),
    first_taken=AT,
    last_taken=AT,
    snapshots=1,
    objects=4,
    rows=9,
    size_bytes=100,
    versions=8,
    manifests=(CertifiedManifest(key=f"{PREFIX}snapshot=20220301T120000.000000Z-0123abcd/manifest.json", sha256=HASH),),
    gone=(),
    kept=(),
    tombstone="registers/tombstones/2027-01/one.json",
)
WHOLLY = Certificate(
    id="r-1-0123456789ab",
    agency=AgencyId("claremont"),
    agency_name="City of Claremont",
    zone="America/Los_Angeles",
    departments=("Library",),
    outcome=WHOLE,
    action="destroy",
    series=SeriesId("public-comments"),
    series_title="Comments",
    row="R-1",
    pii_class="1",
    confidentiality="PUB",
    schedule_version="2026-11",
    schedule_sha256=HASH,
    adoption_resolution="2026-77",
    adopted_on="2026-12-01",
    authority=("Gov. Code 34090",),
    route="gc-34090",
    trigger="captured",
    below_floor=None,
    first_taken=AT,
    last_taken=AT,
    snapshots=1,
    objects=4,
    rows=9,
    size_bytes=100,
    versions=8,
    copies=(
        CertifiedCopy(
            name="vault", endpoint="https://s3", bucket="b", destroyed=4, kept=0, size_bytes=100, shown_absent=4
        ),
    ),
    backups="No others are made.",
    list_key="registers/disposition-lists/2027-01/one.json",
    list_sha256=HASH,
    frozen_at=AT,
    proposed_by="olive",
    proposed_at=AT,
    statement="No longer required.",
    approvals=(
        CertifiedApproval(
            step="city-attorney",
            title="City Attorney",
            question="Do you consent?",
            office="city-attorney",
            standing=False,
            by="adam",
            name="Adam",
            officer_title="City Attorney",
            answered_at=AT,
            document="the written consent",
            document_sha256=HASH,
            reference=None,
            reason="In order.",
            recorded="dag / run / task",
        ),
    ),
    exclusions=(CertifiedExclusion(id="a", question="Land?", authority="GC 34090(a)", excluded=False),),
    authorized_at=AT,
    grace_until=AT,
    holds_checked_at=AT,
    holds_considered=(CertifiedMatter(id="doe-claim", kind="claim", is_open=False, over_the_list=False),),
    method="Deleted by version.",
    standard="NIST SP 800-88",
    began_at=AT,
    ended_at=AT,
    executed_by="muniment",
    run="manual__1",
    verified_by="muniment",
    verification="Listed and read.",
    failures=(),
    anomalies=(),
    stops=(),
    volumes=(VOLUME,),
    transfer=None,
    distribution=("city-clerk",),
    log_entry="registers/certificates/2027-01/r-1-0123456789ab.json",
)


def test_a_certificate_is_read_back_as_it_was_written() -> None:
    assert parse_certificate(WHOLLY.to_bytes()) == WHOLLY


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body + b"\n",
        lambda body: body.replace(b'"versions":8', b'"versions":"8"'),
        lambda body: body.replace(b"muniment.certificate-of-disposition/1", b"muniment.certificate-of-disposition/2"),
        lambda body: body.replace(b'"statement":"No longer required.",', b""),
        lambda body: body.replace(b"volume=2022-03/snapshot", b"volume=2022-04/snapshot"),
        lambda body: b"{}",
        lambda body: b"not json",
        lambda body: b"[1]",
    ],
)
def test_what_is_not_of_its_form_is_no_certificate(spoil: Any) -> None:
    assert spoil(WHOLLY.to_bytes()) != WHOLLY.to_bytes()
    with pytest.raises(EvidenceError):
        parse_certificate(spoil(WHOLLY.to_bytes()))


def test_a_certificate_has_every_field_that_records_management_asks_for() -> None:
    asked = {
        *("id", "agency_name", "departments", "series", "series_title", "schedule_version", "adoption_resolution"),
        *("adopted_on", "authority", "first_taken", "last_taken", "objects", "versions", "rows", "size_bytes"),
        *("copies", "backups", "list_sha256", "trigger", "statement", "approvals", "exclusions", "holds_checked_at"),
        *("holds_considered", "below_floor", "pii_class", "method", "standard", "began_at", "ended_at"),
        *("executed_by", "verified_by", "verification", "failures", "volumes", "log_entry", "distribution"),
    }
    assert asked <= {field.name for field in fields(Certificate)}


def test_the_page_needs_nothing_from_elsewhere_and_tells_the_time_of_the_city() -> None:
    body = WHOLLY.to_bytes()
    page = render_page(WHOLLY, body, log="entry 5")
    assert "http://" not in page.replace("https://s3", "")
    assert "<script" not in page
    assert "<link" not in page
    assert "2027-01-10 12:00:00 PST" in page  # eight hours behind UTC in January
    for told in ("r-1-0123456789ab", "2026-77", "Adam, City Attorney (adam)", "Land?", "doe-claim", HASH, "entry 5"):
        assert told in page


def test_nothing_that_a_person_wrote_becomes_a_part_of_the_page_itself() -> None:
    evil = '<script>alert("x")</script>'
    step = replace(WHOLLY.approvals[0], reason=evil, name=evil, reference=evil)
    found = replace(WHOLLY, statement=evil, agency_name=evil, approvals=(step,), failures=(evil,), stops=(evil,))
    page = render_page(found, found.to_bytes(), log=evil)
    assert "<script" not in page
    assert page.count("&lt;script&gt;") == 8


def test_a_standing_step_is_told_by_the_act_that_gave_it() -> None:
    nobody = dict.fromkeys(("by", "name", "officer_title", "answered_at", "document_sha256", "reason", "recorded"))
    step = replace(WHOLLY.approvals[0], standing=True, **nobody)
    page = render_page(replace(WHOLLY, approvals=(step,)), b"", log="")
    assert "once, by the act that adopted the schedule: 2026-77" in page
    assert "None, None" not in page
    assert "SHA-256 None" not in page


def test_what_went_only_in_part_says_so_at_the_top() -> None:
    page = render_page(replace(WHOLLY, outcome="partial"), b"", log="")
    assert page.index("Not everything went") < page.index("<h2>")
