"""What was said: posts and replies of a scenario, one `Item` for each account that they are on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from platform_simulator.actors import Actor
from platform_simulator.checks import reply_time
from platform_simulator.ids import snowflake, tid
from platform_simulator.scenario import Attached, Card, Edit, Post, Reply


@dataclass(frozen=True, slots=True)
class Version:
    """A text from a time on."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A post or reply. `native_id` is its at:// address, or its Mastodon number."""

    key: str
    native_id: str
    account: str  # the scenario's account in whose threads it stands
    author: Actor
    at: datetime
    versions: tuple[Version, ...]  # oldest first
    deleted: datetime | None
    hidden: datetime | None
    unhidden: datetime | None
    parent: Item | None
    lang: str
    likes: int
    likes_per_day: float
    reposts: int
    unlisted: bool
    media: tuple[Attached, ...]
    card: Card | None
    taken_down: datetime | None = None
    withdrawn: datetime | None = None

    @property
    def root(self) -> Item:
        """Return the post that the thread began with."""
        return self if self.parent is None else self.parent.root

    def version_at(self, instant: datetime) -> int:
        """Return the index of the text that stood at *instant*."""
        return max((index for index, one in enumerate(self.versions) if one.at <= instant), default=0)

    def is_visible(self, instant: datetime) -> bool:
        """Say whether the platform shows it at *instant*: there, its author too, and not taken down."""
        return self.is_there(instant) and not _is_past(self.taken_down, instant)

    def is_there(self, instant: datetime) -> bool:
        """Say whether it is written and not deleted at *instant*, and its author still there."""
        written = self.at <= instant and not _is_past(self.deleted, instant)
        return written and self.author.is_open(instant)

    def is_held(self, instant: datetime) -> bool:
        """Say whether the author's own host gives it out at *instant*."""
        return self.is_there(instant) and not _is_past(self.withdrawn, instant)

    def is_hidden(self, instant: datetime) -> bool:
        """Say whether the account hides it at *instant*."""
        return self.hidden is not None and self.hidden <= instant and (self.unhidden is None or instant < self.unhidden)

    def like_count(self, instant: datetime) -> int:
        """Return its likes at *instant*."""
        days = max(instant - self.at, timedelta(0)) / timedelta(days=1)
        return self.likes + int(days * self.likes_per_day)


@dataclass(frozen=True, slots=True)
class Cast:
    """Who speaks: the official account, how to find a person by key, and when the scenario starts."""

    account: Actor
    find_author: Callable[[str], Actor]
    start: datetime


def build_items(posts: list[Post], cast: Cast) -> Iterator[Item]:
    """Yield the posts and replies that are on the account of *cast*, each parent before its replies."""
    for post in posts:
        if post.on is None or cast.account.account in post.on:
            item = _from_post(post, cast)
            yield item
            yield from _replies(post.replies, item, post.at, cast)


def _replies(replies: list[Reply], parent: Item, parent_at: timedelta, cast: Cast) -> Iterator[Item]:
    for index, reply in enumerate(replies):
        if reply.on is None or parent.account in reply.on:
            at = reply_time(reply, parent_at)
            item = _from_reply(reply, f"{parent.key}/{index}", parent, cast, cast.start + at)
            yield item
            yield from _replies(reply.replies, item, at, cast)


def _from_post(post: Post, cast: Cast) -> Item:
    at, key = cast.start + post.at, f"{cast.account.account}/{post.id}"
    return Item(
        key=key,
        native_id=_native_id(cast.account, at, key),
        account=str(cast.account.account),
        author=cast.account,
        at=at,
        versions=_versions(at, post.text, post.edits, cast.start),
        deleted=_moment(cast.start, post.deleted),
        taken_down=_moment(cast.start, post.taken_down),
        hidden=None,
        unhidden=None,
        parent=None,
        lang=post.lang,
        likes=post.likes,
        likes_per_day=post.likes_per_day,
        reposts=post.reposts,
        unlisted=post.unlisted,
        media=tuple(post.media),
        card=post.card,
    )


def _from_reply(reply: Reply, key: str, parent: Item, cast: Cast, at: datetime) -> Item:
    author = cast.account if reply.by == "account" else cast.find_author(reply.by)
    return Item(
        key=key,
        native_id=_native_id(author, at, key),
        account=parent.account,
        author=author,
        at=at,
        versions=_versions(at, reply.text, reply.edits, cast.start),
        deleted=_moment(cast.start, reply.deleted),
        taken_down=_moment(cast.start, reply.taken_down),
        withdrawn=_moment(cast.start, reply.withdrawn),
        # Mastodon knows no hiding: there, the reply stays as public as it was.
        hidden=_moment(cast.start, reply.hidden) if author.platform == "bluesky" else None,
        unhidden=_moment(cast.start, reply.unhidden) if author.platform == "bluesky" else None,
        parent=parent,
        lang=reply.lang,
        likes=reply.likes,
        likes_per_day=0,
        reposts=0,
        unlisted=False,
        media=tuple(reply.media),
        card=None,
    )


def _is_past(moment: datetime | None, instant: datetime) -> bool:
    return moment is not None and moment <= instant


def _moment(start: datetime, offset: timedelta | None) -> datetime | None:
    return None if offset is None else start + offset


def _versions(at: datetime, text: str, edits: list[Edit], start: datetime) -> tuple[Version, ...]:
    return (Version(at, text), *(Version(start + edit.at, edit.text) for edit in edits))


def _native_id(author: Actor, at: datetime, key: str) -> str:
    if author.platform == "bluesky":
        return f"at://{author.native_id}/app.bsky.feed.post/{tid(at, key)}"
    return str(snowflake(at, key))
