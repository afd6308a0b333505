"""The register of the doctor's examinations, and the gate that sealing passes through."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from muniment.custody.client import store_errors
from muniment.custody.doctor import PROBE_SET, DoctorReport
from muniment.custody.vault import Vault
from muniment.errors import CustodyError, StoreUnfitError
from muniment.evidence.digest import sha256_hex
from muniment.evidence.layout import register_key
from muniment.records.canonical import canonical_json
from muniment.records.names import VolumeId, format_instant

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

REGISTER = "store-checks"
FORMAT = "muniment.store-check/1"
_TYPE = "application/json"


def record_check(client: S3Client, report: DoctorReport, *, lock_until: datetime, into: str | None = None) -> str:
    """Write *report* into the bucket's register, locked until *lock_until* (aware); return its key.

    A failed report is written even where the store keeps no lock, so that it counts. That on
    a second store is entered in the vault, the bucket *into* of *client*.

    Raises:
        LockNotKeptError: the report is a pass, and its own lock did not hold.
        StoreUnavailableError: the store did not answer.
    """
    moment = report.examined_at.astimezone(UTC)
    event = f"{moment:%Y%m%dt%H%M%S%f}z-{_scope(report.endpoint, report.bucket, report.probe_set)}"
    key, body = register_key(REGISTER, VolumeId(f"{moment:%Y-%m}"), event), _render(report)
    try:
        Vault(client, into or report.bucket).seal_bytes(key, body, lock_until=lock_until, content_type=_TYPE)
    except CustodyError:
        if report.passed:
            raise
        with store_errors(f"{key}: write a failed check"):
            client.put_object(Bucket=into or report.bucket, Key=key, Body=body, ContentType=_TYPE)
    return key


def read_latest_check(register: Vault, endpoint: str, bucket: str) -> dict[str, Any] | None:
    """Return the latest report on *bucket* at *endpoint*, with today's probes, that the vault *register* holds.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    key = _find_latest(register, endpoint, bucket)
    event = None if key is None else json.loads(register.read(key))
    return event if isinstance(event, dict) and event.get("format") == FORMAT else None


def check_store_passed(vault: Vault) -> None:
    """Return when the latest examination of the vault's bucket, with today's probes, was passed.

    Raises:
        StoreUnfitError: there was none, or it was failed.
        StoreUnavailableError: the store did not answer.
    """
    where = f"bucket {vault.bucket} at {vault.endpoint}"
    key = _find_latest(vault, vault.endpoint, vault.bucket)
    if key is None:
        raise StoreUnfitError(f"{where}: expected a passed store check of probe set {PROBE_SET}, found none")
    event = json.loads(vault.read(key))
    if event.get("format") != FORMAT or event.get("passed") is not True:
        codes = ", ".join(sorted({finding["code"] for finding in event.get("findings", [])}))
        raise StoreUnfitError(f"{where}: expected its latest store check to be passed, found it failed with {codes}")


def _find_latest(vault: Vault, endpoint: str, bucket: str) -> str | None:
    ending = f"-{_scope(endpoint, bucket, PROBE_SET)}.json"
    for volume in reversed(vault.list_folders(f"registers/{REGISTER}/")):
        keys = [key for key in vault.list_keys(volume) if key.endswith(ending)]
        if keys:
            return keys[-1]
    return None


def _scope(endpoint: str, bucket: str, probe_set: str) -> str:
    return sha256_hex("\0".join((endpoint.rstrip("/"), bucket, probe_set)).encode())[:8]


def _render(report: DoctorReport) -> bytes:
    return canonical_json(
        {
            "format": FORMAT,
            "endpoint": report.endpoint,
            "bucket": report.bucket,
            "server": report.server,
            "probe_set": report.probe_set,
            "examined_at": format_instant(report.examined_at),
            "keys_tried": list(report.keys_tried),
            "passed": report.passed,
            "findings": [asdict(finding) for finding in report.findings],
            "notes": dict(report.notes),
        }
    )
