"""The register of findings: opened once, closed by a person with a reason, and never otherwise."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from muniment.errors import ConfigurationError
from muniment.evidence.findings import Finding
from muniment.workflows import findings_register
from muniment.workflows.findings_register import MOST, close_finding, list_entries, open_findings, read_entry
from tests.contract.keeping import AGENCY, Keeping

LOST = Finding("C002", "records/a", "expected a copy, found none")
ALTERED = Finding("F001", "records/a", "expected one, found another")


def enter(keeping: Keeping, *findings: Finding) -> list[str]:
    return [item["id"] for item in open_findings(keeping.place, findings, check="a check")]


@pytest.mark.parametrize(
    ("reason", "by"), [("", "A. Clerk"), ("  ", "A. Clerk"), ("restored", ""), ("restored", " \t")]
)
def test_nothing_is_closed_without_a_reason_and_a_name(keeping: Keeping, reason: str, by: str) -> None:
    (entry,) = enter(keeping, LOST)

    with pytest.raises(ConfigurationError, match="in words, found none"):
        close_finding(keeping.place, entry, reason=reason, by=by)

    assert read_entry(keeping.vault, entry).is_open


@pytest.mark.parametrize("missing", ["--reason", "--by", "--id"])
def test_the_command_closes_nothing_without_all_three(keeping: Keeping, missing: str) -> None:
    (entry,) = enter(keeping, LOST)
    words = {"--id": entry, "--reason": "restored", "--by": "A. Clerk"}
    del words[missing]

    done = keeping.run("findings", "close", "--agency", AGENCY, *(word for pair in words.items() for word in pair))

    assert done.returncode == 2
    assert missing in done.stderr
    assert read_entry(keeping.vault, entry).is_open


def test_what_is_not_in_the_register_cannot_be_closed(keeping: Keeping) -> None:
    with pytest.raises(ConfigurationError, match="expected the id of an entry"):
        close_finding(keeping.place, "0123456789abcdef-0001", reason="x", by="A. Clerk")


def test_what_is_closed_cannot_be_closed_again_in_another_name(keeping: Keeping) -> None:
    (entry,) = enter(keeping, LOST)
    close_finding(keeping.place, entry, reason="restored", by="A. Clerk")

    with pytest.raises(ConfigurationError, match="expected it open, found it closed"):
        close_finding(keeping.place, entry, reason="never mind", by="B. Other")

    assert read_entry(keeping.vault, entry).closed_by == "A. Clerk"


def test_the_same_finding_is_not_entered_twice_while_it_is_open(keeping: Keeping) -> None:
    (first,) = enter(keeping, LOST)

    assert enter(keeping, LOST, Finding("C002", "records/a", "measured otherwise tonight")) == []
    assert [entry.id for entry in list_entries(keeping.vault)] == [first]


def test_another_code_of_the_same_object_is_another_finding(keeping: Keeping) -> None:
    assert len(enter(keeping, LOST, ALTERED)) == 2


def test_what_is_found_again_after_its_closing_is_opened_anew(keeping: Keeping) -> None:
    (first,) = enter(keeping, LOST)
    close_finding(keeping.place, first, reason="restored", by="A. Clerk")
    assert list_entries(keeping.vault) == []

    (again,) = enter(keeping, LOST)

    assert (first.split("-")[0], first[-1], again[-1]) == (again.split("-")[0], "1", "2")
    assert [entry.is_open for entry in list_entries(keeping.vault, with_closed=True)] == [False, True]


def test_two_checks_that_find_the_same_at_once_open_it_once(keeping: Keeping) -> None:
    with ThreadPoolExecutor(6) as pool:
        opened = list(pool.map(lambda _: enter(keeping, LOST), range(6)))

    assert sum(map(len, opened)) == 1
    assert len(list(keeping.vault.list_keys("registers/findings/"))) == 1


def test_a_lost_bucket_is_one_entry_and_not_a_million(keeping: Keeping) -> None:
    enter(keeping, *(Finding("C002", f"records/{number}", "found none") for number in range(MOST + 5)))

    (entry,) = list_entries(keeping.vault)
    assert entry.finding.count == MOST + 5
    assert entry.finding.detail.startswith(f"{MOST + 5} objects, the first records/0")


def test_openings_and_closings_are_sealed_events(keeping: Keeping) -> None:
    (entry,) = enter(keeping, LOST)
    close_finding(keeping.place, entry, reason="restored", by="A. Clerk")

    keys = list(keeping.vault.list_keys("registers/findings/"))
    assert [key.rsplit("/", 1)[1] for key in keys] == [f"{entry}-closed.json", f"{entry}-opened.json"]
    for key in keys:
        assert keeping.vault.lock_of(key).mode == "COMPLIANCE"
        assert json.loads(keeping.vault.read(key))["format"] == findings_register.FORMAT


def test_the_command_lists_shows_and_closes(keeping: Keeping) -> None:
    (entry,) = enter(keeping, LOST)

    listed = keeping.run("findings", "list", "--agency", AGENCY, "--json")
    assert listed.returncode == 1
    assert [item["id"] for item in json.loads(listed.stdout)] == [entry]
    closed = keeping.run(
        "findings", "close", "--agency", AGENCY, "--id", entry, "--reason", "copied again", "--by", "A. Clerk"
    )
    assert (closed.returncode, "copied again" in closed.stdout) == (0, True)
    shown = keeping.run("findings", "show", "--agency", AGENCY, "--id", entry, "--json")
    assert json.loads(shown.stdout)[0]["closed_by"] == "A. Clerk"
    assert keeping.run("findings", "list", "--agency", AGENCY).stdout == "No finding is open.\n"
