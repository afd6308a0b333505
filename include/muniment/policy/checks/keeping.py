"""How what was captured is kept: read again, tried, compared; media, edits, and the credentials that read."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import chain

from muniment.evidence.findings import Finding
from muniment.policy.check import Check, Judgement
from muniment.policy.scene import Scene
from muniment.policy.verdicts import cannot_tell, conclude, count_of, nothing_to_check
from muniment.records.changes import ChangeKind
from muniment.records.names import AccountId, SeriesId

_NIGHTLY = timedelta(days=2)  # a nightly check may fail once
# Codes of bytes that are gone or altered, and of stores that do not do what locks need.
_BYTES = ("F", "V001", "V002", "V003")
_STORES = ("D", "C", "V004", "V005", "V008")


def judge_fixity(scene: Scene) -> Judgement:
    """Say whether every sealed byte was read again in the agency's period, and none was found altered."""
    keeping = scene.keeping
    if keeping is None:
        return cannot_tell("What was read again was not gathered.")
    if not keeping.units:
        return nothing_to_check("Nothing is sealed yet.")
    findings = [one for one in scene.open_findings if one.code.startswith(_BYTES)]
    if keeping.overdue:
        detail = f"expected each within {keeping.reread_within_days} days, found {keeping.overdue} overdue"
        findings.append(Finding("K020", "units", detail, keeping.overdue))
    kept = (
        f"{count_of(keeping.units, 'unit')} in {'both copies' if keeping.second_copy else 'the only copy'}, "
        f"to be read again within {keeping.reread_within_days} days; open findings of altered or lost bytes looked for."
    )
    return conclude(kept=kept, findings=findings, facts={"units": keeping.units, "overdue": keeping.overdue})


def judge_stores(scene: Scene) -> Judgement:
    """Say whether the stores were tried and compared lately, and did what locks need."""
    keeping = scene.keeping
    if keeping is None:
        return cannot_tell("How the stores were tried was not gathered.")
    if not keeping.units:
        return nothing_to_check("Nothing is sealed yet.")
    findings = [one for one in scene.open_findings if one.code.startswith(_STORES)]
    for what, at in (("tried", keeping.examined_at), ("compared", keeping.compared_at)):
        if at is None or at < scene.now - _NIGHTLY:
            last = "never" if at is None else f"last on {at:%Y-%m-%d}"
            findings.append(
                Finding("K018", what, f"expected the stores {what} within two days, found them {what} {last}")
            )
    if keeping.examined_at is not None and not keeping.examined_passed:
        findings.append(
            Finding("K018", "doctor", "expected the stores to pass their examination, found that they failed")
        )
    return conclude(
        kept="The stores' locks, versions, settings and deletions, tried and compared every night.", findings=findings
    )


def judge_media(scene: Scene) -> Judgement:
    """Look for media that an item shows and that were neither kept nor explained."""
    shown, missing = 0, Counter[tuple[AccountId, SeriesId]]()
    for item in chain(scene.posts(), scene.comments()):
        shown += len(item.media) + item.media_explained + item.media_missing
        if item.media_missing:
            missing[item.account, item.series] += item.media_missing
    findings = [
        Finding("K013", f"{account}/{series}", f"expected each kept or a reason, found {number} with neither", number)
        for (account, series), number in sorted(missing.items())
    ]
    if not shown:
        return nothing_to_check("No item that is kept shows a picture or other medium.")
    kept = f"{count_of(shown, 'medium', 'media')} shown by the latest captures: kept, or a gap with its reason."
    return conclude(kept=kept, findings=findings, facts={"shown": shown})


def judge_edits(scene: Scene) -> Judgement:
    """Look for edits of which one version is not kept."""
    edits = [change for change in scene.changes if change.kind is ChangeKind.EDITED]
    if not edits:
        return nothing_to_check("No capture of the span saw an edit.")
    torn = Counter((change.account, change.series) for change in edits if change.before is None or change.after is None)
    findings = [
        Finding("K014", f"{account}/{series}", f"expected both versions, found one only of {number}", number)
        for (account, series), number in sorted(torn.items())
    ]
    return conclude(
        kept=f"{count_of(len(edits), 'edit')} of the span, each with the snapshots of both versions.", findings=findings
    )


def judge_scopes(scene: Scene) -> Judgement:
    """Look for credentials that may do more than read."""
    with_token = [account for account in scene.agency.accounts if account.token is not None]
    if not with_token:
        return nothing_to_check("No account is read with credentials: nothing here could act on a platform.")
    doubts = [
        f"{account.id}: the platform did not state the scopes"
        for account in with_token
        if account.id not in scene.scopes
    ]
    findings = []
    for name, scopes in sorted(scene.scopes.items()):
        beyond = [
            scope for scope in sorted(scopes) if scope not in ("read", "profile") and not scope.startswith("read:")
        ]
        if beyond:
            findings.append(
                Finding("K012", name, f"expected scopes that only read, found {', '.join(beyond)}", len(beyond))
            )
    kept = f"The scopes of {count_of(len(scene.scopes), 'credential')}, as the platform states them."
    return conclude(kept=kept, findings=findings, doubts=doubts)


CHECKS = (
    Check(
        name="fixity-kept",
        sentence="Whether every sealed byte was read again in the agency's period and found unaltered.",
        judge=judge_fixity,
    ),
    Check(
        name="store-posture",
        sentence="Whether the stores were tried and compared lately, and refuse what locks must refuse.",
        judge=judge_stores,
    ),
    Check(
        name="media-accounted",
        sentence="Whether each medium that items show was kept, or has a gap with its reason.",
        judge=judge_media,
    ),
    Check(
        name="edits-kept",
        sentence="Whether both versions of each edit that was seen are kept.",
        judge=judge_edits,
    ),
    Check(
        name="read-scopes",
        sentence="Whether the credentials in use may only read, as the platforms state it.",
        judge=judge_scopes,
    ),
)
