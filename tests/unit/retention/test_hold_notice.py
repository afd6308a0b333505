"""A notice says what counsel's notices must say; a release says what is left."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from muniment.evidence.register_event import RegisterEvent
from muniment.records.agency import Agency
from muniment.retention.hold_notice import render_notice
from muniment.retention.holds import fold_matters

CITY = cast("Agency", SimpleNamespace(name="City of Somewhere"))  # the notice reads its name alone


def event(kind: str, minute: int, /, **facts: Any) -> RegisterEvent:
    at = f"2026-11-22T00:{minute:02}:00.000000Z"
    return RegisterEvent(
        register="holds", id=f"doe-{kind}", event=kind, subject="doe", at=at, by="A. Clerk", facts=facts
    )


PLACED = event(
    "placed",
    0,
    kind="records-request",
    title="Request of J. Doe",
    notice={
        "attorney": "B. Counsel",
        "contact": "counsel@city.example",
        "authority": "Gov. Code 7922.535",
        "number": "R-14",
        "acknowledge_by": "2026-12-01",
        "confidentiality": "PRIVILEGED",
    },
    custodians=["C. Keeper", "D. Steward"],
    scope={
        "accounts": ["city"],
        "series": [],
        "captured_from": "2026-01-01",
        "captured_until": None,
        "persons": ["doe.example"],
        "search": "water main",
        "future": True,
    },
)
HELD = event("held", 2, of="doe-placed", query_sha256="ab" * 32, volumes=3, objects_held=41, copies_held=None, let_go=0)
ACKNOWLEDGED = event("acknowledged", 3, custodian="C. Keeper")
RELEASED = event(
    "released", 4, attorney="E. Successor", reason="Answered", scope={}, volumes=3, remaining=["other-claim"]
)
LET_GO = event("let-go", 5, let_go=12)


def render(*events: RegisterEvent) -> str:
    return render_notice(CITY, fold_matters(events)[0], events)


def test_a_notice_states_every_field() -> None:
    notice = render(PLACED, HELD, ACKNOWLEDGED)

    for words in (
        "PRIVILEGED\nLEGAL HOLD\nCity of Somewhere",
        "Hold: doe, version 1",
        "Matter: Request of J. Doe, R-14 (records request)",
        "Issued by: B. Counsel, counsel@city.example",
        "Authority or trigger: Gov. Code 7922.535",
        "supersedes the retention schedule",
        "accounts: city",
        "series: all",
        "captured: 2026-01-01 to the last",
        "The dates are of capture.",
        "persons: doe.example",
        "with the words: water main",
        "future captures: yes",
        "Suspend every disposition",
        "Block nobody",
        f"3 volumes, 41 objects held in the vault, in the second copy none, not reached; query SHA-256 {'ab' * 32}",
        "C. Keeper: acknowledged on 2026-11-22T00:03:00.000000Z",
        "D. Steward: not acknowledged",
        "Acknowledge by: 2026-12-01",
        "Questions: B. Counsel, counsel@city.example",
    ):
        assert words in notice


def test_a_notice_before_the_bits_are_set_says_so() -> None:
    assert "nothing is recorded yet" in render(PLACED)


def test_a_release_names_the_attorney_the_scope_and_the_holds_that_remain() -> None:
    notice = render(PLACED, HELD, RELEASED, LET_GO)

    for words in (
        "RELEASE OF A LEGAL HOLD",
        "Released: 2026-11-22T00:04:00.000000Z by E. Successor; entered by A. Clerk",
        "Reason: Answered",
        "Scope released\n  accounts: city",
        "Other holds over the same records: other-claim",
        "12 objects let go in both copies",
        "The retention schedule resumes for what no other hold covers.",
    ):
        assert words in notice
