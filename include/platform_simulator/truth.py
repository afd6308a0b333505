"""The truth of a simulation: what happened, when, and what can be seen now. Drills are scored against it."""

from __future__ import annotations

from datetime import datetime
from itertools import chain

from platform_simulator.actors import Actor
from platform_simulator.items import Item
from platform_simulator.page_models import WebPage
from platform_simulator.scenario import Newsletter, SocialAccount, Website
from platform_simulator.simulator import Simulator
from platform_simulator.times import iso
from platform_simulator.website import shown_articles
from platform_simulator.world import State, World

Happened = tuple[datetime, str, str, str]  # when, account, what, id


def tell_truth(simulator: Simulator) -> dict[str, object]:
    """Return every event until now, and for each account what is visible now, counted and by id."""
    state = simulator.state()
    happened = sorted(one for one in _events(simulator.world) if one[0] <= state.instant)
    accounts = {key: _account(simulator, state, key) for key in simulator.scenario.accounts}
    return {
        "simulator": "muniment",
        "scenario": simulator.scenario.name,
        "start": iso(simulator.world.start),
        "now": iso(state.instant),
        "accounts": accounts,
        "events": [
            {"at": iso(at), "account": account, "what": what, "id": name} for at, account, what, name in happened
        ],
    }


def _account(simulator: Simulator, state: State, key: str) -> dict[str, object]:
    account = simulator.scenario.accounts[key]
    if isinstance(account, Newsletter):
        visible = {"subscribers": [one.address for one in state.subscriptions(key)]}
        return _told("newsletter", account.file, visible)
    if isinstance(account, Website):
        shown = shown_articles(simulator, account)
        ids = [one.article.id for one in shown]
        return _told("website", account.feed, {"articles": ids, "in_feed": ids[: account.window]})
    return {
        **_told(account.platform, account.handle, _social(state, key)),
        "id": simulator.world.accounts[key].native_id,
    }


def _told(platform: str, handle: str, visible: dict[str, list[str]]) -> dict[str, object]:
    counts = {name: len(ids) for name, ids in visible.items()}
    return {"platform": platform, "handle": handle, "counts": counts, "visible": visible}


def _social(state: State, key: str) -> dict[str, list[str]]:
    actor = state.world.accounts[key]
    written = state.written_by(actor)
    threads = list(chain.from_iterable(_below(state, item) for item in written if item.parent is None))
    return {
        "posts": [item.native_id for item in written if item.parent is None],
        "own_replies": [item.native_id for item in written if item.parent is not None],
        "replies": [item.native_id for item in threads],  # those that the threads show, own ones included
        "hidden": [item.native_id for item in threads if item.is_hidden(state.instant)],
        "edited": [item.native_id for item in written if item.version_at(state.instant)],
        "followers": [one.actor.native_id for one in state.followers(key)],
    }


def _below(state: State, item: Item) -> list[Item]:
    blocked = state.blocked(item.account)
    shown = [one for one in state.replies_to(item) if one.author.native_id not in blocked]
    return list(chain.from_iterable([one, *_below(state, one)] for one in shown))


def _events(world: World) -> list[Happened]:
    found = list(chain.from_iterable(_of_item(item) for item in world.items))
    for key, follows in world.follows.items():
        for one in follows:
            found.append((one.since, key, "follower joined", one.actor.native_id))
            found += [(one.until, key, "follower left", one.actor.native_id)] if one.until else []
    for key, subscriptions in world.subscriptions.items():
        for sub in subscriptions:
            found.append((sub.since, key, "subscriber joined", sub.address))
            found += [(sub.until, key, "subscriber left", sub.address)] if sub.until else []
    for key, actor in world.accounts.items():
        found += [(profile.at, key, "profile edited", actor.native_id) for profile in actor.profiles[1:]]
    return found + _other_events(world)


def _of_item(item: Item) -> list[Happened]:
    kind = "post" if item.parent is None else "reply"
    found = [(item.at, item.account, f"{kind} written", item.native_id)]
    found += [(one.at, item.account, f"{kind} edited", item.native_id) for one in item.versions[1:]]
    ends = (
        (item.deleted, "deleted"),
        (item.hidden, "hidden"),
        (item.unhidden, "unhidden"),
        (item.taken_down, "taken down"),
        (item.withdrawn, "withdrawn"),
    )
    return found + [(at, item.account, f"{kind} {what}", item.native_id) for at, what in ends if at is not None]


def _other_events(world: World) -> list[Happened]:
    found: list[Happened] = []
    for key, account in world.scenario.accounts.items():
        if isinstance(account, Website):
            for one in account.articles:
                found.append((world.start + one.at, key, "article written", one.id))
                found += [(world.start + edit.at, key, "article edited", one.id) for edit in one.edits]
                found += [(world.start + one.deleted, key, "article deleted", one.id)] if one.deleted else []
        if isinstance(account, SocialAccount):
            for block in account.blocks:
                who = world.find_person(account.platform, block.who).native_id
                found.append((world.start + block.since, key, "person blocked", who))
                found += [(world.start + block.until, key, "person unblocked", who)] if block.until else []
    found += [one for path, page in world.scenario.pages.items() for one in _of_page(world, path, page)]
    return found + [one for actor in world.actors.values() for one in _of_actor(actor)]


def _of_page(world: World, path: str, page: WebPage) -> list[Happened]:
    acts = [(edit.at, "page text edited" if edit.replace else "page furniture edited") for edit in page.edits]
    acts += [(page.gone, "page gone")] if page.gone is not None else []
    return [(world.start + at, "pages", what, path) for at, what in acts]


def _of_actor(actor: Actor) -> list[Happened]:
    acts = (
        (actor.closed, "closed"),
        (actor.reopened, "reopened"),
        (actor.deleted, "deleted"),
        (actor.suspended, "suspended"),
    )
    return [(at, actor.platform, f"account {what}", actor.native_id) for at, what in acts if at is not None]
