"""Who is there: the accounts and the people of a scenario, as one platform knows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from platform_simulator.ids import chance, did, snowflake
from platform_simulator.scenario import Person, Scenario, SocialAccount

NOTICE = "This is a platform simulator; its people and their words are invented."


@dataclass(frozen=True, slots=True)
class Profile:
    """What an account says of itself from a time on."""

    at: datetime
    name: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """An account on one platform: `native_id` is its DID, or its Mastodon number."""

    key: str
    platform: str
    handle: str
    native_id: str
    created: datetime
    closed: datetime | None
    profiles: tuple[Profile, ...]  # oldest first
    avatar: str | None
    account: str | None  # the scenario's account, when official
    reopened: datetime | None = None
    deleted: datetime | None = None
    suspended: datetime | None = None

    def profile(self, instant: datetime) -> Profile:
        """Return the profile at *instant*; the first one when asked for a time before it."""
        return next((one for one in reversed(self.profiles) if one.at <= instant), self.profiles[0])

    def is_open(self, instant: datetime) -> bool:
        """Say whether the account exists at *instant*."""
        return self.created <= instant and self.standing(instant) == "active"

    def standing(self, instant: datetime) -> str:
        """Return how the account stands at *instant*: active, deactivated, takendown, or deleted."""
        if self.deleted is not None and self.deleted <= instant:
            return "deleted"
        if self.suspended is not None and self.suspended <= instant:
            return "takendown"
        if self.closed is not None and self.closed <= instant:
            return "active" if self.reopened is not None and self.reopened <= instant else "deactivated"
        return "active"


def official(scenario: Scenario, key: str, start: datetime) -> Actor:
    """Build the actor of the official account *key*."""
    account = scenario.accounts[key]
    if not isinstance(account, SocialAccount):
        raise TypeError(f"account {key}: expected one on Bluesky or Mastodon, found {account.platform}")
    created = start + account.created
    profiles = [Profile(created, account.name, f"{account.description}\n\n{NOTICE}")]
    for edit in account.profile_edits:
        before = profiles[-1]
        text = before.description if edit.description is None else f"{edit.description}\n\n{NOTICE}"
        profiles.append(Profile(start + edit.at, edit.name or before.name, text))
    return Actor(
        key=f"account:{key}",
        platform=account.platform,
        handle=account.handle,
        native_id=_native_id(scenario.seed, account.platform, account.handle, created),
        created=created,
        closed=None,
        profiles=tuple(profiles),
        avatar=account.avatar,
        account=key,
    )


def person(scenario: Scenario, platform: str, key: str, one: Person, start: datetime) -> Actor:
    """Build the actor that the person *key* is on *platform*."""
    created = start + one.joined
    handle = f"{key}.people.example" if platform == "bluesky" else _acct(key, one.home)
    return Actor(
        key=f"{platform}:{key}",
        platform=platform,
        handle=handle,
        native_id=_native_id(scenario.seed, platform, handle, created),
        created=created,
        closed=_moment(start, one.closed),
        reopened=_moment(start, one.reopened),
        deleted=_moment(start, one.deleted),
        suspended=_moment(start, one.suspended),
        profiles=(Profile(created, one.name, f"{one.bio} {NOTICE}".strip()),),
        avatar=None,
        account=None,
    )


def _moment(start: datetime, offset: timedelta | None) -> datetime | None:
    return None if offset is None else start + offset


def _acct(key: str, home: str | None) -> str:
    name = key.replace("-", "_")
    return f"{name}@{home}" if home else name


def _native_id(seed: str, platform: str, handle: str, created: datetime) -> str:
    # The DID holds on to the handle alone: a server started at another instant gives the same one.
    if platform == "bluesky":
        return did(seed, handle)
    # Many join at the same instant of a scenario, and an id has only 16 bits beside its milliseconds.
    moment = created + timedelta(milliseconds=chance("joined", seed, handle) % 60_000)
    return str(snowflake(moment, f"{seed}/{handle}"))
