"""A disposition as a value: how far it has come, who answered what, which batches went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from muniment.errors import ClosedGate
from muniment.records.canonical import JsonValue

APPROVED, REJECTED, EXPIRED = "approved", "rejected", "expired"


class DispositionState(StrEnum):
    """How far a disposition has come. Nothing comes after the last five."""

    PROPOSED = "proposed"
    AUTHORIZED = "authorized"
    DESTROYING = "destroying"
    STOPPED = "stopped"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    CERTIFIED = "certified"


OPEN_STATES = frozenset({DispositionState.PROPOSED, DispositionState.AUTHORIZED, DispositionState.DESTROYING})
WAITING_STATES = frozenset({DispositionState.PROPOSED, DispositionState.AUTHORIZED})


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalGiven:
    """One answer to one step. `by` is null where nobody answered in time; times are instants."""

    step: str
    answer: str  # APPROVED, REJECTED or EXPIRED
    by: str | None
    office: str
    title: str  # the officer's
    name: str
    answered_at: str
    chosen: tuple[str, ...]
    document_sha256: str | None
    reference: str | None
    reason: str
    list_sha256: str
    dag_id: str
    run_id: str
    task_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRecord:
    """One batch of deletions, counted from 1: begun, and ended where `ended_at` is not null.

    `deleted` and `absent` count versions; `refused` names each that the store kept, and why.
    """

    number: int
    began_at: str
    ended_at: str | None = None
    deleted: int = 0
    absent: int = 0
    refused: tuple[tuple[str, str, str, str], ...] = ()  # copy, key, version, code


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposition:
    """What is known of one disposition. Instants are spelled by `format_instant`."""

    id: str
    state: DispositionState
    agency: str = ""
    action: str = ""
    series: str = ""
    row: str = ""
    reason: str = ""
    volumes: tuple[str, ...] = ()  # prefixes
    list_key: str | None = None
    list_sha256: str | None = None
    versions: int = 0
    size_bytes: int = 0
    proposed_by: str | None = None
    proposed_at: str | None = None
    frozen_at: str | None = None
    valid_until: str | None = None  # of the list
    dag_runs: tuple[str, ...] = ()  # the run that proposed it, and those that took it up since
    answers: Mapping[str, bool] = field(default_factory=dict)  # of the exclusions: true is excluded
    approvals: tuple[ApprovalGiven, ...] = ()  # those given, rejections and expiries among them
    authorized_at: str | None = None
    grace_until: str | None = None
    stopped: tuple[ClosedGate, ...] = ()
    stopped_at: str | None = None
    stopped_volumes: tuple[str, ...] = ()  # prefixes of those that a gate stopped while others went
    withdrawn_by: str | None = None
    began_at: str | None = None
    batch_versions: int = 0  # how many versions a batch has at most
    batches: tuple[BatchRecord, ...] = ()
    failures: tuple[str, ...] = ()
    anomalies: tuple[str, ...] = ()  # what was found that nothing of ours had done
    acknowledged: Mapping[str, JsonValue] | None = None  # the receiver's receipt of a transfer
    tombstones: Mapping[str, str] = field(default_factory=dict)  # key of the document by volume prefix
    certificate_key: str | None = None
    certificate_sha256: str | None = None
    certified_at: str | None = None
    outcome: str | None = None  # whole or partial
    last_at: str = ""  # when the last of its events was

    @property
    def is_open(self) -> bool:
        """Tell whether something may still come of it."""
        return self.state in OPEN_STATES

    def approval(self, step_id: str) -> ApprovalGiven | None:
        """Return the approval of the step *step_id*, or None; a rejection is none."""
        return next((given for given in self.approvals if (given.step, given.answer) == (step_id, APPROVED)), None)

    def batch(self, number: int) -> BatchRecord | None:
        """Return what is known of batch *number*, or None when it never began."""
        return next((batch for batch in self.batches if batch.number == number), None)
