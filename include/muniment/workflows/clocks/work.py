"""What the lengthening of locks looks at: a volume or a month of a register, its sum, and whether anything is to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from muniment.errors import RetentionError
from muniment.evidence.findings import Finding
from muniment.evidence.layout import VolumeAddress, is_volume
from muniment.records.agency import Agency
from muniment.records.names import AccountId, VolumeId, format_instant
from muniment.records.schedule import PERMANENT, Cutoff, LockMode, ScheduleRow, TriggerEvent
from muniment.records.series import REGISTER_SERIES
from muniment.retention.clock import DueSum
from muniment.retention.cutoffs import day_point, form_of
from muniment.workflows.clocks.known import Known, read_states
from muniment.workflows.registers import lock_until
from muniment.workflows.volumes import VolumeState, parse_prefix, read_volume
from muniment.workflows.wiring import Workplace

REGISTERS = "registers/"
ALARM_AHEAD = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What lies under `prefix`: its state, and its sum, None where none can be made; then `why` says why."""

    prefix: str
    state: VolumeState
    due: DueSum | None
    why: str = ""


def list_work(place: Workplace, known: Known) -> Iterator[Work]:
    """Yield every volume and register month whose locks must grow, or end soon with no date to grow to.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    units = (_weigh(known, state, known.row(state.address)) for state in read_states(place))
    months = (_read_month(place, known, prefix) for prefix in _list_months(place, known))
    for work in (*units, *months):
        if work is not None and _is_needed(known, work):
            yield work


def read_work(place: Workplace, known: Known, prefix: str) -> Work | None:
    """Return what lies under *prefix* as it is now; None where nothing does any more.

    Raises:
        StoreUnavailableError: the store did not answer.
    """
    if prefix.startswith(REGISTERS):
        return _read_month(place, known, prefix)
    state = read_volume(place.vault, parse_prefix(prefix))
    return None if state is None else _weigh(known, state, known.row(state.address))


def alarm_of(known: Known, work: Work) -> Finding | None:
    """Return R001 where the locks end soon and there is no date to lengthen them to, or they did not grow."""
    due, until = work.due, known.locked_until(work.state)
    if due is not None and (due.due_at is not None or until == due.lock_until):
        return None
    # A lock that is rolled half its short period ahead is never as far off as an alarm in days.
    window = ALARM_AHEAD if due is None else min(ALARM_AHEAD, (due.lock_until - known.at) / 2)
    if until is not None and until - known.at > window:
        return None
    why = work.why or "its locks did not grow"
    ends = f"the locks end {format_instant(until)}" if until else "how long the locks last cannot be told"
    return Finding("R001", work.prefix, f"expected a date to keep it until, found that {why}; {ends}")


def _weigh(known: Known, state: VolumeState, row: ScheduleRow | None, prefix: str | None = None) -> Work | None:
    prefix = prefix or state.address.prefix
    if row is None:
        why = f"the schedule has no row for {state.address.series}"
        return Work(prefix=prefix, state=state, due=None, why=why)
    if row.lock_mode is LockMode.NONE:
        return None  # it may not lie under a lock
    try:
        return Work(prefix=prefix, state=state, due=known.sum_of(state, row))
    except RetentionError as error:
        return Work(prefix=prefix, state=state, due=None, why=str(error))


def _is_needed(known: Known, work: Work) -> bool:
    until = known.locked_until(work.state)
    if work.due is None:
        return alarm_of(known, work) is not None
    # What is past needs no lock any more: a store refuses one that has ended.
    return work.due.lock_until > known.at and (until is None or until < work.due.lock_until)


def _list_months(place: Workplace, known: Known) -> Iterator[str]:
    """Yield the months of the registers whose locks are rolled; those with a date are sealed until it."""
    for folder in place.vault.list_folders(REGISTERS):
        row = _register_row(known.agency, _name(folder))
        if row is not None and (row.period == PERMANENT or row.starts is not TriggerEvent.CUTOFF):
            yield from place.vault.list_folders(folder)


def _register_row(agency: Agency, register: str) -> ScheduleRow | None:
    """Return the row that governs *register*; one of no series is kept as what is kept longest."""
    series, rows = REGISTER_SERIES.get(register), agency.schedule.rows
    row = next((row for row in rows if row.period == PERMANENT), None)
    found = row if series is None else agency.schedule.row_for(series) or row
    # An exercise keeps its registers for seconds too, and nothing of it is rolled.
    return None if found is None or found.cutoff is Cutoff.UTC_MINUTE else found


def _read_month(place: Workplace, known: Known, prefix: str) -> Work | None:
    register, month = _name(prefix.rsplit("/", 2)[0]), VolumeId(_name(prefix))
    row = _register_row(known.agency, register)
    if row is None or not is_volume(month) or form_of(month) is not Cutoff.CALENDAR_MONTH:
        return None
    records = list(place.vault.list_objects(prefix))
    begins = day_point(date(int(month[:4]), int(month[5:]), 1), known.agency.zone).at
    # The month is by UTC: its first hours may be the local month before, whose locks end a month earlier, but long
    # after the first rolling.
    sealed = lock_until(known.agency, register, begins)
    state = VolumeState(
        address=VolumeAddress(row.series, AccountId(register), month),
        snapshots=0,
        objects=len(records),
        size_bytes=sum(record.size_bytes for record in records),
        sealed_until=sealed,
        least_until=sealed,
        first_taken=begins,
        last_taken=begins,
    )
    return _weigh(known, state, row, prefix) if records else None


def _name(prefix: str) -> str:
    return prefix.rstrip("/").rsplit("/", 1)[-1]
