"""One case for each way in which a gate is closed: what is done to a stage, and the code that must be named.

Each case is given a volume of its own, sealed in both copies and due, and ends in what should
have destroyed it. Run in memory and against real stores.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from muniment.errors import GateError
from muniment.evidence.layout import VolumeAddress
from muniment.records.names import format_instant
from muniment.records.schedule import PERMANENT, Floor
from muniment.retention.frozen_list import SECOND, VAULT
from tests.unit.workflows.disposition.stage import COMMENTS, NONE_EXCLUDED, PAPER, PEOPLE, PROPOSER, STEPS, Stage

Case = Callable[[Stage, VolumeAddress], None]
CASES: dict[str, tuple[str, Case]] = {}
OTHER_PAPER = "cd" * 32
IN_ORDER = {"reason": "In order.", "document_sha256": PAPER, "reference": "Resolution 2027-3"}


def gate(code: str, name: str) -> Callable[[Case], Case]:
    def keep(case: Case) -> Case:
        assert name not in CASES
        CASES[name] = (code, case)
        return case

    return keep


class WithoutSchedules:
    """A vault whose register of schedules is empty."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def list_objects(self, prefix: str) -> Any:
        return iter(()) if prefix.startswith("registers/schedules/") else self.inner.list_objects(prefix)

    def list_keys(self, prefix: str) -> Any:
        return (one.key for one in self.list_objects(prefix))


def codes_of(stage: Stage, address: VolumeAddress, case: Case) -> set[str]:
    """Run *case*, and return the codes of the gates that stopped it."""
    try:
        case(stage, address)
    except GateError as error:
        return {found.code for found in error.findings}
    return set()


# Closed already when it is proposed.


@gate("R020", "the schedule was not adopted")
def _(stage: Stage, address: VolumeAddress) -> None:
    stage.agency = replace(stage.agency, schedule=replace(stage.agency.schedule, adoption=None))
    stage.propose(address)


@gate("R020", "the agency has no disposition profile")
def _(stage: Stage, address: VolumeAddress) -> None:
    stage.agency = replace(stage.agency, schedule=replace(stage.agency.schedule, disposition=None))
    stage.propose(address)


@gate("R020", "the adoption was never entered in the register")
def _(stage: Stage, address: VolumeAddress) -> None:
    stage.vault = WithoutSchedules(stage.vault)
    stage.propose(address)


@gate("R050", "the schedule's file is not the one that was adopted")
def _(stage: Stage, address: VolumeAddress) -> None:
    stage.agency = replace(stage.agency, schedule_sha256="2" * 64)
    stage.propose(address)


@gate("R021", "the records are under the floor")
def _(stage: Stage, address: VolumeAddress) -> None:
    stage.change_profile(floor=Floor(period="P50Y", authority="California Government Code 34090(d)"))
    stage.propose(address)


@gate("R022", "the records are not due")
def _(stage: Stage, address: VolumeAddress) -> None:
    stage.change_row(COMMENTS, period="P50Y")
    stage.propose(address)


@gate("R022", "the records are kept for ever")
def _(stage: Stage, address: VolumeAddress) -> None:
    stage.change_row(COMMENTS, period=PERMANENT)
    stage.propose(address)


for _kind, _code in (
    ("litigation", "R023"),
    ("records-request", "R024"),
    ("claim", "R025"),
    ("audit", "R025"),
    ("ceqa", "R025"),
):

    def _proposed(stage: Stage, address: VolumeAddress, kind: str = _kind) -> None:
        stage.place_matter(f"matter-{kind}", kind, address)
        stage.propose(address)

    def _in_grace(stage: Stage, address: VolumeAddress, kind: str = _kind) -> None:
        disposition = stage.ready(address)
        stage.place_matter(f"matter-{kind}-late", kind, address)
        stage.destroy(disposition)

    gate(_code, f"an open {_kind} when it is proposed")(_proposed)
    gate(_code, f"an open {_kind} placed in the days of grace")(_in_grace)


@gate("R026", "an exclusion was not answered")
def _(stage: Stage, address: VolumeAddress) -> None:
    stage.propose(address, answers={key: False for key in NONE_EXCLUDED if key != "gc-34090-c"})


@gate("R027", "an exclusion applies")
def _(stage: Stage, address: VolumeAddress) -> None:
    stage.propose(address, answers=NONE_EXCLUDED | {"gc-34090-b": True})


@gate("R036", "the second copy does not answer when it is proposed")
def _(stage: Stage, address: VolumeAddress) -> None:
    stage.lose_second()
    stage.propose(address)


@gate("R036", "there is no second copy")
def _(stage: Stage, address: VolumeAddress) -> None:
    stage.second, stage.shredders = None, {VAULT: stage.shredders[VAULT]}
    stage.propose(address)


@gate("R036", "the second copy lacks an object")
def _(stage: Stage, address: VolumeAddress) -> None:
    stage.put(VAULT, address.media_key("f" * 64), b"never copied")
    stage.propose(address)


