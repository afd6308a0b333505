"""What happened to an item, told from its row before and after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeAlias

from muniment.records.changes import ChangeKind, FieldChange, Window
from muniment.records.names import format_instant
from muniment.records.rows import Visibility

SaidRow: TypeAlias = Mapping[str, object]  # columns by name
Told: TypeAlias = tuple[ChangeKind, tuple[FieldChange, ...]]

_VISIBILITY = "visibility"
_VERSIONS = "versions"  # what the platform itself tells of the past: a source, not a field of its own
_PARENT, _ROOT = "reply_parent_id", "reply_root_id"
_THREAD = {"kind", _PARENT, _ROOT}
_RECORD = "at://"  # how the address of a record of the AT Protocol begins
_OUT_OF_SIGHT = {Visibility.HIDDEN: ChangeKind.HIDDEN, Visibility.WITHHELD: ChangeKind.TAKEN_DOWN}


def tell_changed(before: SaidRow, after: SaidRow) -> Iterator[Told]:
    """Yield what happened to an item that both rows show: edited, and hidden, unhidden or taken down.

    A change among visibilities that keep an item in sight is an edit. Yields nothing where no
    column differs, as for an author's new picture in the raw item, and for an item that only lost
    what it answers, or has it back, or stands below one that did: what befell somebody else's, and told of that.
    """
    fields = compare_fields(before, after)
    seen = _tell_visibility(before.get(_VISIBILITY), after.get(_VISIBILITY))
    edits = tuple(change for change in fields if seen is None or change.name != _VISIBILITY)
    if edits and not _is_of_the_thread(edits):
        yield ChangeKind.EDITED, edits
    if seen is not None:
        yield seen, tuple(change for change in fields if change.name == _VISIBILITY)


def tell_appeared(after: SaidRow, window: Window) -> Iterator[Told]:
    """Yield what happened to an item that is listed and never was before.

    What was hidden by the time that it was first seen was so since it was written (`window_since_written`);
    an edit is told where the platform's own time of it lies in *window*.
    """
    yield ChangeKind.APPEARED, ()
    edited_at = after.get("edited_at")
    if isinstance(edited_at, datetime) and edited_at >= window.last_seen:
        yield ChangeKind.EDITED, _edit_before_seen(after, edited_at)
    seen = _tell_visibility(Visibility.PUBLIC, after.get(_VISIBILITY))
    if seen is not None:
        yield seen, (FieldChange(name=_VISIBILITY, before=None, after=spell(after[_VISIBILITY])),)


def tell_reappeared(before: SaidRow, after: SaidRow) -> Iterator[Told]:
    """Yield what happened to an item that is listed again: that, and how it differs from when it last was."""
    yield ChangeKind.REAPPEARED, ()
    yield from tell_changed(before, after)


def window_since_written(after: SaidRow, window: Window) -> Window:
    """Return *window*, reaching back to when the item was written where its own time says that it is older.

    Nobody saw it before: not in the capture before, which may have lacked it, nor in any.
    """
    written = _time_or_none(after.get("published_text"))
    return window if written is None else replace(window, last_seen=min(window.last_seen, written))


def tell_counters(before: Mapping[str, int | None], after: Mapping[str, int | None]) -> tuple[FieldChange, ...]:
    """Return the counters that differ."""
    return compare_fields(before, after)


def tell_fields(row: SaidRow) -> tuple[FieldChange, ...]:
    """Return every column that says something, as one that was absent before."""
    return compare_fields({}, row)


def compare_fields(before: SaidRow, after: SaidRow) -> tuple[FieldChange, ...]:
    """Return the columns of *after* that differ from *before*, in their order."""
    found = ((name, spell(before.get(name)), spell(after[name])) for name in after if name != _VERSIONS)
    return tuple(FieldChange(name=name, before=old, after=new) for name, old, new in found if old != new)


def spell(value: object) -> str | None:
    """Spell a column's value as text: lists line by line, media by id and description, times in UTC.

    An empty list is nothing. A medium's address is left out: platforms sign it anew each time.
    """
    if value is None:
        return None
    if isinstance(value, datetime):
        return format_instant(value)
    if isinstance(value, list):
        return "\n".join(_spell_one(one) for one in value) or None
    return str(value)


def _spell_one(value: object) -> str:
    if not isinstance(value, Mapping):
        return str(value)
    return ": ".join(str(value[name]) for name in ("media_id", "alt") if value.get(name) is not None)


def _is_of_the_thread(edits: tuple[FieldChange, ...]) -> bool:
    # Mastodon empties in_reply_to_id of a status while the one that it answers is gone, and what answers it
    # stands in a thread that begins there: the server's to tell. On Bluesky the author's own record names both.
    by_name = {change.name: change for change in edits}
    named = [by_name[name] for name in (_PARENT, _ROOT) if name in by_name]
    if not named or not by_name.keys() <= _THREAD or any(_is_record(change) for change in named):
        return False
    parent = by_name.get(_PARENT)
    return parent is None or None in (parent.before, parent.after)


def _is_record(change: FieldChange) -> bool:
    return any(value is not None and value.startswith(_RECORD) for value in (change.before, change.after))


def _tell_visibility(before: object, after: object) -> ChangeKind | None:
    if before == after:
        return None
    if after in _OUT_OF_SIGHT:
        return _OUT_OF_SIGHT[Visibility(str(after))]
    return ChangeKind.UNHIDDEN if before in _OUT_OF_SIGHT else None


def _time_or_none(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo is not None else None


def _edit_before_seen(after: SaidRow, edited_at: datetime) -> tuple[FieldChange, ...]:
    versions = after.get(_VERSIONS)
    earlier = versions[-1].get("text") if isinstance(versions, list) and versions else None
    fields = [FieldChange(name="edited_at", before=None, after=format_instant(edited_at))]
    if earlier is not None and earlier != after.get("text"):
        fields.append(FieldChange(name="text", before=earlier, after=spell(after.get("text"))))
    return tuple(fields)
