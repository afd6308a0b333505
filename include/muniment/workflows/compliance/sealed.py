"""The sealed report: one document with the report, its page and its tables as files, in the register's prefix."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from muniment.custody.vault import Vault
from muniment.errors import ConfigurationError, EvidenceError
from muniment.evidence.layout import register_key
from muniment.records.agency import Agency
from muniment.records.canonical import JsonValue, canonical_json
from muniment.records.names import VolumeId, format_instant
from muniment.workflows.compliance.page import render_page
from muniment.workflows.compliance.report import FORMAT, ComplianceReport
from muniment.workflows.registers import lock_until
from muniment.workflows.reports.files import render_table_csv

REGISTER = "compliance-reports"
PAGE, DATA = "report.html", "report.json"
_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class Document:
    """A sealed report: its key, and its files by name: the page, the JSON, a CSV for each table."""

    key: str
    month: str
    is_sound: bool
    files: dict[str, str]


def render_files(report: ComplianceReport) -> dict[str, str]:
    """Return the files of *report* by name."""
    data = json.dumps(report.to_json(), indent=2, ensure_ascii=False) + "\n"
    tables = {f"{table.id}.csv": render_table_csv(table) for table in report.tables}
    return {PAGE: render_page(report), DATA: data, **tables}


def report_key(report_month: str, run_at: datetime) -> str:
    """Return the key of the report on a month that a run of *run_at* (aware) seals: a run repeated seals it once."""
    return register_key(REGISTER, VolumeId(f"{run_at:%Y-%m}"), f"{report_month}-{run_at:%Y%m%dt%H%M%S}z")


def seal_report(vault: Vault, agency: Agency, report: ComplianceReport, key: str) -> None:
    """Seal *report* at *key*, locked as its series is.

    Raises:
        AlreadySealedError: another report is sealed there.
        CustodyError: the vault did not keep it.
    """
    files: dict[str, JsonValue] = {**render_files(report)}
    body = canonical_json(
        {
            "format": FORMAT,
            "agency": report.agency,
            "month": report.month,
            "made_at": format_instant(report.made_at),
            "sound": report.is_sound,
            "files": files,
        }
    )
    until = lock_until(agency, REGISTER, report.made_at)
    vault.seal_bytes(key, body, lock_until=until, content_type=_TYPE)


def read_document(vault: Vault, month: str | None = None) -> Document:
    """Return the latest sealed report, of *month* where it is given.

    Raises:
        ConfigurationError: none is sealed.
        EvidenceError: it is not of its form.
    """
    keys = [key for key in vault.list_keys(f"registers/{REGISTER}/") if month is None or _name(key).startswith(month)]
    if not keys:
        raise ConfigurationError(f"report: expected a sealed one of {month or 'any month'}, found none")
    return read_document_at(vault, max(keys, key=_name))


def read_document_at(vault: Vault, key: str) -> Document:
    """Return the report sealed at *key*.

    Raises:
        EvidenceError: it is not of its form.
        ObjectMissingError: there is none.
    """
    try:
        value = json.loads(vault.read(key))
    except ValueError:
        raise EvidenceError(f"{key}: expected JSON, found other bytes") from None
    if not isinstance(value, dict) or value.get("format") != FORMAT or not isinstance(value.get("files"), dict):
        raise EvidenceError(f"{key}: expected format {FORMAT}, found another")
    return Document(key, str(value["month"]), bool(value["sound"]), {str(k): str(v) for k, v in value["files"].items()})


def _name(key: str) -> str:
    return key.rsplit("/", 1)[-1]
