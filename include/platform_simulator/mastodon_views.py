"""What a Mastodon server shows of items and accounts."""

from __future__ import annotations

from dataclasses import dataclass

from platform_simulator.actors import Actor
from platform_simulator.ids import chance
from platform_simulator.items import Item
from platform_simulator.mastodon_shapes import (
    Json,
    account_entity,
    card_entity,
    content_html,
    media_entity,
    mention_entity,
    status_entity,
    tag_entities,
)
from platform_simulator.times import iso
from platform_simulator.world import State


@dataclass(frozen=True, slots=True)
class Views:
    """The views of one state; `base` is the server's own address."""

    state: State
    base: str

    def account(self, actor: Actor) -> Json:
        """Return the Account of *actor*."""
        profile, written = actor.profile(self.state.instant), self.state.written_by(actor)
        said = {
            "id": actor.native_id,
            "acct": actor.handle,
            "name": profile.name,
            "note": profile.description,
            "created_at": iso(actor.created),
            "followers_count": len(self.state.followers(actor.account)) if actor.account else 0,
            "following_count": 0,
            "statuses_count": len(written),
            "last_status_at": iso(written[-1].at)[:10] if written else None,
            "avatar": f"{self.base}/media/{self._file(actor.avatar)}" if actor.avatar else None,
        }
        return account_entity(self.base, said)

    def status(self, item: Item) -> Json:
        """Return the Status of *item*. A reply whose parent is gone says no parent, as on a real server."""
        account = self.account(item.author)
        version = item.version_at(self.state.instant)
        text, mentions = item.versions[version].text, self._mentions(item)
        parent = item.parent if item.parent is not None and item.parent.native_id in self.state.items else None
        said: Json = {
            "id": item.native_id,
            "created_at": iso(item.at),
            "in_reply_to_id": parent.native_id if parent else None,
            "in_reply_to_account_id": parent.author.native_id if parent else None,
            "visibility": "unlisted" if item.unlisted else "public",
            "language": item.lang,
            "replies_count": len(self.state.replies_to(item)),
            "reblogs_count": item.reposts,
            "favourites_count": item.like_count(self.state.instant),
            "edited_at": iso(item.versions[version].at) if version else None,
            "content": content_html(self.base, text, mentions),
            "media_attachments": self._media(item),
            "mentions": [mention_entity(one) for one in mentions],
            "tags": tag_entities(self.base, text),
        }
        if item.card is not None:
            said["card"] = card_entity(item.card.url, item.card.title, item.card.description)
        return status_entity(self.base, account, said)

    def history(self, item: Item) -> list[Json]:
        """Return the StatusEdits of *item*, oldest first; the last one is what stands now."""
        account, mentions = self.account(item.author), self._mentions(item)
        return [
            {
                "content": content_html(self.base, version.text, mentions),
                "spoiler_text": "",
                "sensitive": False,
                "created_at": iso(version.at),
                "account": account,
                "media_attachments": self._media(item),
                "emojis": [],
            }
            for version in item.versions[: item.version_at(self.state.instant) + 1]
        ]

    def descendants(self, item: Item, depth: int) -> list[Item]:
        """Return the replies below *item* down to *depth*, each before the replies to it."""
        found = []
        for reply in self.state.replies_to(item) if depth > 0 else ():
            found += [reply, *self.descendants(reply, depth - 1)]
        return found

    def ancestors(self, item: Item) -> list[Item]:
        """Return what *item* answers, the root first, as far as it is still there."""
        found: list[Item] = []
        above = item.parent
        while above is not None and above.native_id in self.state.items:
            found.insert(0, above)
            above = above.parent
        return found

    def _mentions(self, item: Item) -> list[Json]:
        if item.parent is None or item.parent.author is item.author:
            return []
        return [self.account(item.parent.author)]

    def _file(self, name: str) -> str:
        return f"{name}.{self.state.world.scenario.media[name].kind}"

    def _media(self, item: Item) -> list[Json]:
        entities = []
        for index, one in enumerate(item.media):
            medium = self.state.world.scenario.media[one.medium]
            number = str(int(item.native_id) - 65536 + index + chance(item.key) % 9 * 10)
            said = {"id": number, "description": one.alt or None}
            entities.append(media_entity(self.base, self._file(one.medium), (medium.width, medium.height), said))
        return entities