@gate("R040", "the row does not allow a transfer")
def _(stage: Stage, address: VolumeAddress) -> None:
    stage.propose(address, action="transfer")


@gate("R041", "nothing is on the list")
def _(stage: Stage, address: VolumeAddress) -> None:
    stage.propose()


@gate("R041", "the volume holds no snapshot")
def _(stage: Stage, address: VolumeAddress) -> None:
    stage.propose(replace(address, volume="1999-01"))


@gate("R041", "the volumes are of two rows")
def _(stage: Stage, address: VolumeAddress) -> None:
    stage.propose(address, replace(address, series="official-posts"))


@gate("R042", "another disposition has the volume")
def _(stage: Stage, address: VolumeAddress) -> None:
    stage.propose(address)
    stage.run += "-another"
    stage.propose(address)


# An answer that cannot be taken.


def _to_step(stage: Stage, address: VolumeAddress, step: str, **changes: Any) -> str:
    """Propose, and answer every step before *step*; return the disposition's id."""
    disposition = str(stage.propose(address, **changes)["disposition"])
    stage.approve(disposition, STEPS[: STEPS.index(step)])
    return disposition


@gate("R029", "a step is answered before its turn")
def _(stage: Stage, address: VolumeAddress) -> None:
    stage.answer(_to_step(stage, address, "city-clerk"), "city-council")


@gate("R029", "no choice was made")
def _(stage: Stage, address: VolumeAddress) -> None:
    stage.answer(_to_step(stage, address, "city-clerk"), "city-clerk", chosen=("Approve", "Reject"))


@gate("R028", "another list was signed")
def _(stage: Stage, address: VolumeAddress) -> None:
    stage.answer(_to_step(stage, address, "department-head"), "department-head", params={"list_sha256": OTHER_PAPER})


@gate("R031", "an answer came after the list was valid")
def _(stage: Stage, address: VolumeAddress) -> None:
    disposition = _to_step(stage, address, "city-clerk")
    stage.pass_time(format_instant(stage.clock() + timedelta(days=31)))
    stage.answer(disposition, "city-clerk")


@gate("R032", "somebody answered who holds no office")
def _(stage: Stage, address: VolumeAddress) -> None:
    stage.answer(_to_step(stage, address, "city-clerk"), "city-clerk", responded_by="mallory")


@gate("R032", "somebody answered who holds another office")
def _(stage: Stage, address: VolumeAddress) -> None:
    stage.answer(_to_step(stage, address, "city-clerk"), "city-clerk", responded_by=PEOPLE["city-attorney"])


@gate("R032", "an officer answered after the end of the office")
def _(stage: Stage, address: VolumeAddress) -> None:
    stage.change_officer(PEOPLE["city-clerk"], valid_until=date(2026, 1, 1))
    stage.answer(_to_step(stage, address, "city-clerk"), "city-clerk")


@gate("R033", "the one who proposed approves")
def _(stage: Stage, address: VolumeAddress) -> None:
    disposition = _to_step(stage, address, "city-clerk", by=PEOPLE["city-clerk"])
    stage.answer(disposition, "city-clerk")


@gate("R033", "one person holds two offices and approves twice")
def _(stage: Stage, address: VolumeAddress) -> None:
    twice = replace(stage.agency.officers[0], office="city-clerk")
    stage.agency = replace(stage.agency, officers=(*stage.agency.officers, twice))
    stage.answer(_to_step(stage, address, "city-clerk"), "city-clerk", responded_by=twice.sign_in)


@gate("R034", "the paper is not named")
def _(stage: Stage, address: VolumeAddress) -> None:
    stage.answer(_to_step(stage, address, "city-attorney"), "city-attorney", params={"document_sha256": "consent.pdf"})


@gate("R034", "the number of the resolution is not given")
def _(stage: Stage, address: VolumeAddress) -> None:
    params = {"document_sha256": OTHER_PAPER, "reference": "  "}
    stage.answer(_to_step(stage, address, "city-council"), "city-council", params=params)


@gate("R035", "the answer is one of another run")
def _(stage: Stage, address: VolumeAddress) -> None:
    stage.answer(_to_step(stage, address, "city-clerk"), "city-clerk", run_id="manual__of-another-list")


# Closed at the last check, with the graph of tasks made to look as if all were well.


for _step in STEPS:

    def _unapproved(stage: Stage, address: VolumeAddress, step: str = _step) -> None:
        disposition = _to_step(stage, address, step)
        stage.forge_authorization(disposition)
        stage.destroy(disposition)

    gate("R029", f"the approval of the {_step} is missing")(_unapproved)

    def _rejected(stage: Stage, address: VolumeAddress, step: str = _step) -> None:
        disposition = _to_step(stage, address, step)
        stage.answer(disposition, step, chosen=("Reject",))
        stage.forge_authorization(disposition)
        stage.authorize(disposition)

    gate("R030", f"the {_step} rejected it")(_rejected)

    def _silent(stage: Stage, address: VolumeAddress, step: str = _step) -> None:
        disposition = _to_step(stage, address, step)
        stage.answer(disposition, step, responded_by=None, responded_at=None, chosen=())
        stage.forge_authorization(disposition)
        stage.authorize(disposition)

    gate("R031", f"the {_step} did not answer in time")(_silent)


