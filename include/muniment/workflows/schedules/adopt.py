"""Adopting a schedule: a decision that is sealed, and never taken unseen."""

from __future__ import annotations

from muniment.errors import AlreadySealedError, ScheduleError
from muniment.evidence.digest import sha256_hex
from muniment.evidence.register_event import RegisterEvent
from muniment.records.agency import Agency
from muniment.records.canonical import JsonValue
from muniment.records.names import format_instant
from muniment.records.schedule import Adoption
from muniment.register.load import RETENTION_FILE, load_agency
from muniment.retention.schedules import ADOPTED
from muniment.settings import Settings, read_settings
from muniment.workflows.planning import check_agency
from muniment.workflows.registers import SCHEDULES, enter
from muniment.workflows.schedules.preview import Preview, preview_change
from muniment.workflows.schedules.versions import InForce, read_in_force
from muniment.workflows.wiring import Workplace, now, open_vault, open_workplace

_NAME_MAX = 100


def adopt_schedule(
    agency_id: str, *, by: str, preview_sha256: str, settings: Settings | None = None
) -> tuple[RegisterEvent, Preview]:
    """Seal that the agency's file was adopted, and by whom; from now on it is in force.

    Raises:
        AgencyFilesError: the files have faults.
        ScheduleError: the file names no act, is in force already or under a version's name, the
            preview is not today's, or a volume would lose its row.
        CustodyError: the vault did not keep it.
    """
    place, body = _open_checked(agency_id, settings or read_settings())
    moment = now()
    known = read_in_force(place.agency, place.vault, moment)
    adoption = _check_new(place.agency, known, by)
    preview = preview_change(place, against=known.adopted)
    _check_seen(preview, preview_sha256)
    event = RegisterEvent(
        register=SCHEDULES,
        # Numbered, so that of two who adopt at once only one does.
        id=f"{ADOPTED}-{len(known.versions) + 1:04}",
        event=ADOPTED,
        subject=place.agency.schedule.version,
        at=format_instant(moment),
        by=by,
        facts={
            "body": body,
            "sha256": place.agency.schedule_sha256,
            "adoption": {"resolution": adoption.resolution, "adopted_on": adoption.adopted_on.isoformat()},
            "effective_at": format_instant(moment),
            "preview": _facts_of(preview),
        },
    )
    try:
        enter(place.vault, place.agency, event)
    except AlreadySealedError:
        raise ScheduleError(f"schedule of {agency_id}: expected to adopt it alone, found another adoption") from None
    return event, preview


def preview_against_adopted(agency_id: str, settings: Settings | None = None) -> tuple[Preview, InForce]:
    """Compare the agency's file with what was adopted last, as `adopt_schedule` will.

    Raises:
        AgencyFilesError: the files have faults.
        EvidenceError: an event of a register is not of its form.
        StoreUnavailableError: the store did not answer.
    """
    place = open_workplace(agency_id, settings)
    known = read_in_force(place.agency, place.vault, now())
    return preview_change(place, against=known.adopted), known


def read_standing(agency_id: str, settings: Settings | None = None) -> InForce:
    """Return what is in force for the agency now.

    Raises:
        AgencyFilesError: the files have faults.
        EvidenceError: an event of the register is not of its form.
        StoreUnavailableError: the store did not answer.
    """
    place = open_workplace(agency_id, settings)
    return read_in_force(place.agency, place.vault, now())


def _open_checked(agency_id: str, settings: Settings) -> tuple[Workplace, str]:
    check_agency(agency_id, settings)
    folder = settings.agencies / agency_id
    body = (folder / RETENTION_FILE).read_bytes()
    agency = load_agency(folder, simulator=settings.simulator, today=now().date())
    if sha256_hex(body) != agency.schedule_sha256:
        raise ScheduleError(f"schedule of {agency_id}: expected a file that stays as it is, found it changed meanwhile")
    return Workplace(settings, agency, open_vault(agency_id, settings)), body.decode()


def _check_new(agency: Agency, known: InForce, by: str) -> Adoption:
    about = f"schedule {agency.schedule.version} of {agency.id}"
    if not by.strip() or not by.isprintable() or len(by) > _NAME_MAX:
        raise ScheduleError(f"{about}: expected the name of whoever adopts it, {_NAME_MAX} characters at most")
    if agency.schedule.adoption is None:
        raise ScheduleError(f"{about}: expected the act that adopted it in {RETENTION_FILE}, found adoption: null")
    if known.current is not None and known.current.sha256 == agency.schedule_sha256:
        raise ScheduleError(f"{about}: expected a changed file, found the one that is in force")
    if any(version.version == agency.schedule.version for version in known.versions):
        raise ScheduleError(f"{about}: expected a version of another name, found one that was adopted before")
    return agency.schedule.adoption


def _check_seen(preview: Preview, preview_sha256: str) -> None:
    about = f"schedule {preview.after} of {preview.agency}"
    if preview.sha256 != preview_sha256:
        raise ScheduleError(f"{about}: expected the SHA-256 of today's preview, {preview.sha256}, found another")
    if preview.lost:
        first = preview.lost[0].address.prefix
        raise ScheduleError(
            f"{about}: expected a row for every volume, found {len(preview.lost)} without, {first} first"
        )


def _facts_of(preview: Preview) -> dict[str, JsonValue]:
    counts: dict[str, JsonValue] = {**preview.counts}
    return {"before": preview.before, "counts": counts, "sha256": preview.sha256}
