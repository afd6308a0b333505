"""Events that start a clock: an account terminated, a block ended, a case closed. The fold of the register `triggers`.

An event is never changed. A later one of the same kind about the same account, series and
volume takes its place; one without a day takes it back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from muniment.errors import RetentionError
from muniment.evidence.layout import VolumeAddress
from muniment.evidence.register_event import RegisterEvent
from muniment.records.names import AccountId, SeriesId, VolumeId, parse_instant
from muniment.records.schedule import TriggerEvent

REGISTER = "triggers"


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerFact:
    """One event that happened: on which day in the agency's zone, and to what; None is every one.

    `entered_at` (aware UTC) is when the register learnt of it; an exercise counts from it.
    """

    event: TriggerEvent
    on: date
    account: AccountId | None
    series: SeriesId | None
    volume: VolumeId | None
    entered_at: datetime | None = None

    def concerns(self, address: VolumeAddress) -> bool:
        """Tell whether the event happened to the volume at *address*."""
        return (
            self.account in (None, address.account)
            and self.series in (None, address.series)
            and self.volume in (None, address.volume)
        )


def fold_triggers(events: Iterable[RegisterEvent]) -> tuple[TriggerFact, ...]:
    """Return what stands after *events*, each superseded by a later one about the same.

    Raises:
        RetentionError: an event is not of its form.
    """
    standing: dict[tuple[str, ...], TriggerFact | None] = {}
    for event in sorted(events, key=lambda event: (event.at, event.id)):
        texts = {name: _text(event, name) for name in ("account", "series", "volume", "on")}
        about = (event.event, *(texts[name] or "" for name in ("account", "series", "volume")))
        standing[about] = None if texts["on"] is None else _fact(event, texts)
    return tuple(fact for fact in standing.values() if fact is not None)


def latest_fact(
    facts: Sequence[TriggerFact], event: TriggerEvent, address: VolumeAddress, today: date
) -> TriggerFact | None:
    """Return the latest of *facts* by which *event* has happened to the volume at *address* by *today*, if any."""
    happened = [fact for fact in facts if fact.event is event and fact.on <= today and fact.concerns(address)]
    return max(happened, key=lambda fact: fact.on, default=None)


def _fact(event: RegisterEvent, texts: dict[str, str | None]) -> TriggerFact:
    account, series, volume, on = (texts[name] for name in ("account", "series", "volume", "on"))
    try:
        return TriggerFact(
            event=TriggerEvent(event.event),
            on=date.fromisoformat(on or ""),
            account=None if account is None else AccountId(account),
            series=None if series is None else SeriesId(series),
            volume=None if volume is None else VolumeId(volume),
            entered_at=parse_instant(event.at),
        )
    except ValueError:
        raise RetentionError(
            f"trigger {event.id}: expected a kind of event and a day, found {event.event!r} and {on!r}"
        ) from None


def _text(event: RegisterEvent, name: str) -> str | None:
    value = event.facts.get(name)
    if value is not None and not isinstance(value, str):
        raise RetentionError(f"trigger {event.id}: expected text or nothing as {name}, found {type(value).__name__}")
    return value
