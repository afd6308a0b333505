"""The doctor: proves on a configured store, with throwaways, that a lock is a lock.

It never stops at the first fault. A probe that cannot be carried out counts as failed.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from muniment.custody.client import connect_anonymously, store_errors
from muniment.custody.probes import bucket as bucket_probes
from muniment.custody.probes import deletion, retention, writing
from muniment.custody.probes.bench import PREFIX, Bench, is_refused, read_clock_offset
from muniment.errors import CustodyError
from muniment.evidence.findings import Finding

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PROBE_SET = "2"  # raised whenever a probe is added or asks for more: an older pass no longer counts
LOCK_S = 20  # long enough for a slow store's answers, short enough to leave nothing behind

Probe = Callable[[Bench], Iterator[Finding]]

PROBES: tuple[tuple[str, Probe], ...] = (
    ("D001", bucket_probes.find_missing_lock),
    ("D002", deletion.find_early_deletion),
    ("D003", deletion.find_bypass),
    ("D004", deletion.find_bulk_deletion),
    ("D005", retention.find_downgrade),
    ("D006", retention.find_shortening),
    ("D007", deletion.find_overwriting),
    ("D008", bucket_probes.find_suspension),
    ("D009", bucket_probes.find_expiry_rules),
    ("D010", retention.find_inexact_locks),
    ("D011", retention.find_no_extension),
    ("D011", deletion.find_hold_ignored),
    ("D012", writing.find_unchecked_bytes),
    ("D013", bucket_probes.find_open_doors),
    ("D014", retention.find_wrapped_dates),
    ("D014", writing.find_unchecked_md5),
    ("D014", writing.find_second_writer),
    ("D015", bucket_probes.find_free_hands),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorReport:
    """What one examination found. `examined_at` is aware UTC; `notes` say what is no fault."""

    endpoint: str
    bucket: str
    server: str
    probe_set: str
    examined_at: datetime
    keys_tried: tuple[str, ...]
    findings: tuple[Finding, ...]
    notes: Mapping[str, str]

    @property
    def passed(self) -> bool:
        """Tell whether nothing was found that stops a seal."""
        return not any(finding.type.stops_seal for finding in self.findings)


def examine(
    operator: S3Client, bucket: str, *, administrator: S3Client | None = None, lock_s: int = LOCK_S
) -> DoctorReport:
    """Try every probe on *bucket*, with the operator's key and the *administrator*'s where given.

    Raises:
        ObjectMissingError: there is no such bucket.
        StoreUnavailableError: the store did not answer.
    """
    keys = {"operator": operator} | ({"administrator": administrator} if administrator else {})
    offset = read_clock_offset(operator, bucket)
    bench = Bench(
        bucket=bucket,
        operator=operator,
        keys=keys,
        stranger=connect_anonymously(operator.meta.endpoint_url, operator.meta.region_name),
        run=secrets.token_hex(8),
        lock_s=lock_s,
        clock_offset=offset,
    )
    findings = tuple(finding for code, probe in PROBES for finding in _carry_out(code, probe, bench))
    _sweep(bench)
    return DoctorReport(
        endpoint=operator.meta.endpoint_url,
        bucket=bucket,
        server=_server(operator, bucket),
        probe_set=PROBE_SET,
        examined_at=datetime.now(UTC),
        keys_tried=tuple(keys),
        findings=findings,
        notes={"store clock ahead by seconds": str(int(offset.total_seconds())), "lock seconds": str(lock_s)},
    )


def _carry_out(code: str, probe: Probe, bench: Bench) -> Iterator[Finding]:
    try:
        yield from probe(bench)
    except CustodyError as error:
        yield Finding(code, bench.bucket, f"could not be tried: {error}")


def _server(client: S3Client, bucket: str) -> str:
    with store_errors(f"{bucket}: ask the store's name"):
        return client.head_bucket(Bucket=bucket)["ResponseMetadata"]["HTTPHeaders"].get("server", "unnamed")


def _sweep(bench: Bench) -> None:
    """Remove throwaways, of this examination and earlier ones, that no lock keeps any more."""
    with store_errors(f"{bench.bucket}: list throwaways"):
        pages = list(bench.operator.get_paginator("list_object_versions").paginate(Bucket=bench.bucket, Prefix=PREFIX))
    for page in pages:
        for found in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
            _remove(bench, found["Key"], found["VersionId"])


def _remove(bench: Bench, key: str, version_id: str) -> None:
    if not key.startswith(PREFIX):
        raise CustodyError(f"{key}: expected a throwaway under {PREFIX}")
    is_refused(bench.operator.delete_object, Bucket=bench.bucket, Key=key, VersionId=version_id)
