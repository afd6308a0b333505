"""A Mastodon server of any size for benchmarks: every body is rendered once, to a file, and then only sent.

``python -m platform_simulator.bulk --posts P --replies R --directory D --port N``
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from urllib.parse import parse_qs

from starlette.types import Receive, Scope, Send

from platform_simulator.__main__ import serve
from platform_simulator.actors import NOTICE
from platform_simulator.ids import chance, snowflake
from platform_simulator.mastodon_shapes import (
    Json,
    account_entity,
    card_entity,
    content_html,
    mention_entity,
    status_entity,
    tag_entities,
)
from platform_simulator.people import crowd
from platform_simulator.times import iso

BASE = "http://127.0.0.1"  # stands in bodies only: they must not hold a port that differs from run to run
HANDLE, FIRST = "cityhall", datetime(2025, 1, 1, tzinfo=UTC)
_CITIZENS, _PAGE = 5000, 40
_THREAD_MS = 1_100_000  # replies to a post come before the next post, so that no two ids are the same
_SOUNDS = "ba ce di fo gu ha je ki lo mu na pe qui ro sa te vi wo xa yu za bre cla dri flo gre pla sti tro".split()  # noqa: SIM905


class Bulk:
    """*posts* posts with *replies* replies each: the same numbers and *seed* give the same bytes."""

    def __init__(self, posts: int, replies: int, directory: Path, seed: int = 1) -> None:
        self.posts, self.replies, self.seed = posts, replies, seed
        self.directory = directory / f"bulk-{posts}-{replies}-{seed}"
        self._numbers = [self.number(post) for post in range(posts)]
        # Without pictures: bodies cannot hold the port that they would be had from.
        self.account = self._account(HANDLE, "City (generated)", posts) | {"avatar": "", "header": ""}
        words = random.Random(seed)
        self._words = ["".join(words.choices(_SOUNDS, k=words.randint(1, 4))) for _ in range(6000)]
        # Zipf's law, as in real text.
        self._weights = list(accumulate(1 / (rank + 2) for rank in range(len(self._words))))
        self._citizens = list(crowd(f"bulk/{seed}", _CITIZENS))
        self._citizen = lru_cache(maxsize=_CITIZENS)(self._find_citizen)

    def _account(self, handle: str, name: str, statuses: int) -> Json:
        said = {"id": snowflake(FIRST, handle), "acct": handle, "name": name, "note": NOTICE, "created_at": iso(FIRST)}
        said["avatar"] = f"{BASE}/media/{chance('avatar', handle):016x}.png"
        counts = {"followers_count": 0, "following_count": 12, "statuses_count": statuses}
        return account_entity(BASE, {**said, **counts, "last_status_at": iso(FIRST)[:10]})

    def _find_citizen(self, index: int) -> tuple[Json, bytes]:
        who, name = self._citizens[index]
        draw = random.Random(chance("citizen", str(self.seed), who))
        home = ("", "@hillside.example", "@citrus.example")[index % 3]
        account = self._account(f"{who.replace('-', '_')}{home}", name, draw.randrange(9000))
        account |= self._profile(draw, str(account["id"]))
        return account, _json(account)

    def _profile(self, draw: random.Random, number: str) -> Json:
        """Draw what makes people differ: what they say of themselves, pictures, counts, dates."""
        folders = "/".join(number[at : at + 3] for at in range(0, 18, 3))
        pictures = {
            what: f"{BASE}/accounts/{what}s/{folders}/original/{draw.getrandbits(64):016x}.png"
            for what in ("avatar", "header")
        }
        said = " ".join(draw.choices(self._words, cum_weights=self._weights, k=draw.randint(0, 35)))
        field = {"name": draw.choice(self._words), "value": draw.choice(self._words), "verified_at": None}
        joined, seen = (FIRST - timedelta(days=draw.randrange(days)) for days in (2500, 40))
        return {
            **pictures,
            "avatar_static": pictures["avatar"],
            "header_static": pictures["header"],
            "note": content_html(BASE, f"{NOTICE}\n\n{said.capitalize()}"),
            "created_at": iso(joined)[:10] + "T00:00:00.000Z",
            "last_status_at": iso(seen)[:10],
            "followers_count": int(draw.paretovariate(0.7)),
            "following_count": int(draw.paretovariate(0.7)),
            "fields": [field] * draw.choice((0, 0, 1)),
        }

    def number(self, post: int) -> int:
        """Return the id of the post *post*, counted from 0; a later one is greater."""
        return snowflake(FIRST + timedelta(minutes=20 * post), f"{self.seed}/{post}")

    def render(self) -> None:
        """Write every body that is not written yet."""
        self.directory.mkdir(parents=True, exist_ok=True)
        for post in range(self.posts):
            path = self._path(post)
            if not path.exists():
                partial = path.with_suffix(".part")
                partial.write_bytes(self.context(post))
                partial.rename(path)

    def _path(self, post: int) -> Path:
        return self.directory / f"{self.number(post)}.json"

    def body_or_none(self, number: str) -> bytes | None:
        """Read the rendered context of the post with the id *number*."""
        path = self.directory / f"{number}.json"
        return path.read_bytes() if number.isdecimal() and path.exists() else None

    def context(self, post: int) -> bytes:
        """Render the context of the post *post*, counted from 0."""
        draw = random.Random(chance("bulk", str(self.seed), str(post)))
        at, root = FIRST + timedelta(minutes=20 * post), str(self.number(post))
        step = timedelta(milliseconds=_THREAD_MS // self.replies if self.replies else 0)
        replies = [self._reply(draw, at + (index + 1) * step, root) for index in range(self.replies)]
        return b'{"ancestors":[],"descendants":[' + b",".join(replies) + b"]}"

    def _reply(self, draw: random.Random, at: datetime, root: str) -> bytes:
        account, written = self._citizen(draw.randrange(_CITIZENS))
        text, mentions = self._text(draw), [self.account]
        said = {
            "id": str(snowflake(at, f"{root}/{at.timestamp()}")),
            "created_at": iso(at),
            "in_reply_to_id": root,
            "in_reply_to_account_id": self.account["id"],
            "language": draw.choice(("en", "en", "en", "es")),
            "favourites_count": min(int(draw.expovariate(0.5)), 99),
            "content": content_html(BASE, text, mentions),
            "mentions": [mention_entity(one) for one in mentions],
            "tags": tag_entities(BASE, text),
        }
        # Each account is written once and put in as it is: that halves the time to render.
        status = _json(status_entity(BASE, account, {**said, "account": "@"}))
        return status.replace(b'"account":"@"', b'"account":' + written, 1)

    def _text(self, draw: random.Random) -> str:
        words = draw.choices(self._words, cum_weights=self._weights, k=draw.randint(6, 60))
        tag = f" #{draw.choice(self._words)}" if draw.random() < 0.2 else ""
        return f"{' '.join(words).capitalize()}.{tag}"

    def statuses(self, below: int | None) -> tuple[bytes, int | None]:
        """Render the page of posts with ids under *below*, and the id to go on from when there are more."""
        first = (self.posts if below is None else bisect_left(self._numbers, below)) - 1
        page = range(first, max(first - _PAGE, -1), -1)
        more = self._numbers[page[-1]] if len(page) == _PAGE else None
        return _json([self._post(post) for post in page]), more

    def _post(self, post: int) -> Json:
        at = FIRST + timedelta(minutes=20 * post)
        draw = random.Random(chance("post", str(self.seed), str(post)))
        address, title = f"https://claremont.example/notice/{post + 1}", f"Notice {post + 1}"
        text = f"{title}. {self._text(draw)} {address}"
        said: Json = {"id": str(self.number(post)), "created_at": iso(at), "replies_count": self.replies}
        said["card"] = card_entity(address, title, self._text(draw))  # as Mastodon makes of every link
        return status_entity(BASE, self.account, {**said, "content": content_html(BASE, text)})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI names it
        """Answer as an ASGI application."""
        if scope["type"] != "http":
            return
        body, more = self._answer(scope["path"], scope["query_string"].decode())
        headers = [(b"content-type", b"application/json; charset=utf-8"), (b"x-platform-simulator", b"muniment")]
        if more is not None:
            host = dict(scope["headers"]).get(b"host", b"127.0.0.1").decode()
            target = f"http://{host}{scope['path']}?limit={_PAGE}&max_id={more}"
            headers.append((b"link", f'<{target}>; rel="next"'.encode()))
        headers.append((b"content-length", str(len(body or b"")).encode()))
        await send({"type": "http.response.start", "status": 404 if body is None else 200, "headers": headers})
        await send({"type": "http.response.body", "body": body or b""})

    def _answer(self, path: str, query: str) -> tuple[bytes | None, int | None]:
        parts = path.strip("/").split("/")
        if parts[:3] == ["api", "v1", "statuses"] and parts[-1] == "context":
            return self.body_or_none(parts[3]), None
        if path.endswith("/statuses"):
            asked = parse_qs(query).get("max_id", [""])[0]
            return self.statuses(int(asked) if asked.isdecimal() else None)
        if path.endswith("/verify_credentials"):
            return _json({"name": "muniment", "scopes": ["read"]}), None
        if path.endswith(("/lookup", str(self.account["id"]))):
            return _json(self.account), None
        return (b"[]", None) if path.endswith("/followers") else (None, None)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def main(arguments: list[str] | None = None) -> int:
    """Render what is not rendered yet, then serve."""
    parser = argparse.ArgumentParser(prog="platform_simulator.bulk")
    parser.add_argument("--posts", type=int, required=True)
    parser.add_argument("--replies", type=int, required=True)
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args(arguments)
    bulk = Bulk(options.posts, options.replies, options.directory, options.seed)
    bulk.render()
    said: dict[str, object] = {"records": bulk.posts * bulk.replies, "handle": HANDLE, "directory": str(bulk.directory)}
    serve(bulk, "127.0.0.1", options.port, said)
    return 0


if __name__ == "__main__":
    sys.exit(main())
