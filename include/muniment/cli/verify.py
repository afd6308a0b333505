"""`muniment verify`: re-read every byte and say whether it is what the manifests name.

Needs only the standard library and Muniment's evidence: ``python -m muniment.cli.verify FOLDER``
runs on an auditor's machine. A vault is opened by whoever calls `run` with an `open_vault`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from muniment.cli.edge import run_safely
from muniment.errors import ConfigurationError
from muniment.evidence.layout import SnapshotAddress, VolumeAddress
from muniment.evidence.readers import FolderReader, ObjectReader
from muniment.evidence.verify import VerificationReport, verify
from muniment.records.names import AccountId, SeriesId, SnapshotId, VolumeId

SOUND, FINDINGS = 0, 1

DESCRIPTION = """\
Read every object again and compare it with its manifest.

  muniment verify FOLDER                      a folder that `snapshots fetch` wrote, or a copied vault
  muniment verify --agency claremont          the agency's whole vault
  muniment verify --agency claremont --account bluesky-city --series official-posts
                                              one account's series; add --volume, --snapshot to narrow

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
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(args: argparse.Namespace, open_vault: Callable[[str], ObjectReader] | None = None) -> int:
    """Verify what *args* name, print the report, and return the exit code.

    Raises:
        MunimentError: the place cannot be read at all.
    """
    report = verify(_reader(args, open_vault), _prefix(args), progress=None if args.json else _show_progress())
    print(json.dumps(_to_json(report), indent=2) if args.json else _to_text(report))
    return FINDINGS if report.findings else SOUND


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


def _show_progress() -> Callable[[int, int], None] | None:
    if not sys.stderr.isatty():
        return None

    def show(done: int, known: int) -> None:
        end = "\n" if done == known else ""
        print(f"\rread {done} of {known} objects", end=end, file=sys.stderr, flush=True)

    return show


def _to_json(report: VerificationReport) -> dict[str, object]:
    sentences = [{**asdict(finding), "sentence": finding.type.sentence} for finding in report.findings]
    return {**asdict(report), "sound": not report.findings, "findings": sentences}


def _to_text(report: VerificationReport) -> str:
    lines = [
        f"{report.snapshots} snapshot(s), {report.objects} object(s), {report.size_bytes:,} bytes under {report.scope}",
        *(f"checked:     {check}" for check in report.checks_made),
        *(f"not checked: {check}" for check in report.checks_not_made),
        *(f"latest:      {sha256}  {prefix}" for prefix, sha256 in report.heads),
    ]
    for finding in report.findings:
        lines += [f"{finding.code}  {finding.type.sentence}", f"      {finding.subject}", f"      {finding.detail}"]
    lines.append(
        f"{len(report.findings)} finding(s)" if report.findings else "Sound: every byte is what its manifest names."
    )
    return "\n".join(_plain(line) for line in lines)


def _plain(line: str) -> str:
    # A file's name may hold what a terminal obeys.
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in line)


def main() -> int:
    """Run the command by itself, over a folder."""
    parser = argparse.ArgumentParser(prog="python -m muniment.cli.verify")
    configure(parser)
    args = parser.parse_args()
    return run_safely("muniment verify", lambda: run(args))


if __name__ == "__main__":
    sys.exit(main())
