"""`muniment time` on a real log: its exit code and its words say what is proved, and by whom."""

from __future__ import annotations

import json

from muniment.workflows.stamp_checkpoints import LOCAL_NOTE
from tests.contract.keeping import Keeping

AGENCY = ("--agency", "claremont")


def test_without_a_log_there_is_nothing_to_stamp(keeping: Keeping) -> None:
    done = keeping.run("time", "stamp", *AGENCY)
    assert (done.returncode, done.stdout) == (0, "The log has no checkpoint yet.\n")


def test_a_new_checkpoint_is_unstamped_until_it_is_stamped_and_every_report_says_by_whom(keeping: Keeping) -> None:
    assert keeping.run("doctor", *AGENCY).returncode == 0
    assert keeping.run("log", "keys", "new", *AGENCY).returncode == 0
    assert keeping.run("log", "append", *AGENCY).returncode == 0

    bare = keeping.run("time", "show", *AGENCY)
    assert bare.returncode == 1
    assert "T006 log/checkpoints/" in bare.stdout

    for words in (("stamp",), ("show",), ("renew",)):
        done = keeping.run("time", *words, *AGENCY)
        assert (done.returncode, done.stderr) == (0, "")
        assert f"local: {LOCAL_NOTE}." in done.stdout

    shown = json.loads(keeping.run("time", "show", *AGENCY, "--json").stdout)
    (authority,) = shown["authorities"]
    assert (authority["name"], authority["stamps"], authority["newest"]["local"]) == ("local", 1, True)
    assert authority["newest"]["checkpoint"] == shown["checkpoint"]
    assert shown["findings"] == []
