"""A verification's report as text for a terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from muniment.evidence.checks.sample import Sampling
from muniment.evidence.report import VerificationReport


def to_json(report: VerificationReport) -> dict[str, object]:
    """Return *report* as JSON has it; ``sound`` is null when only a sample was read."""
    sentences = [{**asdict(finding), "sentence": finding.type.sentence} for finding in report.findings]
    sound = None if report.outcome == "sampled" else not report.findings
    return {**asdict(report), "outcome": report.outcome, "sound": sound, "findings": sentences}


def to_text(report: VerificationReport) -> str:
    """Return *report* as lines for a terminal."""
    return "\n".join(plain(line) for line in _lines(report))


def _lines(report: VerificationReport) -> Iterator[str]:
    read = f"{report.objects} object(s), {report.size_bytes:,} bytes"
    yield f"{report.snapshots} snapshot(s), {read} under {report.scope}"
    yield from (f"checked:     {check}" for check in report.checks_made)
    yield from (f"not checked: {check}" for check in report.checks_not_made)
    yield from (f"know:        {fact}" for fact in report.facts)
    yield from (f"compare:     {item}" for item in report.by_hand)
    yield from (f"latest:      {sha256}  {prefix}" for prefix, sha256 in report.heads)
    for finding in report.findings:
        yield f"{finding.code}  {finding.type.sentence}"
        yield f"      {finding.subject}"
        yield f"      {finding.detail}"
    yield from (f"sampled:     {line}" for line in sampling_sentences(report.sampling))
    yield closing_sentence(report)


def closing_sentence(report: VerificationReport) -> str:
    """Say the outcome; of a sample never that anything was verified."""
    match report.outcome:
        case "findings":
            return f"{len(report.findings)} finding(s)"
        case "sampled":
            return "Sampled: no fault in what was read. What was not drawn was not read."
        case _:
            return "Sound: every byte is what its manifest names."


def sampling_sentences(sampling: Sampling | None) -> Iterator[str]:
    """Say what was drawn, how to draw it again, and at which odds it finds a fault."""
    if sampling is None:
        return
    yield f"{sampling.drawn:,} of {sampling.total:,} objects, drawn by the seed {sampling.seed!r}"
    yield f"would have found a fault in 1 % of the objects with probability {_percent(sampling.finds_one_percent)}"
    yield f"would have found a fault in a single object with probability {_percent(sampling.finds_one_object)}"


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"


def plain(line: str) -> str:
    """Return *line* without what a terminal would obey: a file's name may hold anything."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in line)
