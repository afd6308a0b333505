"""What a scenario's parts must keep together: names that exist, times in order, texts that fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from platform_simulator.page_models import find_page_faults
from platform_simulator.scenario import NEVER, Attached, Newsletter, Post, Reply, Scenario, SocialAccount, Website

# https://docs.bsky.app/docs/advanced-guides/posts and https://docs.joinmastodon.org/methods/instance/
TEXT_LIMITS = {"bluesky": 300, "mastodon": 500}


def find_faults(scenario: Scenario) -> list[str]:
    """Return what is wrong in *scenario*, each with its place; empty when nothing is."""
    faults = [*_people(scenario), *_accounts(scenario), *find_page_faults(scenario.pages)]
    seen: set[str] = set()
    for index, post in enumerate(scenario.posts):
        place = f"posts[{index}]"
        if post.id in seen:
            faults.append(f"{place}.id: expected an id of its own, found {post.id!r} again")
        seen.add(post.id)
        faults += _post(scenario, post, place)
    for index, rule in enumerate(scenario.faults):
        faults += _order(f"faults[{index}].until", rule.at, rule.until)
    return faults


def _people(scenario: Scenario) -> Iterator[str]:
    for key, one in scenario.people.items():
        for field in ("closed", "deleted", "suspended"):
            yield from _order(f"people.{key}.{field}", one.joined, getattr(one, field))
        if one.reopened is not None:
            yield from _order(f"people.{key}.reopened", NEVER if one.closed is None else one.closed, one.reopened)


def _accounts(scenario: Scenario) -> Iterator[str]:
    for key, account in scenario.accounts.items():
        place = f"accounts.{key}"
        if isinstance(account, SocialAccount):
            yield from _social(scenario, account, place)
        elif isinstance(account, Newsletter):
            for index, one in enumerate(account.subscribers):
                yield from _order(f"{place}.subscribers[{index}].until", one.since, one.until)
        elif isinstance(account, Website):
            yield from _articles(scenario, account, place)


def _social(scenario: Scenario, account: SocialAccount, place: str) -> Iterator[str]:
    for index, follower in enumerate(account.followers):
        yield from _known(scenario, follower.who, f"{place}.followers[{index}].who")
        yield from _order(f"{place}.followers[{index}].until", follower.since, follower.until)
        yield from _order(f"{place}.followers[{index}].since", account.created, follower.since)
    for index, block in enumerate(account.blocks):
        yield from _known(scenario, block.who, f"{place}.blocks[{index}].who")
        yield from _order(f"{place}.blocks[{index}].until", block.since, block.until)
        if account.platform != "bluesky":
            yield f"{place}.blocks[{index}]: expected on Bluesky only, found on {account.platform}"
    for index, edit in enumerate(account.profile_edits):
        yield from _order(f"{place}.profile_edits[{index}].at", account.created, edit.at)
    if account.avatar is not None:
        yield from _medium(scenario, account.avatar, f"{place}.avatar")


def _articles(scenario: Scenario, website: Website, place: str) -> Iterator[str]:
    for index, article in enumerate(website.articles):
        here = f"{place}.articles[{index}]"
        yield from _order(f"{here}.deleted", article.at, article.deleted)
        yield from _rising(f"{here}.edits", article.at, [edit.at for edit in article.edits])
        if article.medium is not None:
            yield from _medium(scenario, article.medium, f"{here}.medium")


def _post(scenario: Scenario, post: Post, place: str) -> Iterator[str]:
    social = scenario.social()
    on = list(social) if post.on is None else post.on
    yield from _targets(list(social), on, f"{place}.on")
    on = [key for key in on if key in social]
    for key in on:
        if post.at < social[key].created:
            yield f"{place}.at: expected a time after account {key} was created, found one before"
    for field in ("deleted", "taken_down"):
        yield from _order(f"{place}.{field}", post.at, getattr(post, field))
    yield from _content(scenario, post, post.at, on, place)
    yield from _media(scenario, post.media, place)
    for index, reply in enumerate(post.replies):
        yield from _reply(scenario, reply, post.at, on, f"{place}.replies[{index}]")


def _reply(scenario: Scenario, reply: Reply, parent_at: timedelta, on: list[str], place: str) -> Iterator[str]:
    if (reply.at is None) == (reply.after is None):
        yield f"{place}: expected one of at and after, found {'both' if reply.at is not None else 'neither'}"
        return
    at = reply_time(reply, parent_at)
    mine = on if reply.on is None else reply.on
    yield from _targets(on, mine, f"{place}.on")
    if reply.by != "account":
        yield from _known(scenario, reply.by, f"{place}.by")
    if (one := scenario.people.get(reply.by)) is not None and at < one.joined:
        yield f"{place}: expected a time after {reply.by} joined, found one before"
    yield from _order(f"{place}.at", parent_at, at)
    for field in ("deleted", "hidden", "taken_down", "withdrawn"):
        yield from _order(f"{place}.{field}", at, getattr(reply, field))
    if reply.unhidden is not None:
        yield from _order(f"{place}.unhidden", NEVER if reply.hidden is None else reply.hidden, reply.unhidden)
    yield from _content(scenario, reply, at, [key for key in mine if key in on], place)
    yield from _media(scenario, reply.media, place)
    for index, answer in enumerate(reply.replies):
        yield from _reply(scenario, answer, at, mine, f"{place}.replies[{index}]")


def reply_time(reply: Reply, parent_at: timedelta) -> timedelta:
    """Return the offset of *reply*, whose parent is at *parent_at*."""
    return reply.at if reply.at is not None else parent_at + (reply.after or timedelta(0))


def _targets(allowed: Sequence[str], found: Sequence[str], place: str) -> Iterator[str]:
    for key in found:
        if key not in allowed:
            yield f"{place}: expected accounts out of {', '.join(allowed)}, found {key!r}"


def _known(scenario: Scenario, who: str, place: str) -> Iterator[str]:
    if who not in scenario.people:
        yield f"{place}: expected one of the scenario's people, found {who!r}"


def _medium(scenario: Scenario, name: str, place: str) -> Iterator[str]:
    if name not in scenario.media:
        yield f"{place}: expected one of the scenario's media, found {name!r}"


def _media(scenario: Scenario, media: list[Attached], place: str) -> Iterator[str]:
    for index, attached in enumerate(media):
        yield from _medium(scenario, attached.medium, f"{place}.media[{index}].medium")


def _content(scenario: Scenario, said: Post | Reply, at: timedelta, on: list[str], place: str) -> Iterator[str]:
    yield from _rising(f"{place}.edits", at, [edit.at for edit in said.edits])
    for key in on:
        platform = scenario.social()[key].platform
        longest = max(len(version) for version in (said.text, *(edit.text for edit in said.edits)))
        if longest > TEXT_LIMITS[platform]:
            yield f"{place}.text: expected at most {TEXT_LIMITS[platform]} characters on {platform}, found {longest}"


def _order(place: str, first: timedelta, then: timedelta | None) -> Iterator[str]:
    if then is not None and then < first:
        yield f"{place}: expected a time not before what it follows, found one before"


def _rising(place: str, at: timedelta, times: list[timedelta]) -> Iterator[str]:
    for index, (before, time) in enumerate(zip([at, *times], times, strict=False)):
        if time <= before:
            yield f"{place}[{index}].at: expected a time after the version before, found one not after"
