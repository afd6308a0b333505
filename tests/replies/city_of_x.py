"""What a capture of the City of X must find: worked out from the record of what was made, not from a capture.

`made` is the seed's own record; after its second act a post and a reply are deleted, a follower
left, one account is deleted and one deactivated.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from muniment.records.page import Gap, Page, Purpose

COMMENTERS = tuple(f"resident{number:03d}" for number in range(20))  # one comment each, under the budget post


@dataclass(frozen=True, slots=True)
class Made:
    """The seed's record, and whether its second act is over."""

    record: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> Made:
        """Read the record at *path*."""
        return cls(json.loads(path.read_text("utf-8")))

    @property
    def is_second_act(self) -> bool:
        return "edited_new" in self.record

    @property
    def did(self) -> str:
        return self.did_of("cityofx")

    def did_of(self, name: str) -> str:
        return str(self.record["accounts"][name]["did"])

    def uri(self, kind: str, name: str) -> str:
        return str(self.record[kind][name]["uri"])

    def own_posts(self) -> set[str]:
        """The city's own posts and its answer: `quote` is another account's."""
        posts = {ref["uri"] for name, ref in self.record["posts"].items() if name != "quote"}
        posts.add(self.uri("replies", "city_answer"))
        return posts - ({self.uri("posts", "deleted")} if self.is_second_act else set())

    def replies(self) -> set[str]:
        """The named replies under the snow post; one hidden by the thread gate, one by a blocked account."""
        replies = {ref["uri"] for ref in self.record["replies"].values()}
        if not self.is_second_act:
            return replies
        return replies - {self.uri("replies", name) for name in ("author_deleted", "goneuser", "dropout")}

    def commenters(self) -> set[str]:
        """The DIDs of the people with a comment under the budget post."""
        return {self.did_of(name) for name in COMMENTERS}

    def listed_followers(self) -> set[str]:
        """The DIDs that the list of followers shows: all but the blocked account."""
        gone = {"resident000", "goneuser", "dropout"} if self.is_second_act else set()
        return {self.did_of(name) for name in self.record["follows"] if name not in gone | {"blocked"}}


def posts_in(found: list[Page | Gap], purpose: Purpose) -> dict[str, dict[str, Any]]:
    """Return by URI every post view in the JSON of the pages of *purpose*, however deep."""
    views: dict[str, dict[str, Any]] = {}
    for page in found:
        if isinstance(page, Page) and page.purpose == purpose:
            views |= {view["uri"]: view for view in _views(json.loads(page.body))}
    return views


def _views(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for item in value:
            yield from _views(item)
    elif isinstance(value, dict):
        if {"uri", "cid", "author", "record"} <= value.keys():
            yield value
        for key, item in value.items():
            # A feed item's `reply` quotes the thread; an `embed` quotes another post.
            if key not in {"reply", "embed", "record"}:
                yield from _views(item)


def own_feed(found: list[Page | Gap]) -> dict[str, dict[str, Any]]:
    """Return by URI the posts of the feed pages, reposts left out."""
    return {
        item["post"]["uri"]: item["post"]
        for page in found
        if isinstance(page, Page) and page.purpose == Purpose.POSTS
        for item in json.loads(page.body)["feed"]
        if "reason" not in item
    }


def blob_sha256(cid: str) -> str:
    """Return the SHA-256 that a blob's CID states (base32, raw codec, sha2-256), as hex."""
    text = cid.removeprefix("b").upper()
    number = base64.b32decode(text + "=" * (-len(text) % 8))
    assert number[:4] == b"\x01\x55\x12\x20", cid
    return number[4:].hex()
