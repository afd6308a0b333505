"""The faults of all agencies' files, in one error."""

from __future__ import annotations

from muniment.errors import ConfigurationError, MunimentError
from muniment.workflows import planning


def check_agency_files() -> None:
    """Return when every agency can be scheduled.

    Raises:
        ConfigurationError: one or more cannot; the message holds the faults of each.
    """
    faults = [fault for agency_id in planning.agency_ids() if (fault := _fault_or_none(agency_id))]
    if faults:
        raise ConfigurationError("\n".join(faults))


def _fault_or_none(agency_id: str) -> str | None:
    try:
        planning.agency_timetable(agency_id)
    except MunimentError as error:
        return str(error)
    return None
