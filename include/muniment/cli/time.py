"""`muniment time stamp | show | renew`: who vouches for the time of the log's checkpoints."""

from __future__ import annotations

import argparse
from typing import Any

from muniment.cli.output import print_json, print_table
from muniment.workflows.renew_timestamps import renew_timestamps
from muniment.workflows.stamp_checkpoints import LOCAL_NOTE, stamp_newest
from muniment.workflows.stamp_overview import show_time

DESCRIPTION = """\
Time stamps over the log's checkpoints, by authorities outside the agency: proof of when the
records were there that does not rest on the agency's own clock.

  muniment time stamp --agency claremont
  muniment time show --agency claremont
  muniment time renew --agency claremont

`stamp` has every authority that agency.yaml names stamp the newest checkpoint, and leaves what is
stamped already; Airflow does it after every new checkpoint. `show` verifies every stamp there is and
says until when they hold. `renew` lays new stamps over those that will age out; Airflow does it daily.

Exit code: 0 when all is sound, 1 with findings, 2 when it could not be done."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("action", choices=["stamp", "show", "renew"], help="what to do")
    parser.add_argument("--agency", required=True, help="the agency's folder name, as claremont")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args: argparse.Namespace) -> int:
    """Do what *args* ask for, and return the exit code."""
    act, tell = {
        "stamp": (stamp_newest, _tell_stamped),
        "show": (show_time, _tell_all),
        "renew": (renew_timestamps, _tell_renewed),
    }[args.action]
    done = act(args.agency)
    if args.json:
        print_json(done)
    else:
        tell(done)
        for code, subject, detail in done["findings"]:
            print(f"{code} {subject}: {detail}")
    return 1 if done["findings"] else 0


def _tell_stamped(done: dict[str, Any]) -> None:
    if done["checkpoint"] is None:
        print("The log has no checkpoint yet.")
        return
    columns = ("authority", "time", "signed by", "can be leaned on until")
    rows = [(item["authority"], item["time"], item["signed_by"], item["lasts_until"]) for item in done["stamps"]]
    print(f"Checkpoint {done['checkpoint']}:")
    print_table(columns, rows, empty="Nobody has stamped it.")
    for name, reason in done["failed"].items():
        print(f"{name} did not: {reason}")
    _tell_local(done["stamps"])


def _tell_all(done: dict[str, Any]) -> None:
    columns = ("authority", "stamps", "renewals", "newest checkpoint", "stamped at", "all hold until")
    rows = [_row(item) for item in done["authorities"]]
    print_table(columns, rows, empty="No time authority is named, and there is no time stamp.")
    for item in done["authorities"]:
        if item["not_compared_with_a_known_root"]:
            count = item["not_compared_with_a_known_root"]
            print(f"{item['name']}: {count} stamps were verified against the root kept beside them only.")
    _tell_local([item["newest"] for item in done["authorities"] if item["newest"]])


def _row(item: dict[str, Any]) -> tuple[object, ...]:
    newest = item["newest"] or {"checkpoint": "none", "time": ""}
    return (
        item["name"],
        item["stamps"],
        item["renewals"],
        newest["checkpoint"],
        newest["time"],
        item["all_hold_until"] or "",
    )


def _tell_renewed(done: dict[str, Any]) -> None:
    print(f"{done['renewed']} stamps renewed, {done['waiting']} wait.")
    for item in done["renewals"]:
        print(f"{item['authority']}: {item['covers']} stamps, now until {item['lasts_until']}")
    _tell_local([*done["renewals"], *(done["stamped"]["stamps"] if done["stamped"] else [])])


def _tell_local(stamps: list[dict[str, Any]]) -> None:
    for name in sorted({item["authority"] for item in stamps if item["local"]}):
        print(f"{name}: {LOCAL_NOTE}.")
