"""From the facts of a month to its report. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from muniment.changes.calendar import draw_up
from muniment.changes.calendar_svg import draw_calendar, draw_calendar_legend
from muniment.changes.coverage import SlotOutcome, count_outcomes
from muniment.changes.gaps import GapKind
from muniment.retention.periods import zone_named
from muniment.workflows.compliance.capture_tables import (
    in_minutes,
    list_captures,
    list_month_exposure,
    list_month_gaps,
    spell_share,
)
from muniment.workflows.compliance.charts import draw_exposure, draw_grounds, spell_minutes
from muniment.workflows.compliance.gather import Facts
from muniment.workflows.compliance.policy_tables import (
    list_change_counts,
    list_clauses,
    list_findings,
    list_moderated,
    list_removal_counts,
    list_scorecard,
    list_tensions,
    list_unmatched,
)
from muniment.workflows.compliance.report import ComplianceReport, Picture
from muniment.workflows.scorecard_checks import RED


def compose(facts: Facts) -> ComplianceReport:
    """Return the report that *facts* make."""
    return ComplianceReport(
        agency=facts.agency.id,
        name=facts.agency.name,
        zone=facts.agency.zone,
        month=facts.month.name,
        made_at=facts.made_at,
        is_whole=facts.made_at >= facts.month.ends,
        is_sound=_is_sound(facts),
        figures=tuple(_figures(facts)),
        remarks=tuple(_remarks(facts)),
        tables=(
            list_captures(facts.slots),
            list_month_gaps(facts.gaps),
            list_month_exposure(facts.exposures),
            list_change_counts(facts.changes),
            list_removal_counts(facts.removals),
            list_moderated(facts.moderated),
            list_unmatched(facts.unmatched),
            list_clauses(facts.status),
            list_findings(facts.findings, facts.made_at),
            list_scorecard(facts.scorecard),
            list_tensions(facts.status),
        ),
        pictures=tuple(_pictures(facts)),
    )


def _is_sound(facts: Facts) -> bool:
    missed = any(slot.outcome is not SlotOutcome.ACCEPTED for slot in facts.slots)
    opened = any(entry.is_open for entry in facts.findings)
    # Where nothing was captured that the ledger could be held against, nobody knows: that is not sound.
    matched = facts.unmatched is not None and not facts.unmatched
    return not (missed or opened or facts.scorecard.state == RED) and matched and facts.status.is_sound


def _figures(facts: Facts) -> Iterator[tuple[str, str]]:
    counts = count_outcomes(facts.slots)
    if facts.slots:
        yield spell_share(counts[SlotOutcome.ACCEPTED], len(facts.slots)), "of captures made and accepted"
    yield f"{sum(1 for gap in facts.gaps if gap.kind is GapKind.MISSED):,}", "gaps in capture"
    if facts.exposures:
        yield spell_minutes(max(in_minutes(one.longest) for one in facts.exposures)), "longest exposure"
    yield f"{len(facts.removals):,}", "items vanished"
    yield f"{len(facts.moderated):,}", "cases of moderation"
    clauses = [one for one in facts.status.clauses if one.outcome is not None]
    if clauses:
        yield f"{sum(1 for one in clauses if one.is_sound)} of {len(clauses)}", "checked clauses sound"
    yield f"{sum(1 for entry in facts.findings if entry.is_open):,}", "findings open"


def _remarks(facts: Facts) -> Iterator[str]:
    if facts.made_at < facts.month.ends:
        yield "The month was not over when this report was made: it tells of it as far as it had gone."
    if facts.agency.invented_people:
        yield "A demonstration: its people are invented."
    if not facts.status.has_policy:
        yield "The agency has no policy.yaml: no clause is checked."
    if facts.status.adoption_not_evidenced:
        versions = ", ".join(facts.status.adoption_not_evidenced)
        yield f"The adoption of these policies is not evidenced: {versions}."


def _pictures(facts: Facts) -> Iterator[Picture]:
    calendar = draw_up(facts.slots, facts.days, zone_named(facts.agency.zone))
    drawn = draw_calendar(calendar, title=f"Captures due and made, {facts.month.name}")
    if drawn:
        yield Picture(table="captures", svg=drawn, legend=draw_calendar_legend())
    if exposed := draw_exposure(facts.exposures):
        words = "Outlined: no capture on that day. Height: the longest of any account and series."
        yield Picture(table="exposure", svg=exposed, legend=f"<p class=legend>{words}</p>")
    if grounds := draw_grounds(facts.moderated):
        yield Picture(table="moderation", svg=grounds)
