"""Copy: keep the second copy whole. Whatever is missing in it is copied, so that any run finishes what one left.

A run after a snapshot looks where snapshots, registers and the log grow; the nightly run looks
everywhere, and mends locks that grew since.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from muniment.custody.second_copy import compare, copy_object, mend_lock
from muniment.custody.vault import Vault
from muniment.custody.versions import StoredVersion
from muniment.errors import ConfigurationError, CustodyError, ObjectMissingError, StoreUnavailableError
from muniment.evidence.digest import sha256_hex
from muniment.evidence.findings import Finding
from muniment.evidence.layout import register_key
from muniment.records.canonical import canonical_json
from muniment.records.names import AgencyId, VolumeId, format_instant
from muniment.settings import Settings, read_settings
from muniment.workflows.check_store_units import weigh_units
from muniment.workflows.doctor import longest_lock, make_bucket
from muniment.workflows.excused import read_excused
from muniment.workflows.findings_register import open_findings
from muniment.workflows.history import list_pairs, list_volumes
from muniment.workflows.holds.copies import hold_copy
from muniment.workflows.wiring import (
    Workplace,
    now,
    open_keeper,
    open_second,
    open_second_keeper,
    open_workplace,
)

Json = dict[str, Any]

CHECK = "copy"
REGISTER = "second-copies"
FORMAT = "muniment.second-copy/1"
NO_SECOND = "no second copy: no second store is configured"
_AT_ONCE = 8  # objects copied side by side
_BATCH = 64
_SHARES = 4  # tasks that share the nightly run
_LATEST = 2  # volumes of an account and series that a run after a snapshot looks through


@dataclass(slots=True)
class _Tally:
    objects: int = 0
    copied: int = 0
    size_bytes: int = 0
    mended: int = 0
    findings: list[Finding] = field(default_factory=list)
    hold: Callable[[str], Finding | None] = lambda _key: None  # holds a copy as its original is held


def has_second(settings: Settings | None = None) -> bool:
    """Tell whether a second store is configured."""
    return (settings or read_settings()).second is not None


def plan_copy(agency_id: str, *, whole: bool) -> list[Json]:
    """Cut the copying into shares: everything where *whole*, else only where the vault grows.

    There is none when no second store is configured. The second bucket is made where it is not there.

    Raises:
        StoreUnfitError: the second bucket lacks Object Lock or versioning.
        StoreUnavailableError: a store did not answer; the second's silence is a finding.
    """
    place = open_workplace(agency_id)
    if place.settings.second is None:
        return []
    check_second(place, make=True)
    prefixes = sorted(weigh_units(place.vault)) if whole else _growing(place.vault)
    return [{"agency": agency_id, "prefixes": share, "whole": whole} for share in share_out(prefixes, whole=whole)]


def check_second(place: Workplace, *, make: bool) -> Vault:
    """Return the second copy when its bucket is there; where *make*, the bucket is made anew. A loss is a finding.

    Raises:
        ConfigurationError: no second store is configured.
        ObjectMissingError: the bucket is not there.
        StoreUnavailableError: the second store did not answer.
    """
    second = open_second(place.agency.id, place.settings)
    if second is None:
        raise ConfigurationError(NO_SECOND)
    try:
        second.list_folders("")
    except ObjectMissingError as error:
        # Before the first copying there is nothing to lose.
        if was_begun(place.vault, second):
            open_findings(place, [Finding("C001", second.bucket, str(error))], check=CHECK)
        if not make:
            raise
        _begin(place, second)
    except StoreUnavailableError as error:
        open_findings(place, [Finding("C001", second.bucket, str(error))], check=CHECK)
        raise
    return second


def copy_share(share: Json) -> Json:
    """Copy what is missing of *share* and read it back; enter in the register what could not be.

    Raises:
        CustodyError: something could not be copied and may be when it is tried again.
        StoreUnavailableError: a store did not answer.
    """
    place = open_workplace(share["agency"])
    second = open_second(AgencyId(share["agency"]), place.settings)
    if second is None:
        raise ConfigurationError(NO_SECOND)
    tally, excused = _Tally(hold=_find_holder(place)), read_excused(place.vault)
    place.settings.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with tempfile.TemporaryDirectory(prefix="copy-", dir=place.settings.scratch) as folder:
            for prefix in share["prefixes"]:
                if excused.is_going(prefix):
                    continue  # nothing that is being destroyed is copied back
                _copy_prefix(place.vault, second, prefix, Path(folder), tally, whole=share["whole"])
    finally:
        opened = open_findings(place, tally.findings, check=CHECK)
    return {
        "objects": tally.objects,
        "copied": tally.copied,
        "size_bytes": tally.size_bytes,
        "mended": tally.mended,
        "findings": sorted({finding.code for finding in tally.findings}),
        "failed": sum(1 for finding in tally.findings if finding.code == "C007"),
        "opened": opened,
    }


def _find_holder(place: Workplace) -> Callable[[str], Finding | None]:
    keeper, second = open_keeper(place.agency.id, place.settings), open_second_keeper(place.agency.id, place.settings)
    if second is None:
        raise ConfigurationError(NO_SECOND)
    return partial(hold_copy, keeper, second)


def check_copied(result: Json) -> None:
    """Return when nothing of a share is left that another try may copy.

    Raises:
        CustodyError: something is.
    """
    if result["failed"]:
        raise CustodyError(f"second copy: expected every object copied, found {result['failed']} that could not be")


def share_out(prefixes: list[str], *, whole: bool) -> list[list[str]]:
    """Deal *prefixes* out to the tasks of a run."""
    count = min(_SHARES if whole else 1, len(prefixes))
    return [prefixes[number::count] for number in range(count)]


def _growing(vault: Vault) -> list[str]:
    pairs = list_pairs(vault)
    volumes = [volume.prefix for pair in pairs for volume in list_volumes(vault, pair[1], pair[0])[:_LATEST]]
    registers = [month for name in vault.list_folders("registers/") for month in vault.list_folders(name)[-_LATEST:]]
    return sorted({*volumes, *registers, *vault.list_folders("log/")})


def _begin(place: Workplace, second: Vault) -> None:
    """Make the second bucket, and enter in the vault that there is one from now on."""
    store = place.settings.second
    if store is None:
        raise ConfigurationError(NO_SECOND)
    make_bucket(place.agency.id, store)
    if was_begun(place.vault, second):
        return
    moment = now()
    event = register_key(REGISTER, VolumeId(f"{moment:%Y-%m}"), f"{_scope(second)}-begun")
    value = {"format": FORMAT, "endpoint": second.endpoint, "bucket": second.bucket, "at": format_instant(moment)}
    until = longest_lock(place.agency, moment)
    place.vault.seal_bytes(event, canonical_json(value), lock_until=until, content_type="application/json")


def was_begun(vault: Vault, second: Vault) -> bool:
    """Tell whether something was ever copied to *second*.

    Raises:
        StoreUnavailableError: the vault's store did not answer.
    """
    return any(key.endswith(f"/{_scope(second)}-begun.json") for key in vault.list_keys(f"registers/{REGISTER}/"))


def _scope(second: Vault) -> str:
    return sha256_hex(f"{second.endpoint.rstrip('/')}\0{second.bucket}".encode())[:16]


def _copy_prefix(first: Vault, second: Vault, prefix: str, folder: Path, tally: _Tally, *, whole: bool) -> None:
    found = compare(first, second, prefix)
    tally.objects += len(found.missing) + len(found.both) + len(found.other_size)
    tally.findings += [Finding("C003", key, "expected as many bytes as in the vault") for key in found.other_size]

    def copy(record: StoredVersion) -> Finding | None:
        return copy_object(first, second, record.key, folder) or tally.hold(record.key)

    for start in range(0, len(found.missing), _BATCH):
        batch = list(_each(copy, found.missing[start : start + _BATCH]))
        tally.findings += [finding for _, finding in batch if finding is not None]
        done = [record for record, finding in batch if finding is None]
        tally.copied += len(done)
        tally.size_bytes += sum(record.size_bytes for record in done)
        if not done:
            second.list_folders("")  # raises where the store is down: then nobody tries the rest one by one
    if whole:
        _mend_locks(first, second, found.both, tally)


def _mend_locks(first: Vault, second: Vault, records: Iterable[StoredVersion], tally: _Tally) -> None:
    def mend(record: StoredVersion) -> tuple[bool, Finding | None]:
        return mend_lock(first, second, record.key)

    for _, (mended, finding) in _each(mend, records):
        tally.mended += mended
        tally.findings += [finding] if finding else []


def _each(act: Callable[[StoredVersion], Any], records: Iterable[StoredVersion]) -> Iterator[tuple[StoredVersion, Any]]:
    listed = list(records)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield from zip(listed, pool.map(act, listed), strict=True)
