"""The records of Bluesky repositories, made of a world's items. Shapes: the app.bsky lexicons."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache

from platform_simulator.actors import Actor
from platform_simulator.dagcbor import Cid, Value, cid_of_blob, cid_of_block, encode
from platform_simulator.ids import tid
from platform_simulator.items import Item
from platform_simulator.media import CONTENT_TYPES, draw
from platform_simulator.scenario import Attached
from platform_simulator.times import iso, milliseconds
from platform_simulator.world import Follow, State, World

_FACET = re.compile(r"(?P<link>https?://[^\s)]*[^\s).,;!?])|(?P<tag>(?<!\w)#\w+)")

Keyed = tuple[tuple[int, str], Item]


class Records:
    """The records of one world, each made once."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._posts: dict[tuple[str, int], tuple[dict[str, Value], Cid]] = {}
        self._newest_first = lru_cache(maxsize=32)(self._order)

    def post(self, item: Item, instant: datetime) -> tuple[dict[str, Value], Cid]:
        """Return the post record of *item* as it stood at *instant*, and its CID."""
        version = item.version_at(instant)
        found = self._posts.get((item.native_id, version))
        if found is None:
            record = self._make_post(item, item.versions[version].text)
            found = self._posts[item.native_id, version] = (record, cid_of_block(encode(record)))
        return found

    def newest_first(self, actor: Actor, state: State) -> list[Keyed]:
        """Return what *actor* wrote, newest first, each under its time and CID."""
        return self._newest_first(actor, state)

    def _order(self, actor: Actor, state: State) -> list[Keyed]:
        written = state.written_by(actor)
        keyed = [((milliseconds(item.at), str(self.post(item, state.instant)[1])), item) for item in written]
        return sorted(keyed, key=lambda one: one[0], reverse=True)

    def reference(self, item: Item, instant: datetime) -> dict[str, Value]:
        """Return the strong reference to *item* as it stood at *instant*."""
        return {"cid": str(self.post(item, instant)[1]), "uri": item.native_id}

    def _make_post(self, item: Item, text: str) -> dict[str, Value]:
        record: dict[str, Value] = {"text": text, "$type": "app.bsky.feed.post"}
        if item.media:
            images: list[Value] = [self._image(one) for one in item.media]
            record["embed"] = {"$type": "app.bsky.embed.images", "images": images}
        elif item.card is not None:
            external: dict[str, Value] = {"uri": item.card.url, "title": item.card.title}
            record["embed"] = {
                "$type": "app.bsky.embed.external",
                "external": {**external, "description": item.card.description},
            }
        record["langs"] = [item.lang]
        if item.parent is not None:
            # A strong reference holds on to what stood there when the reply was written.
            parent, root = self.reference(item.parent, item.at), self.reference(item.root, item.at)
            record["reply"] = {"root": root, "parent": parent}
        found = facets(text)
        if found:
            record["facets"] = found
        record["createdAt"] = iso(item.at)
        return record

    def _image(self, attached: Attached) -> Value:
        medium = self.world.scenario.media[attached.medium]
        ratio: dict[str, Value] = {"width": medium.width, "height": medium.height}
        return {"alt": attached.alt, "image": self.blob(attached.medium), "aspectRatio": ratio}

    def blob_cid(self, name: str) -> Cid:
        """Return the CID of the medium *name*."""
        return cid_of_blob(draw(name, self.world.scenario.media[name]))

    def blob(self, name: str) -> dict[str, Value]:
        """Return the blob reference of the medium *name*."""
        medium = self.world.scenario.media[name]
        size, kind = len(draw(name, medium)), CONTENT_TYPES[medium.kind]
        return {"ref": self.blob_cid(name), "size": size, "$type": "blob", "mimeType": kind}

    def profile(self, actor: Actor, instant: datetime) -> dict[str, Value]:
        """Return the profile record of *actor* at *instant*."""
        profile = actor.profile(instant)
        record: dict[str, Value] = {"$type": "app.bsky.actor.profile", "createdAt": iso(actor.created)}
        if actor.avatar is not None:
            record["avatar"] = self.blob(actor.avatar)
        return {**record, "description": profile.description, "displayName": profile.name}

    def threadgate(self, root: Item, state: State) -> dict[str, Value] | None:
        """Return the thread gate of *root*, or None while nothing was ever hidden in its thread."""
        since = state.gated_since(root)
        if since is None:
            return None
        hidden: list[Value] = [item.native_id for item in state.hidden_in(root)]
        record: dict[str, Value] = {"post": root.native_id, "$type": "app.bsky.feed.threadgate"}
        return {**record, "createdAt": iso(since), "hiddenReplies": hidden}

    def of_repository(self, actor: Actor, state: State) -> dict[str, Value]:
        """Return all records of *actor* in *state*, by ``collection/rkey``."""
        records: dict[str, Value] = {"app.bsky.actor.profile/self": self.profile(actor, state.instant)}
        for item in state.held_by(actor):
            path = item.native_id.split("/", 3)[3]
            records[path] = self.post(item, state.instant)[0]
            gate = self.threadgate(item, state)
            if gate is not None:
                records[path.replace("feed.post", "feed.threadgate")] = gate
        for subject, since, collection in _graph(actor, state):
            key = _graph_key(actor, subject, since, collection)
            made: dict[str, Value] = {"$type": collection, "subject": subject.native_id, "createdAt": iso(since)}
            records[f"{collection}/{key}"] = made
        return records

    def graph_uri(self, actor: Actor, subject: Actor, collection: str, state: State) -> str | None:
        """Return the address of the record in *collection* by which *actor* follows or blocks *subject*, or None."""
        for one, since, found in _graph(actor, state):
            if one is subject and found == collection:
                return f"at://{actor.native_id}/{collection}/{_graph_key(actor, subject, since, collection)}"
        return None

    def revision(self, actor: Actor, state: State) -> str:
        """Return the revision of *actor*'s repository: the TID of its last change until *state*."""
        times = [actor.created, *(profile.at for profile in actor.profiles)]
        for item in self.world.items:
            if item.author is actor:
                times += [one.at for one in item.versions]
                times += [at for at in (item.deleted, item.withdrawn) if at is not None]
            if item.root.author is actor and item.hidden is not None:
                times += [item.hidden, *([item.unhidden] if item.unhidden else [])]
        for follow in _follows_of(actor, self.world):
            times += [follow.since, *([follow.until] if follow.until else [])]
        if actor.account is not None:
            times += state.block_times(actor.account)
        return tid(max(time for time in times if time <= state.instant), f"rev/{actor.key}")


