"""What Bluesky's AppView shows of items, accounts and threads, in the shapes of a recorded AppView."""

from __future__ import annotations

from dataclasses import dataclass

from platform_simulator.actors import Actor
from platform_simulator.bluesky_records import Records
from platform_simulator.dagcbor import cid_of_block, encode, to_json
from platform_simulator.items import Item
from platform_simulator.times import iso
from platform_simulator.world import State

_ASSOCIATED = {"activitySubscription": {"allowSubscriptions": "followers"}}
Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Views:
    """The views of one state; `base` is the address that pictures are served at."""

    records: Records
    state: State
    base: str

    def author(self, actor: Actor) -> Json:
        """Return the short view of *actor* (profileViewBasic)."""
        view: Json = {
            "did": actor.native_id,
            "handle": actor.handle,
            "displayName": actor.profile(self.state.instant).name,
        }
        if actor.avatar is not None:
            view["avatar"] = self._picture("avatar", actor, actor.avatar)
        return {**view, "associated": _ASSOCIATED, "labels": [], "createdAt": iso(actor.created)}

    def follower(self, actor: Actor) -> Json:
        """Return the middle view of *actor* (profileView)."""
        profile = actor.profile(self.state.instant)
        return {**self.author(actor), "description": profile.description, "indexedAt": iso(profile.at)}

    def profile(self, actor: Actor) -> Json:
        """Return the long view of *actor* (profileViewDetailed)."""
        counts = {"lists": 0, "feedgens": 0, "starterPacks": 0, "labeler": False}
        follows = sum(1 for key in self.state.world.accounts for one in self.state.follows(key) if one.actor is actor)
        return {
            **self.follower(actor),
            "associated": {**counts, **_ASSOCIATED},
            # A closed account is counted and not listed, as recorded on the real network.
            "followersCount": len(self.state.follows(actor.account)) if actor.account else 0,
            "followsCount": follows,
            "postsCount": len(self.state.written_by(actor)),
        }

    def post(self, item: Item) -> Json:
        """Return the view of *item* (postView)."""
        record, cid = self.records.post(item, self.state.instant)
        view: Json = {
            "uri": item.native_id,
            "cid": str(cid),
            "author": self.author(item.author),
            "record": to_json(record),
        }
        embed = self._embed(item)
        if embed is not None:
            view["embed"] = embed
        view |= {
            "bookmarkCount": 0,
            "replyCount": len(self.state.replies_to(item)),
            "repostCount": item.reposts,
            "likeCount": item.like_count(self.state.instant),
            "quoteCount": 0,
            "indexedAt": iso(item.at),
            "labels": [],
        }
        gate = self.threadgate(item)
        return view if gate is None else {**view, "threadgate": gate}

    def _embed(self, item: Item) -> Json | None:
        if item.media:
            images = []
            for one in item.media:
                medium = self.state.world.scenario.media[one.medium]
                images.append(
                    {
                        "thumb": self._picture("feed_thumbnail", item.author, one.medium),
                        "fullsize": self._picture("feed_fullsize", item.author, one.medium),
                        "alt": one.alt,
                        "aspectRatio": {"width": medium.width, "height": medium.height},
                    }
                )
            return {"images": images, "$type": "app.bsky.embed.images#view"}
        if item.card is not None:
            external = {"uri": item.card.url, "title": item.card.title, "description": item.card.description}
            return {"external": external, "$type": "app.bsky.embed.external#view"}
        return None

    def _picture(self, preset: str, actor: Actor, medium: str) -> str:
        return f"{self.base}/img/{preset}/plain/{actor.native_id}/{self.records.blob_cid(medium)}"

    def threadgate(self, item: Item) -> Json | None:
        """Return the view of the thread gate of *item*, or None when it has none."""
        record = self.records.threadgate(item, self.state) if item.parent is None else None
        if record is None:
            return None
        uri = item.native_id.replace("feed.post", "feed.threadgate")
        return {"uri": uri, "cid": str(cid_of_block(encode(record))), "record": to_json(record), "lists": []}

    def feed_item(self, item: Item) -> Json:
        """Return *item* as a feed lists it, a reply with its parent and root."""
        if item.parent is None:
            return {"post": self.post(item)}
        reply = {"root": self._seen(item.root), "parent": self._seen(item.parent)}
        if item.parent.parent is not None:
            reply["grandparentAuthor"] = self.author(item.parent.parent.author)
        return {"post": self.post(item), "reply": reply}

    def _seen(self, item: Item) -> Json:
        if item.native_id not in self.state.items:
            return {"uri": item.native_id, "notFound": True, "$type": "app.bsky.feed.defs#notFoundPost"}
        if item.author.native_id in self.state.blocked(item.account):
            author = {"did": item.author.native_id}
            kind = "app.bsky.feed.defs#blockedPost"
            return {"uri": item.native_id, "blocked": True, "author": author, "$type": kind}
        return {**self.post(item), "$type": "app.bsky.feed.defs#postView"}

    def thread(self, item: Item, depth: int) -> Json:
        """Return *item* with its replies down to *depth*; replies of blocked authors are left out.

        Hidden replies stay in, as on the real AppView: only the thread gate names them.
        """
        node: Json = {"post": self.post(item)}
        if depth > 0:
            blocked = self.state.blocked(item.account)
            shown = (one for one in self.state.replies_to(item) if one.author.native_id not in blocked)
            node["replies"] = [self.thread(one, depth - 1) for one in shown]
        return {**node, "threadContext": {}, "$type": "app.bsky.feed.defs#threadViewPost"}

    def other_replies(self, root: Item) -> list[Json]:
        """Return the hidden replies of the thread of *root*, as getPostThreadOtherV2 lists them."""
        hidden = (item for item in self.state.hidden_in(root) if item.native_id in self.state.items)
        blocked = self.state.blocked(root.account)
        return [self._other(item) for item in hidden if item.author.native_id not in blocked]

    def _other(self, item: Item) -> Json:
        depth, above = 1, item.parent
        while above is not None and above.parent is not None:
            depth, above = depth + 1, above.parent
        value = {
            "post": self.post(item),
            "hiddenByThreadgate": True,
            "mutedByViewer": False,
            "moreParents": False,
            "moreReplies": len(self.state.replies_to(item)),
            "opThread": False,
            "$type": "app.bsky.unspecced.defs#threadItemPost",
        }
        return {"uri": item.native_id, "depth": depth, "value": value}
