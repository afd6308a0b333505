"""The model of a scenario file: what may stand in it."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from platform_simulator.page_models import PagePath, WebPage
from platform_simulator.times import parse_offset

Offset = Annotated[timedelta, BeforeValidator(parse_offset)]
FaultKind = Literal[
    "rate-limit",
    "expired-token",
    "server-error",
    "truncated",
    "dropped",
    "html",
    "empty",
    "oversize",
    "repeated-page",
    "expired-cursor",
    "loop",
    "foreign-link",
    "slow",
    "unknown-field",
]
NEVER = timedelta(days=36500)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Medium(_Part):
    """A picture, drawn by the simulator. A missing one is named by posts and answers 404."""

    kind: Literal["png", "jpg"] = "png"
    width: int = Field(default=320, ge=8, le=2048)
    height: int = Field(default=200, ge=8, le=2048)
    missing: bool = False


class Attached(_Part):
    """A picture on a post, with its alternative text."""

    medium: str
    alt: str = ""


class Card(_Part):
    """A link preview."""

    url: str
    title: str
    description: str = ""


class Edit(_Part):
    """A new text from a time on."""

    at: Offset
    text: str


class Person(_Part):
    """An invented person who replies or follows. `home` is the Mastodon server.

    `closed` deactivates the account, which `reopened` undoes; `deleted` ends it; `suspended`: by its platform.
    """

    name: str
    joined: Offset = timedelta(days=-900)
    home: str | None = None
    closed: Offset | None = None
    reopened: Offset | None = None
    deleted: Offset | None = None
    suspended: Offset | None = None
    bio: str = ""


class Reply(_Part):
    """A reply by a person, or by the account itself (`by: account`). Say `at`, or `after` the parent.

    `taken_down`: by the platform's views; on Bluesky the author's own host still has it.
    `withdrawn`: by that host, where it then looks deleted.
    """

    by: str
    text: str
    at: Offset | None = None
    after: Offset | None = None
    on: list[str] | None = None
    lang: str = "en"
    likes: int = Field(default=0, ge=0)
    media: list[Attached] = []
    edits: list[Edit] = []
    deleted: Offset | None = None
    taken_down: Offset | None = None
    withdrawn: Offset | None = None
    hidden: Offset | None = None
    unhidden: Offset | None = None
    replies: list[Reply] = []


class Post(_Part):
    """A post on one or more accounts (`on`; all the social ones when not said); `taken_down` as of a reply."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    at: Offset
    text: str
    on: list[str] | None = None
    lang: str = "en"
    likes: int = Field(default=0, ge=0)
    likes_per_day: float = Field(default=0, ge=0)
    reposts: int = Field(default=0, ge=0)
    unlisted: bool = False
    media: list[Attached] = []
    card: Card | None = None
    edits: list[Edit] = []
    deleted: Offset | None = None
    taken_down: Offset | None = None
    replies: list[Reply] = []


class ProfileEdit(_Part):
    """A new name or description of an account from a time on."""

    at: Offset
    name: str | None = None
    description: str | None = None


class Follower(_Part):
    """A person who follows from a time on, perhaps until another."""

    who: str
    since: Offset
    until: Offset | None = None


class Block(_Part):
    """A person whom the account blocks. Bluesky then leaves the person's replies out of threads."""

    who: str
    since: Offset
    until: Offset | None = None


class SocialAccount(_Part):
    """An official account on Bluesky or Mastodon. `crowd` adds that many invented followers."""

    platform: Literal["bluesky", "mastodon"]
    handle: str
    name: str
    description: str
    created: Offset
    avatar: str | None = None
    crowd: int = Field(default=0, ge=0, le=100_000)
    followers: list[Follower] = []
    blocks: list[Block] = []
    profile_edits: list[ProfileEdit] = []


class Subscriber(_Part):
    """A subscriber of a newsletter; the address is under .example (RFC 2606 section 2)."""

    name: str
    address: str = Field(pattern=r"^[a-z0-9.+_-]+@([a-z0-9-]+\.)+example$")
    since: Offset
    until: Offset | None = None


class Newsletter(_Part):
    """A subscriber list, served as CSV under its account's name and `file`."""

    platform: Literal["newsletter"]
    file: str = Field(pattern=r"^[a-z0-9-]+$")
    name: str
    created: Offset
    crowd: int = Field(default=0, ge=0, le=100_000)
    subscribers: list[Subscriber] = []


class ArticleEdit(_Part):
    """A new text, and perhaps title, of an article from a time on."""

    at: Offset
    text: str
    title: str | None = None


class Article(_Part):
    """A news item of a website."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    at: Offset
    title: str
    text: str
    medium: str | None = None
    edits: list[ArticleEdit] = []
    deleted: Offset | None = None


class Website(_Part):
    """A news page with feeds at ``/<feed>.rss`` and ``/<feed>.atom`` that show the newest `window` items."""

    platform: Literal["website"]
    feed: str = Field(pattern=r"^[a-z0-9-]+$")
    title: str
    description: str
    window: int = Field(default=20, ge=1)
    articles: list[Article] = []


class FaultRule(_Part):
    """A fault from a time on: `route` may hold wildcards, `times` null means until it is cleared, or `until`."""

    route: str
    kind: FaultKind
    at: Offset = timedelta(0)
    until: Offset | None = None
    times: int | None = Field(default=1, ge=1)
    skip: int = Field(default=0, ge=0)
    seconds: int = Field(default=2, ge=0, le=3600)
    status: int | None = Field(default=None, ge=400, le=599)
    size_bytes: int = Field(default=80_000_000, ge=1)


Account = Annotated[SocialAccount | Newsletter | Website, Field(discriminator="platform")]


class Scenario(_Part):
    """A whole scenario. Its times are offsets from the start that the server is given."""

    scenario: Literal[1]
    name: str
    seed: str
    media: dict[str, Medium] = {}
    people: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")], Person] = {}
    accounts: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")], Account] = Field(min_length=1)
    posts: list[Post] = []
    faults: list[FaultRule] = []
    pages: dict[PagePath, WebPage] = {}

    def social(self) -> dict[str, SocialAccount]:
        """Return the accounts on Bluesky and Mastodon."""
        return {key: account for key, account in self.accounts.items() if isinstance(account, SocialAccount)}
