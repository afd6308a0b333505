"""The moderation ledger on a real store, through the command: entered, locked by its row of the schedule, answered."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from muniment.custody.buckets import create_bucket
from muniment.custody.client import connect
from muniment.custody.doctor import examine
from muniment.custody.store_checks import record_check
from muniment.embedded.seaweed import REGION, SeaweedFS
from muniment.settings import Settings, read_settings
from muniment.workflows.wiring import open_vault
from tests.contract.keeping import AGENCY, Keeping, run_command, store_settings
from tests.end_to_end.city import Done

ITEM = "at://did:plc:resident/app.bsky.feed.post/3kabcdefgh234"
DANA = ("--by", "Dana Okafor")
WHERE = ("--account", "bluesky-city", "--item", ITEM)
CSV = """\
case;account;item;decided_at;decision;grounds;decided_by
left-1;bluesky-city;3kabcdefgh999;2026-11-10 10:00;left-up;C7-ii;Dana Okafor
bad-1;bluesky-city;3kabcdefgh777;2026-11-10 10:00;hide;C7-xxx;Dana Okafor
"""


@pytest.fixture
def office(store: SeaweedFS, tmp_path: Path) -> Settings:
    """An installation with an empty vault."""
    settings = replace(
        read_settings({"MUNIMENT_HOME": str(tmp_path)}),
        store=store_settings(store, f"mod{abs(hash(tmp_path)) % 10**10}-"),
        second=None,
    )
    create_bucket(connect(store.endpoint, REGION, *store.credentials("administrator")), settings.store.bucket(AGENCY))
    return settings


def moderation(office: Settings, *words: str, code: int = 0) -> Done:
    done = run_command(office, "moderation", *words, "--agency", AGENCY)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def keys(office: Settings) -> list[str]:
    return list(open_vault(AGENCY, office).list_keys("registers/"))


def record_case(office: Settings) -> str:
    """Enter a notice, a decision, an action and a second look; return the case."""
    told = ("record", "notice", "--at", "2026-11-10 09:00", "--how", "e-mail", *WHERE, *DANA, "--json")
    case = str(json.loads(moderation(office, *told).stdout)["case"])
    of_case = ("--case", case)
    spam = ("--ground", "C7-v", "--duplicates", "9", "--rationale", "One advertisement, nine times")
    moderation(
        office, "record", "decision", *of_case, "--at", "2026-11-10 09:20", "--verdict", "hide", *spam, *WHERE, *DANA
    )
    done_at = ("--at", "2026-11-10 09:30", "--did", "hidden")
    moderation(office, "record", "action", *of_case, *done_at, *WHERE, "--by", "Teodoro Vance")
    seen = ("--at", "2026-11-10T12:00:00-08:00", "--agrees", "yes", "--by", "Ioan Marchetti")
    moderation(office, "record", "review", *of_case, *seen)
    return case


def test_a_case_is_entered_locked_by_its_row_and_answered(office: Settings) -> None:
    case = record_case(office)

    vault, month = open_vault(AGENCY, office), datetime.now(ZoneInfo("America/Los_Angeles"))
    # CA-SM-05: three years from the month's end, at midnight there.
    years, months = divmod(month.month, 12)
    until = datetime(month.year + 3 + years, months + 1, 1, tzinfo=ZoneInfo("America/Los_Angeles"))
    locks = [vault.lock_of(key) for key in keys(office)]
    assert len(locks) == 4
    assert {(lock.mode, lock.until) for lock in locks if lock is not None} == {("COMPLIANCE", until)}
    assert not any("resident" in key or "3kabc" in key for key in keys(office))

    asked = ("list", "--ground", "C7-v", "--since", "2026-11-10", "--until", "2026-11-10")
    (told,) = json.loads(moderation(office, *asked, "--json").stdout)
    assert (told["case"], told["decided_by"], told["acted_by"], told["reviewers"], told["stands"]) == (
        case,
        "Dana Okafor",
        ["Teodoro Vance"],
        ["Ioan Marchetti"],
        True,
    )
    assert json.loads(moderation(office, "list", "--ground", "C7-ii", "--json").stdout) == []
    listed, shown = moderation(office, "list").stdout, moderation(office, "show", "--case", case).stdout
    assert "2026-11-10 09:20" in listed
    assert ITEM not in listed
    assert ITEM in shown
    assert ITEM not in run_command(office, "registers", "show", "moderation", "--agency", AGENCY).stdout


def test_a_wrong_entry_ends_with_2_and_seals_nothing(office: Settings) -> None:
    wrong = ("--at", "2026-11-10 09:20", "--verdict", "hide", "--ground", "C7-xiii", "--rationale", "Rude")

    done = moderation(office, "record", "decision", *wrong, *WHERE, *DANA, code=2)

    assert "C7-xiii: expected counsel's override of a ground that is switched off, found none" in done.stderr
    assert keys(office) == []


def test_a_drop_a_list_and_an_attestation_are_sealed_too(office: Settings, tmp_path: Path) -> None:
    drop, words = tmp_path / "drop.csv", tmp_path / "words.txt"
    drop.write_text(CSV, "utf-8")
    words.write_text("darn\n", "utf-8")
    on = ("--kind", "words", "--account", "bluesky-city", "--since", "2026-11-01 08:00")

    imported = json.loads(moderation(office, "import", str(drop), *DANA, "--json", code=1).stdout)
    moderation(office, "filters", "add", "--list", "swearing", "--file", str(words), *on, *DANA)
    attested = run_command(office, "attest", "--agency", AGENCY, "--date", "2026-11-10", *DANA)
    days = run_command(office, "attest", "list", "--agency", AGENCY, "--since", "2026-11-10", "--until", "2026-11-10")

    assert (imported["rows"], [row["line"] for row in imported["refused"]]) == (1, [3])
    assert Path(imported["refused_file"]).read_text("utf-8-sig").count("bad-1") == 1
    assert "swearing" in moderation(office, "filters", "list").stdout
    assert "darn" in moderation(office, "filters", "show", "--list", "swearing").stdout
    assert (attested.returncode, days.returncode) == (0, 0)
    assert sorted(key.split("/")[1] for key in keys(office)) == ["attestations", "moderation", "moderation"]


def test_what_was_entered_is_in_the_log_and_the_vault_verifies_sound(keeping: Keeping, tmp_path: Path) -> None:
    settings = keeping.settings
    operator = connect(settings.store.endpoint, REGION, *settings.store.credentials())
    passed = examine(operator, settings.store.bucket(AGENCY))
    record_check(operator, passed, lock_until=datetime.now(UTC) + timedelta(days=2))
    record_case(settings)
    entered = [key for key in keys(settings) if key.startswith("registers/moderation/")]

    for words in (("log", "keys", "new"), ("log", "append")):
        assert run_command(settings, *words, "--agency", AGENCY).returncode == 0
    proved = [
        run_command(settings, "log", "prove", key, "--to", str(tmp_path / str(number)), "--agency", AGENCY)
        for number, key in enumerate(entered)
    ]
    verified = run_command(settings, "verify", "--agency", AGENCY, "--json")

    assert [done.returncode for done in proved] == [0] * 4, proved
    assert json.loads(verified.stdout)["findings"] == []
    assert json.loads(verified.stdout)["sound"]
