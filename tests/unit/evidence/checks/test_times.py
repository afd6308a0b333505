"""What the report says of time from outside: who vouches, until when, and that a local authority is no outsider."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from muniment.evidence.layout import TimestampAddress
from muniment.evidence.verify import TIMES
from tests.drill.archive import Archive


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path)


def test_a_stamp_that_has_aged_out_is_found_unless_it_was_renewed(archive: Archive) -> None:
    later = datetime(2031, 1, 1, tzinfo=UTC)

    found = archive.verify(replace(archive.means, now=later)).findings

    assert {(finding.code, finding.subject) for finding in found} == {
        ("T008", TimestampAddress(seq, "a", 0).key("tsr")) for seq in range(3)
    }


def test_the_local_authority_is_named_as_such(archive: Archive) -> None:
    facts = archive.verify().facts

    # The authority of these tests signs with the local one's own code, and so under its policy.
    assert any("a LOCAL authority on the agency's own machine: no outsider vouches" in fact for fact in facts)


def test_a_newest_checkpoint_without_a_stamp_is_told(archive: Archive) -> None:
    archive.remove(TimestampAddress(2, "a", 0).key("tsr"))

    assert any("newest checkpoint has no time stamp" in fact for fact in archive.verify().facts)


def test_without_a_root_brought_along_the_report_says_whom_it_believed(archive: Archive) -> None:
    report = archive.verify(replace(archive.means, time_roots=None))

    assert report.findings == ()
    assert any("No root of a time authority was brought along" in fact for fact in report.facts)
    assert any("A root, SHA-256" in item for item in report.by_hand)


def test_without_stamps_the_check_was_not_made(archive: Archive) -> None:
    archive.remove_under("log/timestamps/")

    report = archive.verify()

    assert f"{TIMES}: this place holds no time stamps" in report.checks_not_made
    assert TIMES not in report.checks_made
