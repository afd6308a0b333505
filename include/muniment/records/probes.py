"""Asking for known items by name: the question, and what the hosts answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Question:
    """An item to ask for, and its author's id on the platform where one is known."""

    item_id: str
    author_id: str | None = None


class Told(StrEnum):
    """What one host says of one item."""

    THERE = "there"
    NOT_THERE = "not-there"
    REFUSED = "refused"


class Standing(StrEnum):
    """How an author's account stands, by its own host."""

    ACTIVE = "active"
    DEACTIVATED = "deactivated"
    TAKEN_DOWN = "taken-down"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back for one item: from the platform's views, from the author's own host, of the author's account.

    None where nobody could be asked, or what came could not be read. The answers were asked for from
    `asked_at` on and were there at `at` (aware UTC); `page` is the sequence of the last that says something.
    A platform that is the author's host itself answers as both.
    """

    item_id: str
    asked_at: datetime
    at: datetime
    page: int
    view: Told | None = None
    host: Told | None = None
    author: Standing | None = None
    is_blocked: bool = False  # the account blocks the author
