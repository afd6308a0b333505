from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from muniment.records.privacy import ChildRule, ListRule
from muniment.register.load import find_faults, load_agency

AGENCIES = Path(__file__).parents[3] / "include/agencies"


def changed(tmp_path: Path, agency: str, file: str, before: str, after: str) -> Path:
    folder = tmp_path / agency
    shutil.copytree(AGENCIES / agency, folder)
    text = (folder / file).read_text("utf-8")
    assert before in text
    (folder / file).write_text(text.replace(before, after), "utf-8")
    return folder


def test_a_list_is_captured_by_no_account_where_the_rules_keep_none(tmp_path: Path) -> None:
    folder = changed(tmp_path, "claremont", "privacy.yaml", "redacted", "not-kept")

    faults = [fault for fault in find_faults(folder) if "privacy.yaml keeps none" in fault.expected]

    assert [fault.file for fault in faults] == ["claremont/accounts.yaml"] * 3


@pytest.mark.parametrize("field", ["policy", "personal_data", "children", "subscriber_lists", "purposes", "authority"])
def test_no_rule_is_taken_for_granted(tmp_path: Path, field: str) -> None:
    folder = changed(tmp_path, "helena", "privacy.yaml", f"{field}:", "other:")

    told = {(fault.where, fault.expected) for fault in find_faults(folder) if fault.file == "helena/privacy.yaml"}

    assert (field, "this field") in told


def test_a_rule_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    folder = changed(tmp_path, "lathrop", "privacy.yaml", "as-adults", "whatever")

    assert [fault.found for fault in find_faults(folder)] == ["'whatever'"]


def test_the_four_agencies_hold_four_different_sets_of_rules() -> None:
    rules = {
        name: load_agency(AGENCIES / name, simulator=None).privacy
        for name in ("claremont", "lathrop", "helena", "calcities")
    }

    assert {name: one.children for name, one in rules.items()} == {
        "claremont": ChildRule.CASE,
        "lathrop": ChildRule.AS_ADULTS,
        "helena": ChildRule.CASE,
        "calcities": ChildRule.ERASED,
    }
    assert {name: one.subscriber_lists for name, one in rules.items()} == {
        "claremont": ListRule.REDACTED,
        "lathrop": ListRule.REDACTED,
        "helena": ListRule.WITH_PERMISSION,
        "calcities": ListRule.NOT_KEPT,
    }
    assert len({one.personal_data for one in rules.values()}) == 4