@gate("R031", "the approvals have grown old")
def _(stage: Stage, address: VolumeAddress) -> None:
    disposition = stage.ready(address)
    stage.pass_time(format_instant(stage.clock() + timedelta(days=31)))
    stage.destroy(disposition)


@gate("R028", "something was added to the volume")
def _(stage: Stage, address: VolumeAddress) -> None:
    disposition = stage.ready(address)
    for copy in (VAULT, SECOND):
        stage.put(copy, address.media_key("e" * 64), b"came later")
    stage.destroy(disposition)


@gate("R028", "a later version was put over a record")
def _(stage: Stage, address: VolumeAddress) -> None:
    disposition = stage.ready(address)
    stage.put(VAULT, next(iter(stage.vault.list_keys(address.prefix))), b"other bytes")
    stage.destroy(disposition)


@gate("R032", "whoever approved turns out not to have held the office")
def _(stage: Stage, address: VolumeAddress) -> None:
    disposition = stage.ready(address)
    stage.change_officer(PEOPLE["city-attorney"], valid_until=date(2026, 1, 1))
    stage.destroy(disposition)


for _name, _change in {
    "person": {"responded_by": PROPOSER},
    "choice": {"chosen": ("Reject",)},
    "time": {"responded_at": "2027-01-01T00:00:00.000000Z"},
    "paper": {"params": {**IN_ORDER, "document_sha256": OTHER_PAPER}},
    "list": {"params": {**IN_ORDER, "list_sha256": OTHER_PAPER}},
    "reference": {"params": {**IN_ORDER, "reference": "Resolution 1"}},
}.items():

    def _differs(stage: Stage, address: VolumeAddress, change: dict[str, Any] = _change) -> None:
        disposition = stage.ready(address)
        stage.respond("city-attorney", **change)
        stage.destroy(disposition)

    gate("R035", f"the recorded response has another {_name}")(_differs)


@gate("R035", "no response was recorded")
def _(stage: Stage, address: VolumeAddress) -> None:
    disposition = stage.ready(address)
    stage.answered.clear()
    stage.destroy(disposition)


@gate("R036", "the second copy does not answer at the last check")
def _(stage: Stage, address: VolumeAddress) -> None:
    disposition = stage.ready(address)
    stage.lose_second()
    stage.destroy(disposition)


for _copy in (VAULT, SECOND):

    def _locked(stage: Stage, address: VolumeAddress, copy: str = _copy) -> None:
        disposition = stage.ready(address)
        stage.lock(copy, next(iter(stage.vault.list_keys(address.prefix))))
        stage.destroy(disposition)

    gate("R037", f"an object of the {_copy} is locked again")(_locked)

    def _held(stage: Stage, address: VolumeAddress, copy: str = _copy) -> None:
        disposition = stage.ready(address)
        stage.hold(copy, next(iter(stage.vault.list_keys(address.prefix))))
        stage.destroy(disposition)

    gate("R037", f"an object of the {_copy} is held on the store")(_held)


@gate("R038", "the days of grace are not over")
def _(stage: Stage, address: VolumeAddress) -> None:
    disposition = str(stage.propose(address)["disposition"])
    stage.approve(disposition)
    stage.authorize(disposition)
    stage.destroy(disposition)


def _transfer(stage: Stage, address: VolumeAddress) -> str:
    stage.change_row(COMMENTS, action="review")
    return stage.ready(address, action="transfer")


@gate("R039", "the receiver has not acknowledged the transfer")
def _(stage: Stage, address: VolumeAddress) -> None:
    stage.destroy(_transfer(stage, address))


@gate("R039", "the receiver acknowledged another bag")
def _(stage: Stage, address: VolumeAddress) -> None:
    disposition = _transfer(stage, address)
    facts = {"receiver": "The archives", "bag_sha256": "a" * 64, "receiver_sha256": "b" * 64}
    stage.enter("dispositions", "acknowledged", disposition, facts)
    stage.destroy(disposition)


@gate("R043", "the schedule changed after the list was frozen")
def _(stage: Stage, address: VolumeAddress) -> None:
    disposition = stage.ready(address)
    stage.agency = replace(stage.agency, schedule_sha256="1" * 64)
    stage.destroy(disposition)


@gate("R020", "the adoption was withdrawn in the days of grace")
def _(stage: Stage, address: VolumeAddress) -> None:
    disposition = stage.ready(address)
    stage.agency = replace(stage.agency, schedule=replace(stage.agency.schedule, adoption=None))
    stage.destroy(disposition)
