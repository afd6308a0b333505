"""Checks of the disposition profile in ``retention.yaml``: the gates, and whoever they ask."""

from __future__ import annotations

from muniment.records.names import is_slug
from muniment.register.agency_checks import SLUG
from muniment.register.entries import Entry, note_repeated, note_repeated_items
from muniment.register.row_checks import check_period

GC_34090 = "gc-34090"
GC_34090_EXCLUSIONS = tuple(f"{GC_34090}-{letter}" for letter in "abcde")  # (a) to (e)
CITY_COUNCIL = "city-council"


def check_profile(profile: Entry, *, drill: bool) -> None:
    """Note what the profile says that does not hold together."""
    _check_slug(profile, "route")
    if profile.fields.get("authority") == []:
        profile.fault("authority", "at least one", "none")
    note_repeated_items(profile, "authority")
    _check_times(profile, drill=drill)
    steps, exclusions = list(profile.groups("steps")), list(profile.groups("exclusions"))
    if profile.fields.get("steps") == [] and profile.fields.get("automatic") is False:
        profile.fault("steps", "at least one step, as the profile is not automatic", "none")
    _check_names(steps)
    _check_names(exclusions)
    for step in steps:
        _check_slug(step, "office")
    if profile.text("route") == GC_34090:
        _check_34090(profile, steps, exclusions)


def _check_times(profile: Entry, *, drill: bool) -> None:
    for name in ("list_valid", "grace"):
        check_period(profile, name, drill=drill)
    floor = profile.group("floor")
    if floor is not None:
        check_period(floor, "period", drill=drill)


def _check_names(entries: list[Entry]) -> None:
    note_repeated(entries, "id")
    for entry in entries:
        _check_slug(entry, "id")


def _check_34090(profile: Entry, steps: list[Entry], exclusions: list[Entry]) -> None:
    named = {exclusion.text("id") for exclusion in exclusions}
    missing = [name for name in GC_34090_EXCLUSIONS if name not in named]
    if missing:
        expected = f"the exclusions {', '.join(GC_34090_EXCLUSIONS)} (Gov. Code 34090(a) to (e))"
        profile.fault("exclusions", expected, f"none of {', '.join(missing)}")
    for step in steps:
        if step.text("office") == CITY_COUNCIL and "standing" not in step.fields:
            expected = "true, false, or null while it is not decided whether the council's resolution is standing"
            step.fault("standing", expected, "nothing")


def _check_slug(entry: Entry, name: str) -> None:
    text = entry.text(name)
    if text is not None and not is_slug(text):
        entry.fault(name, SLUG, repr(text[:60]))
