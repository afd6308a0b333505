"""The adopted versions of an agency's schedule, as its vault has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from muniment.custody.vault import Vault
from muniment.errors import ClosedGate, ConfigurationError
from muniment.evidence.findings import Finding
from muniment.records.agency import Agency
from muniment.records.schedule import RetentionSchedule
from muniment.register.load import RETENTION_FILE, read_schedule
from muniment.register.schedule_checks import retain_only_reason
from muniment.retention.schedules import ScheduleVersion, find_unadopted, fold_versions, version_at
from muniment.workflows.registers import SCHEDULES, read_events


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """What an agency's file says and what was adopted, as of one instant. `current` is None while nothing was."""

    versions: tuple[ScheduleVersion, ...]
    current: ScheduleVersion | None
    adopted: RetentionSchedule | None
    findings: tuple[Finding, ...]
    retain_only: str | None

    @property
    def other(self) -> RetentionSchedule | None:
        """Return the schedule in force where the file is another; None where the file is in force, or nothing is."""
        return self.adopted if self.findings else None

    def closed_gates(self, version: str) -> Iterator[ClosedGate]:
        """Find that *version*, which the file has, is not what was adopted: R020 where nothing was, R050 otherwise."""
        if self.current is None:
            yield ClosedGate("R020", version, "expected its adoption in the register of schedules, found none")
        for finding in self.findings:
            yield ClosedGate(finding.code, finding.subject, finding.detail)


def read_versions(vault: Vault) -> tuple[ScheduleVersion, ...]:
    """Return every adopted version of the schedule, the earliest first.

    Raises:
        EvidenceError: an event of the register is not of its form.
        StoreUnavailableError: the store did not answer.
    """
    return fold_versions(read_events(vault, SCHEDULES))


def read_in_force(agency: Agency, vault: Vault, at: datetime) -> InForce:
    """Return what is in force for *agency* at *at* (aware).

    Raises:
        AgencyFilesError: the text of an adopted version cannot be read any more.
        EvidenceError: an event of the register is not of its form.
        StoreUnavailableError: the store did not answer.
    """
    return in_force(agency, read_versions(vault), at)


def in_force(agency: Agency, versions: Sequence[ScheduleVersion], at: datetime) -> InForce:
    """Return the same from *versions*, which were read before.

    Raises:
        AgencyFilesError: the text of an adopted version cannot be read any more.
    """
    current = version_at(versions, at)
    known = {"version": agency.schedule.version, "sha256": agency.schedule_sha256}
    return InForce(
        versions=tuple(versions),
        current=current,
        adopted=None if current is None else schedule_of(current),
        findings=tuple(find_unadopted(versions, **known, at=at)),
        retain_only=retain_only_reason(agency.schedule),
    )


def schedule_of(version: ScheduleVersion) -> RetentionSchedule:
    """Return the schedule that was adopted as *version*.

    Raises:
        AgencyFilesError: its text cannot be read any more.
    """
    return read_schedule(f"adopted {version.version}/{RETENTION_FILE}", version.body.encode())


def read_schedule_file(path: Path) -> RetentionSchedule:
    """Return the schedule in the file at *path*.

    Raises:
        AgencyFilesError: it has faults.
        ConfigurationError: there is no such file.
    """
    if not path.is_file():
        raise ConfigurationError(f"{path}: expected a schedule, found no file")
    return read_schedule(f"{path.parent.name}/{path.name}", path.read_bytes())
