"""`muniment log`: append to the transparency log, show it, prove that something is in it, look after its keys."""

from __future__ import annotations

import argparse
from pathlib import Path

from muniment.cli.output import print_json, print_table
from muniment.errors import ConfigurationError
from muniment.workflows.append_log import append_log
from muniment.workflows.log_keys import list_keys, make_key, rotate_key
from muniment.workflows.log_prove import hand_out_proof, show_log

DESCRIPTION = """\
The agency's log of everything that was sealed: nothing can be taken out of it or slipped into
it unseen.

  muniment log append --agency claremont
  muniment log show --agency claremont
  muniment log prove 20261121T120000.000000Z-0123abcd --agency claremont --to FOLDER
  muniment log keys list --agency claremont
  muniment log keys new --agency claremont
  muniment log keys rotate --agency claremont

`append` logs what is not logged yet and finishes what an earlier run left; Airflow does it
after every capture. `prove` takes a snapshot's id or an object's key, and writes the proof
with a note on how to check it without this software. `keys new` makes the key that signs, in
the folder that MUNIMENT_LOG_KEYS names; `keys rotate` replaces it, signed by the old one.

Exit code: 0 when done, 1 when something was refused, 2 when it could not be done."""

_KEYS = ("list", "new", "rotate")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("action", choices=["append", "show", "prove", "keys"], help="what to do")
    parser.add_argument("what", nargs="?", help="prove: a snapshot's id or an object's key; keys: list, new or rotate")
    parser.add_argument("--agency", required=True, help="the agency's folder name, as claremont")
    parser.add_argument("--to", type=Path, help="the folder that `prove` makes")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args: argparse.Namespace) -> int:
    """Do what *args* ask for, and return the exit code."""
    _check_chosen(args)
    return {"append": _append, "show": _show, "prove": _prove, "keys": _keys}[args.action](args)


def _check_chosen(args: argparse.Namespace) -> None:
    if args.action == "prove" and (args.what is None or args.to is None):
        raise ConfigurationError("prove: expected a snapshot's id or an object's key, and --to FOLDER; found none")
    if args.action == "keys" and args.what not in _KEYS:
        raise ConfigurationError(f"keys: expected one of {', '.join(_KEYS)}, found {args.what or 'none'}")
    if args.action in ("append", "show") and args.what is not None:
        raise ConfigurationError(f"{args.action}: expected nothing more, found {args.what!r}")
    if args.action != "prove" and args.to is not None:
        raise ConfigurationError(f"{args.action}: expected no --to, found one")


def _append(args: argparse.Namespace) -> int:
    done = append_log(args.agency)
    if args.json:
        print_json(done)
    else:
        print(f"{done['appended']} appended; the log of {done['origin']} has {done['size']} entries.")
        for code, key, reason in done["findings"]:
            print(f"{code} {key}: {reason}")
    return 1 if done["findings"] else 0


def _show(args: argparse.Namespace) -> int:
    shown = show_log(args.agency).to_json()
    if args.json:
        print_json(shown)
        return 0
    lines = [
        ("log", shown["origin"]),
        ("entries", shown["size"]),
        ("root", shown["root"]),
        ("last checkpoint", f"{shown['checkpoint']}, signed by {', '.join(shown['signed_by'])}"),
        ("written", shown["written_at"]),
        ("locked until", shown["locked_until"]),
        ("batches without checkpoint", shown["batches_without_checkpoint"]),
        ("sealed and not logged yet", shown["not_logged_yet"]),
    ]
    print_table(("what", "is"), lines, empty="")
    return 0


def _prove(args: argparse.Namespace) -> int:
    handed = hand_out_proof(args.agency, args.what, args.to).to_json()
    if args.json:
        print_json(handed)
    else:
        print(f"{handed['key']} is entry {handed['index']} of {handed['size']}.")
        print(f"The proof is in {handed['folder']}; begin with {args.to / 'READ-ME.txt'}.")
    return 0


def _keys(args: argparse.Namespace) -> int:
    if args.what == "list":
        keys = [key.to_json() for key in list_keys(args.agency)]
        if args.json:
            print_json(keys)
        else:
            lines = [(key["id"], "yes" if key["signs"] else "no", key["replaced"] or "", key["vkey"]) for key in keys]
            print_table(("key", "signs", "replaced", "for other tools"), lines, empty="The log has no key yet.")
        return 0
    key = make_key(args.agency) if args.what == "new" else rotate_key(args.agency)
    if args.json:
        print_json({"id": key.id.hex(), "vkey": key.vkey})
    else:
        print(f"The log of {key.name} is signed by key {key.id.hex()} from now on. Publish its public half:")
        print(key.vkey)
    return 0
