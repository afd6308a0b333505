"""What a platform's answers about one item mean.

A view that lacks an item proves nothing by itself: only what its author's own host says tells a
deletion from a takedown. A host's own takedown of one record it tells as it tells a deletion.
"""

from __future__ import annotations

from types import MappingProxyType

from muniment.records.changes import ItemState
from muniment.records.probes import Answer, Standing, Told

_STANDINGS = MappingProxyType(
    {
        Standing.GONE: ItemState.AUTHOR_GONE,
        Standing.DEACTIVATED: ItemState.AUTHOR_DEACTIVATED,
        Standing.TAKEN_DOWN: ItemState.TAKEN_DOWN,
    }
)


def judge_answer(answer: Answer, *, is_hidden: bool = False) -> ItemState:
    """Return the state of an item by *answer*; *is_hidden*: the account hides it, by the latest list.

    Never is an item gone that its view or its host still has, nor one whose host did not say.
    """
    match answer.view:
        case Told.THERE:
            return _judge_there(answer, is_hidden=is_hidden)
        case Told.REFUSED:
            return ItemState.FORBIDDEN
        case Told.NOT_THERE:
            return _judge_missing(answer)
        case _:
            return ItemState.UNKNOWN


def _judge_there(answer: Answer, *, is_hidden: bool) -> ItemState:
    if answer.is_blocked:
        return ItemState.AUTHOR_BLOCKED
    return ItemState.HIDDEN if is_hidden else ItemState.PRESENT


def _judge_missing(answer: Answer) -> ItemState:
    if answer.host is Told.THERE:
        return ItemState.TAKEN_DOWN
    if answer.author is not None and answer.author in _STANDINGS:
        return _STANDINGS[answer.author]
    return ItemState.GONE if answer.host is Told.NOT_THERE else ItemState.UNKNOWN
