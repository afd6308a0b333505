"""The locks that were lengthened by an instant, from the events of their register."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from muniment.evidence.register_event import RegisterEvent
from muniment.records.names import parse_instant
from muniment.retention.facts import count_of, text_of
from muniment.workflows.clocks.extended import Extended, volume_name
from muniment.workflows.volumes import parse_prefix


def fold_extended(events: Iterable[RegisterEvent]) -> Mapping[str, Extended]:
    """Return the latest of each volume's extensions among *events*, by `volume_name`.

    Raises:
        ObjectKeyError: an event's subject is no volume.
    """
    latest: dict[str, Extended] = {}
    for event in events:
        name = volume_name(parse_prefix(event.subject))
        found = Extended(parse_instant(text_of(event.facts["until"])), count_of(event.facts["objects"]))
        before = latest.get(name)
        if before is None or (before.until, before.objects) < (found.until, found.objects):
            latest[name] = found
    return latest
