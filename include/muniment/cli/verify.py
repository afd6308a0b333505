"""`muniment verify`: re-read every byte and say whether it is what the manifests name.

Needs only the standard library and Muniment's evidence: ``python -m muniment.cli.verify FOLDER``
runs on an auditor's machine. A vault is opened by whoever calls `run` with an `open_vault`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from time import monotonic
from typing import TextIO

from muniment.cli.edge import run_safely
from muniment.cli.verify_page import to_page
from muniment.cli.verify_text import to_json, to_text
from muniment.errors import ConfigurationError
from muniment.evidence.checks.log import BroughtCheckpoint
from muniment.evidence.checks.rows import RowRoot
from muniment.evidence.checks.sample import Sample
from muniment.evidence.layout import SnapshotAddress, VolumeAddress
from muniment.evidence.notes import VerifierKey, parse_vkey
from muniment.evidence.readers import FolderReader, ObjectReader
from muniment.evidence.timestamp import read_trust
from muniment.evidence.verify import Means, verify
from muniment.records.names import AccountId, SeriesId, SnapshotId, VolumeId

SOUND, FINDINGS = 0, 1

DESCRIPTION = """\
Read every object again and compare it with its manifest.

  muniment verify FOLDER                      a folder that `snapshots fetch` wrote, or a copied vault
  muniment verify --agency claremont          the agency's whole vault
  muniment verify --agency claremont --account bluesky-city --series official-posts
                                              one account's series; add --volume, --snapshot to narrow
  muniment verify FOLDER --sample 500 --seed "2026-11-21 07 19 23 44 61"
                                              a sample that anyone can draw again; its odds are stated
  muniment verify FOLDER --log-key KEY --checkpoint KEPT --report REPORT.html
                                              with the log's key and an older checkpoint, had elsewhere

Without pyarrow the roots of rows are not computed again, and the report says so. A log's key is a
line as `muniment log keys list` prints it; keep the checkpoint of every visit for the next.

Exit code: 0 when sound, 1 when there are findings, 2 when it could not be checked."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments on *parser*."""
    parser.description = DESCRIPTION
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("folder", nargs="?", type=Path, help="a folder to check instead of a vault")
    parser.add_argument("--agency", help="check this agency's vault")
    parser.add_argument("--account", help="only this account")
    parser.add_argument("--series", help="only this series")
    parser.add_argument("--volume", help="only this volume, as 2026-11")
    parser.add_argument("--snapshot", help="only this snapshot")
    parser.add_argument(
        "--log-key", type=Path, action="append", default=[], metavar="FILE", help="a key of the log that you trust"
    )
    parser.add_argument(
        "--checkpoint",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="a checkpoint of the log that you kept: the log must continue it",
    )
    parser.add_argument(
        "--time-root", type=Path, metavar="FILE", help="the certificates (PEM) of the time authorities that you trust"
    )
    parser.add_argument("--sample", type=int, metavar="N", help="read only N objects, drawn by --seed")
    parser.add_argument("--seed", help="public randomness that nobody knew before, such as a lottery's numbers")
    parser.add_argument("--report", type=Path, metavar="FILE.html", help="write the report as a page that prints")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(args: argparse.Namespace, open_vault: Callable[[str], ObjectReader] | None = None) -> int:
    """Verify what *args* name, print the report, and return the exit code.

    Raises:
        MunimentError: the place cannot be read at all.
    """
    progress = Progress(sys.stderr) if sys.stderr.isatty() else None
    row_root, why_not = _find_row_root()
    means = Means(
        sample=_sample(args),
        row_root=row_root,
        why_no_roots=why_not,
        log_keys=tuple(key for path in args.log_key for key in _read_keys(path)),
        checkpoints=tuple(BroughtCheckpoint(str(path), path.read_bytes()) for path in args.checkpoint),
        time_roots=None if args.time_root is None else read_trust(args.time_root.read_bytes()),
        progress=progress,
    )
    report = verify(_reader(args, open_vault), _prefix(args), means=means)
    if progress is not None:
        progress.close()
    if args.report is not None:
        place = str(args.folder) if args.folder is not None else f"vault of {args.agency}"
        args.report.write_text(to_page(report, place=place, made_at=datetime.now(UTC)), "utf-8")
    print(json.dumps(to_json(report), indent=2) if args.json else to_text(report))
    return FINDINGS if report.findings else SOUND


class Progress:
    """One line on a terminal, written over as objects are read."""

    def __init__(self, terminal: TextIO) -> None:
        self._terminal = terminal
        self._shown_at = 0.0

    def __call__(self, done: int, known: int) -> None:
        """Show how far the reading is, at most ten times a second."""
        if (now := monotonic()) - self._shown_at >= 0.1:
            self._shown_at = now
            print(f"\rread {done:,} of {known:,} objects", end="", file=self._terminal, flush=True)

    def close(self) -> None:
        """Clear the line: the report follows."""
        print("\r\x1b[K", end="", file=self._terminal, flush=True)


def _find_row_root() -> tuple[RowRoot | None, str]:
    try:
        return import_module("muniment.cli.verify_rows").recompute_root, ""
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "pyarrow":
            raise
        return None, "this machine has no pyarrow, which reads Parquet"


def _read_keys(path: Path) -> Iterator[VerifierKey]:
    lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
    keys = [parse_vkey(line) for line in lines if line and not line.startswith("#")]
    if not keys:
        raise ConfigurationError(f"verify: expected a key of the log in {path}, found none")
    yield from keys


def _sample(args: argparse.Namespace) -> Sample | None:
    if (args.sample is None) != (args.seed is None):
        raise ConfigurationError("verify: expected --sample and --seed together, found one of them")
    return None if args.sample is None else Sample(args.sample, args.seed)


def _reader(args: argparse.Namespace, open_vault: Callable[[str], ObjectReader] | None) -> ObjectReader:
    if args.folder is not None and args.agency is not None:
        raise ConfigurationError("verify: expected a folder or --agency, found both")
    if args.folder is not None:
        if not args.folder.is_dir():
            raise ConfigurationError(f"verify: expected a folder, found none at {args.folder}")
        return FolderReader(args.folder)
    if args.agency is None or open_vault is None:
        raise ConfigurationError("verify: expected a folder" + (" or --agency, found neither" if open_vault else ""))
    return open_vault(args.agency)


def _prefix(args: argparse.Namespace) -> str:
    parts = [args.series, args.account, args.volume, args.snapshot]
    given = [part for part in parts if part is not None]
    if not given:
        return "records/"
    if parts[: len(given)] != given or len(given) == 1:
        raise ConfigurationError(
            "verify: expected --account with --series, --volume with both, --snapshot with all three"
        )
    address = VolumeAddress(SeriesId(args.series), AccountId(args.account), VolumeId(args.volume or "1970"))
    if args.volume is None:
        return address.prefix.removesuffix("volume=1970/")
    return address.prefix if args.snapshot is None else SnapshotAddress(address, SnapshotId(args.snapshot)).prefix


def main() -> int:
    """Run the command by itself, over a folder."""
    parser = argparse.ArgumentParser(prog="python -m muniment.cli.verify")
    configure(parser)
    args = parser.parse_args()
    return run_safely("muniment verify", lambda: run(args))


if __name__ == "__main__":
    sys.exit(main())
