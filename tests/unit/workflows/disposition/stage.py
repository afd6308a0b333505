"""A city with records that are due, officers, and the people who answer: everything a disposition needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from muniment.evidence.digest import sha256_hex
from muniment.evidence.layout import MANIFEST, PAGES, ROWS, SnapshotAddress, VolumeAddress, snapshot_id
from muniment.evidence.manifest import Manifest, SealedObject, parse_manifest
from muniment.evidence.register_event import RegisterEvent
from muniment.records.agency import Agency, Officer
from muniment.records.canonical import JsonValue
from muniment.records.names import AccountId, SeriesId, VolumeId, format_instant
from muniment.records.schedule import Action, Adoption
from muniment.retention.dispositions import Disposition
from muniment.retention.gates import RecordedResponse
from muniment.retention.locks import compute_volume_lock
from muniment.settings import read_settings
from muniment.workflows.disposition.answers import record_in
from muniment.workflows.disposition.authorize import authorize_in
from muniment.workflows.disposition.destroy import destroy_in
from muniment.workflows.disposition.doors import Doors
from muniment.workflows.disposition.propose import Asking, propose_in
from muniment.workflows.disposition.scene import Scene
from muniment.workflows.planning import open_agency
from muniment.workflows.registers import enter
from tests.unit.evidence.vault_folder import build_manifest

COMMENTS, POSTS = SeriesId("public-comments"), SeriesId("official-posts")
ACCOUNTS = (AccountId("bluesky-city"), AccountId("mastodon-city"))
STEPS = ("department-head", "city-clerk", "city-attorney", "city-council")
PEOPLE = dict(zip(STEPS, ("dana", "clara", "adam", "carol"), strict=True))
PROPOSER, RUN, DAG = "olive", "manual__1", "dispose_records_claremont"
PAPER = "ab" * 32
EXCLUSIONS = ("gc-34090-a", "gc-34090-b", "gc-34090-c", "gc-34090-d", "gc-34090-e")
NONE_EXCLUDED = dict.fromkeys(EXCLUSIONS, False)


def make_agency() -> Agency:
    """Load the demonstration city with an adopted schedule and its officers."""
    agency = open_agency("claremont")
    schedule = replace(agency.schedule, adoption=Adoption(resolution="2026-77", adopted_on=date(2026, 12, 1)))
    officers = tuple(
        Officer(
            sign_in=name,
            name=name.title(),
            title=office.replace("-", " ").title(),
            office=office,
            granted_by="City Manager",
            document="Appointment",
            valid_from=date(2020, 1, 1),
        )
        for office, name in PEOPLE.items()
    )
    return replace(agency, schedule=schedule, officers=officers)


@dataclass
class Stage:
    """One city, its two copies, and a clock. What people answered is in `answered`, as the engine recorded it."""

    agency: Agency
    vault: Any
    second: Any
    shredders: dict[str, Any]
    clock: Callable[[], datetime]
    pass_time: Callable[[str], None]  # moves or waits until an instant
    dead: Callable[[], tuple[Any, Any]]  # a second copy, and its shredder, that do not answer
    put: Callable[[str, str, bytes], None]  # a version behind everybody's back: copy, key, bytes
    lock: Callable[[str, str], None]  # an object again: copy, key
    hold: Callable[[str, str], None]  # an object on the store: copy, key
    most: int = 500
    run: str = RUN
    answered: dict[tuple[str, str, str], RecordedResponse] = field(default_factory=dict)
    manifests: dict[str, Manifest] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)

    @property
    def scene(self) -> Scene:
        return Scene(agency=self.agency, vault=self.vault, second=self.second)

    @property
    def doors(self) -> Doors:
        return Doors(
            scene=self.scene,
            shredders=self.shredders,
            recorded=lambda *ids: self.answered.get(ids),
            now=self.clock,
            wait=self.waits.append,
            most=self.most,
        )

    def adopt(self, sha256: str | None = None) -> None:
        """Enter that the schedule's file, or one with *sha256*, was adopted: from now on it is in force."""
        schedule, adoption = self.agency.schedule, self.agency.schedule.adoption
        assert adoption is not None
        facts: dict[str, JsonValue] = {
            "body": (read_settings().agencies / self.agency.id / "retention.yaml").read_text("utf-8"),
            "sha256": sha256 or self.agency.schedule_sha256,
            "adoption": {"resolution": adoption.resolution, "adopted_on": adoption.adopted_on.isoformat()},
            "effective_at": format_instant(self.clock()),
        }
        self.enter("schedules", "adopted", f"{schedule.version}{'-other' if sha256 else ''}", facts)

    def seal_volume(
        self, address: VolumeAddress, until: datetime, *, snapshots: int = 2, media: int = 1, body: bytes = b""
    ) -> list[str]:
        """Seal a volume in both copies, its objects locked *until*; return its keys."""
        keys: list[str] = []
        before: Manifest | None = None
        for number in range(snapshots):
            day = datetime.fromisoformat(f"{address.volume}-{number % 27 + 1:02}T12:00:00+00:00")
            place = SnapshotAddress(address, snapshot_id(f"run {number}", day, address.series, address.account))
            bodies = {place.key(name): place.key(name).encode() + body for name in (PAGES, ROWS)}
            pictures = [f"picture {n} of {place.prefix}".encode() + body for n in range(media)]
            bodies |= {address.media_key(sha256_hex(picture)): picture for picture in pictures}
            objects = tuple(self._seal(key, content, until) for key, content in bodies.items())
            manifest = self._manifest(place, objects, before)
            self._seal(place.key(MANIFEST), manifest.to_bytes(), until)
            before = parse_manifest(manifest.to_bytes())
            self.manifests[place.key(MANIFEST)] = before
            keys += [*bodies, place.key(MANIFEST)]
        return keys

    def _manifest(self, place: SnapshotAddress, objects: tuple[SealedObject, ...], before: Manifest | None) -> Manifest:
        lock = compute_volume_lock(place.volume.volume, place.volume.series, self.agency)
        shown = tuple(replace(item, locked_until=max(item.locked_until, lock.locked_until)) for item in objects)
        made = build_manifest(place, shown, before)
        return replace(made, agency=self.agency.id, zone=self.agency.zone, retention=lock)

    def _seal(self, key: str, body: bytes, until: datetime) -> SealedObject:
        for copy in filter(None, (self.second, self.vault)):
            sealed = copy.seal_bytes(key, body, lock_until=until, content_type="application/octet-stream")
        return sealed

    def propose(self, *addresses: VolumeAddress, **changes: Any) -> dict[str, Any]:
        asking = Asking(
            volumes=tuple(address.prefix for address in addresses),
            action=changes.pop("action", Action.DESTROY.value),
            reason=changes.pop("reason", "No longer required."),
            answers=changes.pop("answers", NONE_EXCLUDED),
            by=changes.pop("by", PROPOSER),
            dag_run=self.run,
        )
        assert not changes
        return propose_in(self.scene, asking, self.clock())

    def respond(self, step: str, **changes: Any) -> RecordedResponse:
        """Make the response of whoever holds the step's office, and have the engine record it."""
        response = RecordedResponse(
            dag_id=DAG,
            run_id=self.run,
            task_id=step,
            responded_by=PEOPLE.get(step),
            responded_at=format_instant(self.clock()),
            chosen=("Approve",),
            params={"reason": "In order.", "document_sha256": PAPER, "reference": "Resolution 2027-3"},
        )
        response = replace(response, **changes)
        self.answered[response.dag_id, response.run_id, response.task_id] = response
        return response

    def answer(self, disposition: str, step: str, **changes: Any) -> dict[str, Any]:
        response = self.respond(step, **changes)
        return record_in(self.scene, disposition, step, answer=response, moment=self.clock())

    def approve(self, disposition: str, steps: Iterable[str] = STEPS) -> None:
        for step in steps:
            self.answer(disposition, step)

    def authorize(self, disposition: str) -> dict[str, Any]:
        return authorize_in(self.scene, disposition, self.clock())

    def ready(self, *addresses: VolumeAddress, **changes: Any) -> str:
        """Propose, approve, authorize, and let the days of grace pass; return the disposition's id."""
        disposition = str(self.propose(*addresses, **changes)["disposition"])
        self.approve(disposition)
        self.pass_time(self.authorize(disposition)["grace_until"])
        return disposition

    def destroy(self, disposition: str) -> dict[str, Any]:
        return destroy_in(self.doors, disposition)

    def change_row(self, series: SeriesId, **changes: Any) -> None:
        """Have the schedule in force say something else of *series*; its hash stays."""
        schedule = self.agency.schedule
        rows = tuple(replace(row, **changes) if row.series == series else row for row in schedule.rows)
        self.agency = replace(self.agency, schedule=replace(schedule, rows=rows))

    def change_profile(self, **changes: Any) -> None:
        """Have the profile in force say something else; the schedule's hash stays."""
        profile = replace(self.scene.profile(), **changes)
        self.agency = replace(self.agency, schedule=replace(self.agency.schedule, disposition=profile))

    def change_officer(self, sign_in: str, **changes: Any) -> None:
        """Have the agency's files say something else of an officer."""
        officers = tuple(replace(one, **changes) if one.sign_in == sign_in else one for one in self.agency.officers)
        self.agency = replace(self.agency, officers=officers)

    def lose_second(self) -> None:
        """Have the second store answer no more."""
        self.second, shredder = self.dead()
        self.shredders = {**self.shredders, "second": shredder}

    def forge_authorization(self, disposition: str) -> None:
        """Enter that it was authorized, as somebody might who can write registers and mark tasks as done."""
        moment = self.clock()
        self.scene.enter(disposition, "authorized", {"grace_until": format_instant(moment)}, at=moment)

    def read(self, disposition: str) -> Disposition:
        return self.scene.read(disposition)

    def enter(self, register: str, event: str, subject: str, facts: Mapping[str, JsonValue]) -> None:
        """Enter an event that another part of the product would."""
        moment = self.clock()
        name = f"{subject}-{event}-{moment:%Y%m%dt%H%M%S%f}z"
        told = RegisterEvent(
            register=register,
            id=name,
            event=event,
            subject=subject,
            at=format_instant(moment),
            by="somebody",
            facts=facts,
        )
        enter(self.vault, self.agency, told)

    def place_matter(self, matter: str, kind: str, address: VolumeAddress) -> None:
        facts: dict[str, JsonValue] = {
            "kind": kind,
            "title": "A matter",
            "notice": {
                "attorney": "adam",
                "contact": "adam@claremont.example",
                "authority": "A demand",
                "number": None,
                "acknowledge_by": None,
                "confidentiality": None,
            },
            "custodians": [],
            "scope": {
                "accounts": [address.account],
                "series": [address.series],
                "captured_from": f"{address.volume}-01",
                "captured_until": f"{address.volume}-28",
                "persons": [],
                "search": None,
                "future": True,
            },
        }
        self.enter("holds", "placed", matter, facts)

    def versions(self, *addresses: VolumeAddress) -> list[tuple[str, str, str]]:
        """Return every version of the volumes in both copies."""
        return sorted(
            (copy, one.key, one.name.version_id)
            for copy, shredder in self.shredders.items()
            for address in addresses
            for one in shredder.list_versions(address.prefix)
        )


def volume(month: str = "2022-03", account: AccountId = ACCOUNTS[0], series: SeriesId = COMMENTS) -> VolumeAddress:
    return VolumeAddress(series, account, VolumeId(month))
