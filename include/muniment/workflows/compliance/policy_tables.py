"""The tables of what changed, what was removed, and how the policies stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from muniment.evidence.findings import Finding
from muniment.records.changes import ChangeKind, Removal
from muniment.records.names import parse_instant
from muniment.workflows.compliance.capture_tables import PAIR
from muniment.workflows.compliance.gather import ChangeCounts
from muniment.workflows.findings_register import Entry
from muniment.workflows.moderation.answers import Answer
from muniment.workflows.policy import PolicyStatus
from muniment.workflows.reports.table import Column, Kind, Table, count, name
from muniment.workflows.scorecard import Scorecard

NO_GROUND, NOBODY = "no ground stated", "nobody named"
_DAY = timedelta(days=1)


def list_change_counts(changes: ChangeCounts) -> Table:
    """Return what happened, by account, series and kind."""
    order = list(ChangeKind)
    rows = sorted(changes.items(), key=lambda item: (item[0][0], item[0][1], order.index(item[0][2])))
    return Table(
        id="changes",
        title="Changes by kind",
        about="What consecutive accepted snapshots show. Missing says of the listing only: what became of such an item "
        "stands under removals.",
        columns=(*PAIR, Column("kind", "kind"), count("items", "items")),
        rows=tuple((account, series, kind.value, number) for (account, series, kind), number in rows),
        empty="Nothing changed between two accepted snapshots. `muniment changes list` asks again.",
    )


def list_removal_counts(removals: Iterable[Removal]) -> Table:
    """Return what is concluded of what vanished, by account, series, kind and confidence."""
    counts = Counter(
        (str(one.change.account), str(one.change.series), one.change.kind.value, one.change.confidence.value)
        for one in removals
    )
    return Table(
        id="removals",
        title="Removals",
        about="What is concluded of items that vanished, by asking for them: twice and a day apart where confirmed.",
        columns=(*PAIR, Column("kind", "kind"), Column("confidence", "confidence"), count("items", "items")),
        rows=tuple((*key, number) for key, number in sorted(counts.items())),
        empty="No item is known to have vanished. `muniment changes list` says what is missing and not yet asked for.",
    )


def list_moderated(moderated: Iterable[Answer]) -> Table:
    """Return what staff decided, by ground, who decided and who reviewed."""
    counts = Counter(
        (ground, one.verdict or "no decision", one.decided_by or NOBODY, ", ".join((*one.reviewers, *one.counsel)))
        for one in moderated
        for ground in one.grounds or (NO_GROUND,)
    )
    return Table(
        id="moderation",
        title="Moderation by ground and reviewer",
        about="Cases of the moderation ledger, those left up included. A case on two grounds counts for each.",
        columns=(
            name("ground", "ground"),
            Column("verdict", "decision"),
            Column("decided_by", "decided by"),
            Column("reviewed_by", "reviewed by"),
            count("cases", "cases"),
        ),
        rows=tuple((*key, number) for key, number in sorted(counts.items())),
        empty="The ledger has no case of this month. `muniment moderation` enters what was removed, hidden or left up.",
    )


def list_unmatched(unmatched: Iterable[Finding] | None) -> Table:
    """Return where the ledger and what captures show do not agree."""
    nothing = "Not compared: no accepted capture has what the public wrote. `muniment coverage` says what is missing."
    return Table(
        id="ledger",
        title="Removals against the ledger",
        about="What vanished and no case explains, and what staff entered and no capture shows.",
        columns=(
            name("code", "code"),
            Column("means", "means"),
            Column("subject", "concerns", Kind.HASH),
            Column("detail", "detail"),
            count("items", "items"),
        ),
        rows=tuple((one.code, one.type.sentence, one.subject, one.detail, one.count) for one in unmatched or ()),
        empty=nothing if unmatched is None else "Every removal that captures show has its case, and every case shows.",
    )


def list_clauses(status: PolicyStatus) -> Table:
    """Return how each clause of the policies stands."""
    return Table(
        id="policy",
        title="Policy status, clause by clause",
        about="How each clause stood when this report was made. A check that never ran is not a clause that is kept.",
        columns=(
            name("id", "id"),
            Column("clause", "clause"),
            Column("title", "asks"),
            Column("state", "kept by"),
            Column("outcome", "today"),
            Column("checked_at", "last checked", Kind.INSTANT),
            count("open", "open findings"),
        ),
        rows=tuple(
            (
                one.clause.id,
                one.clause.clause,
                one.clause.title,
                one.clause.state.value,
                (one.outcome or "no check") + (", stale" if one.is_stale else ""),
                one.checked_at,
                len(one.findings),
            )
            for one in status.clauses
        ),
        empty="No clause is checked: the agency has no policy.yaml. include/agencies/README.md says how to write it.",
    )


def list_tensions(status: PolicyStatus) -> Table:
    """Return the provisions that pull apart, and how they are held."""
    return Table(
        id="tensions",
        title="Provisions that pull apart",
        about="How the software holds each until the person who must decide has decided.",
        columns=(
            name("id", "id"),
            Column("between", "between"),
            Column("tension", "tension"),
            Column("handling", "held so"),
            Column("owner", "who decides"),
        ),
        rows=tuple((one.id, "; ".join(one.between), one.tension, one.handling, one.owner) for one in status.tensions),
        empty="The agency's policy names none. `muniment policy tensions` lists them.",
    )


def list_findings(findings: Sequence[Entry], made_at: datetime) -> Table:
    """Return the findings that were open, with their age."""
    return Table(
        id="findings",
        title="Findings and their age",
        about="Open when this report was made, or closed in the month or since. `muniment findings` has the details.",
        columns=(
            name("code", "code"),
            Column("means", "means"),
            Column("subject", "concerns", Kind.HASH),
            Column("opened_at", "opened", Kind.INSTANT),
            Column("closed_at", "closed", Kind.INSTANT),
            count("age_days", "days open"),
        ),
        rows=tuple(
            (
                one.finding.code,
                one.finding.type.sentence,
                one.finding.subject,
                parse_instant(one.opened_at),
                None if one.closed_at is None else parse_instant(one.closed_at),
                (_end(one, made_at) - parse_instant(one.opened_at)) // _DAY,
            )
            for one in findings
        ),
        empty="No finding was open.",
    )


def _end(entry: Entry, made_at: datetime) -> datetime:
    return made_at if entry.closed_at is None else parse_instant(entry.closed_at)


def list_scorecard(card: Scorecard) -> Table:
    """Return how the vault stood to the rules of a trusted system."""
    return Table(
        id="scorecard",
        title="Trusted-system scorecard",
        about="Checked when this report was made.",
        columns=(
            Column("rule", "rule"),
            Column("asks", "asks"),
            Column("state", "state"),
            Column("evidence", "evidence"),
            Column("next", "to do"),
        ),
        rows=tuple((row.rule, row.asks, row.state.upper(), row.evidence, row.next) for row in card.rows),
        empty="The scorecard has no rule. `muniment scorecard` takes it anew.",
    )