def _graph_key(actor: Actor, subject: Actor, since: datetime, collection: str) -> str:
    return tid(since, f"{actor.key}/{collection}/{subject.key}")


def _follows_of(actor: Actor, world: World) -> list[Follow]:
    return [one for follows in world.follows.values() for one in follows if one.actor is actor]


def _graph(actor: Actor, state: State) -> list[tuple[Actor, datetime, str]]:
    """Return whom *actor* follows and blocks in *state*, since when, in which collection."""
    world = state.world
    found = [
        (world.accounts[follow.account], follow.since, "app.bsky.graph.follow")
        for follow in _follows_of(actor, world)
        if follow.holds(state.instant)
    ]
    if actor.account is not None:
        blocks = state.blocks(actor.account)
        found += [(who, since, "app.bsky.graph.block") for who, since in blocks]
    return found


def facets(text: str) -> list[Value]:
    """Return the links and tags of *text* with their places in its UTF-8 bytes."""
    found: list[Value] = []
    for match in _FACET.finditer(text):
        begin = len(text[: match.start()].encode())
        feature: dict[str, Value] = (
            {"uri": match["link"], "$type": "app.bsky.richtext.facet#link"}
            if match["link"]
            else {"tag": match["tag"][1:], "$type": "app.bsky.richtext.facet#tag"}
        )
        index: dict[str, Value] = {"byteEnd": begin + len(match[0].encode()), "byteStart": begin}
        found.append({"index": index, "features": [feature]})
    return found
