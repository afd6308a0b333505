"""`muniment transfer`: hand records to an archive before they are disposed of."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from muniment.cli.output import print_json
from muniment.workflows.disposition.transfer import acknowledge, pack

DESCRIPTION = """\
Hand what an authorized disposition of the action `transfer` lists to an archive.

  muniment transfer pack --agency claremont --disposition ID --to /srv/handover/ID
  muniment transfer acknowledge --agency claremont --disposition ID --checksum SHA256 \\
      --receiver "State Archives" --by clerk

`pack` writes a bag (RFC 8493, BagIt): every object as it was sealed, compared with its manifest
while it is written, with the proofs that the log has it; `muniment verify ID/data` checks it
without the store. The bag holds what the records hold, personal data among it.

The receiver checks the bag and computes the SHA-256 of `tagmanifest-sha256.txt`; `acknowledge`
enters it. Until then nothing of the disposition is destroyed.

Exit code: 0 when it was done, 2 when it was refused or could not be done."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    packing = actions.add_parser("pack", help="write the bag")
    packing.add_argument(
        "--to", type=Path, required=True, metavar="FOLDER", help="where the bag is to be; a new folder"
    )
    receipt = actions.add_parser("acknowledge", help="enter that the receiver holds the bag")
    receipt.add_argument(
        "--checksum", required=True, metavar="SHA256", help="of tagmanifest-sha256.txt, by the receiver"
    )
    receipt.add_argument("--receiver", required=True, help="the institution that has it now")
    receipt.add_argument("--by", required=True, metavar="SIGN_IN", help="who enters it")
    for action in (packing, receipt):
        action.add_argument("--agency", required=True, help="the agency's folder name, as claremont")
        action.add_argument("--disposition", required=True, metavar="ID", help="the disposition's id")
        action.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args: argparse.Namespace) -> int:
    """Pack or acknowledge, and print what was done."""
    return _pack(args) if args.action == "pack" else _acknowledge(args)


def _pack(args: argparse.Namespace) -> int:
    result = pack(args.agency, args.disposition, args.to, progress=_show if sys.stderr.isatty() else None)
    if args.json:
        print_json(result)
    else:
        print(f"Packed {result['objects']} files ({result['size_bytes']:,} bytes) into {result['bag']}.")
        print(f"Checksum to acknowledge, the SHA-256 of its tagmanifest-sha256.txt:\n{result['tag_manifest_sha256']}")
    return 0


def _acknowledge(args: argparse.Namespace) -> int:
    result = acknowledge(
        args.agency, args.disposition, tag_manifest_sha256=args.checksum, receiver=args.receiver, by=args.by
    )
    if args.json:
        print_json(result)
    else:
        print(f"{result['receiver']} holds the bag {result['bag_sha256']}: entered.")
    return 0


def _show(done: int, total: int) -> None:
    print(f"\r{done} of {total} objects", end="\n" if done == total else "", file=sys.stderr, flush=True)
