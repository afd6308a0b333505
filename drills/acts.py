"""What people and the city do in a month: posts, replies, edits, hides, blocks, farewells; much is gone soon."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from drills.city import BLUESKY, HANDLES, MASTODON
from platform_simulator.people import crowd

Json = dict[str, Any]
_HOUR, _DAY = 3600, 86400
_MONTH = 30 * _DAY
_PEOPLE, _OLD_POSTS, _NEW_POSTS, _SHORT = 36, 12, 24, 120
_SHORTEST_S, _LONGEST_S = 300, 12 * _HOUR
_GOLDEN = 0.6180339887  # its multiples fill the span between evenly, whatever their number
_WORDS = "water street council market library bus park hours parking thanks when why again soon tomorrow".split()  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Acts:
    """The parts of a scenario."""

    people: dict[str, Json]
    accounts: dict[str, Json]
    posts: list[Json]


class _Cast:
    """The people, and until when each of them can speak (seconds from the start)."""

    def __init__(self, chance: random.Random, seed: int) -> None:
        self.chance = chance
        self.people: dict[str, Json] = {
            who: {"name": name, "joined": "-900d"} for who, name in crowd(f"drill/{seed}", _PEOPLE)
        }
        self.speaks_until = dict.fromkeys(self.people, 12 * _MONTH)
        names = chance.sample(sorted(self.people), 7)
        self.leaving, self.blocked = names[:5], names[5:]
        for number, who in enumerate(self.leaving):
            self._leave(who, "deleted" if number < 2 else "closed", back=number == 4)

    def _leave(self, who: str, how: str, *, back: bool) -> None:
        at = self.chance.randrange(4 * _DAY, _MONTH - 4 * _DAY)
        self.people[who][how] = f"{at}s"
        self.speaks_until[who] = at
        if back:
            again = self.chance.randrange(at + 2 * _DAY, _MONTH)
            self.people[who]["reopened"] = f"{again}s"

    def speaker(self, at: int) -> str:
        """Return somebody who can speak at *at*; those who leave and are blocked are heard more often."""
        often = [*self.leaving, *self.blocked] * 2
        return self.chance.choice([who for who in [*sorted(self.people), *often] if at < self.speaks_until[who]])


def write_acts(chance: random.Random, seed: int) -> Acts:
    """Return what is done in the month of *seed*."""
    cast = _Cast(chance, seed)
    times = sorted(
        chance.sample(range(-60 * _DAY, -_DAY), _OLD_POSTS) + chance.sample(range(_MONTH - _DAY), _NEW_POSTS)
    )
    posts = [_post(chance, cast, number, at) for number, at in enumerate(times)]
    for number in range(_SHORT):
        _add_short(chance, cast, posts, times, number)
    return Acts(cast.people, {key: _account(chance, cast, key) for key in HANDLES}, posts)


def _text(chance: random.Random, mark: str) -> str:
    return f"{mark}: {' '.join(chance.choices(_WORDS, k=6))}"


def _post(chance: random.Random, cast: _Cast, number: int, at: int) -> Json:
    post: Json = {"id": f"p{number}", "at": f"{at}s", "text": _text(chance, f"Notice {number}")}
    soonest = max(at, 0) + _HOUR
    if chance.random() < 0.25:
        post["edits"] = _edits(chance, soonest, f"Notice {number}, corrected")
    if chance.random() < 0.12:
        post["deleted"] = f"{chance.randrange(soonest + _DAY, _MONTH + 2 * _DAY)}s"
    count = chance.choice((0, 1, 2, 4, 6))
    replies = [_reply(chance, cast, at, f"{number}.{index}") for index in range(count)]
    return post | {"replies": replies, "likes_per_day": round(chance.uniform(0, 3), 2)}


def _edits(chance: random.Random, soonest: int, mark: str) -> list[Json]:
    times = sorted(chance.sample(range(soonest, max(soonest + _DAY, _MONTH)), chance.choice((1, 1, 2))))
    return [{"at": f"{at}s", "text": _text(chance, f"{mark} {number}")} for number, at in enumerate(times)]


def _reply(chance: random.Random, cast: _Cast, parent_at: int, mark: str, depth: int = 0) -> Json:
    at = parent_at + chance.randrange(60, 5 * _DAY)
    by = "account" if depth and chance.random() < 0.3 else cast.speaker(at)
    reply: Json = {"by": by, "at": f"{at}s", "text": _text(chance, f"Reply {mark}")}
    _befall(chance, reply, max(at, 0) + _HOUR, mark)
    if depth < 2 and chance.random() < 0.25:
        reply["replies"] = [_reply(chance, cast, at, f"{mark}.0", depth + 1)]
    return reply


def _befall(chance: random.Random, reply: Json, soonest: int, mark: str) -> None:
    latest = max(_MONTH, soonest + 3 * _DAY)
    lot = chance.random()
    if lot < 0.2:
        reply["deleted"] = f"{chance.randrange(soonest + _DAY, latest)}s"
    elif lot < 0.4:
        at = chance.randrange(soonest, latest)
        reply["hidden"] = f"{at}s"
        if chance.random() < 0.4:
            reply["unhidden"] = f"{chance.randrange(at + 2 * _HOUR, latest + _DAY)}s"
    elif lot < 0.5:
        reply["taken_down"] = f"{chance.randrange(soonest, latest)}s"
    if chance.random() < 0.2:
        reply["edits"] = _edits(chance, soonest, f"Reply {mark}, corrected")


def _add_short(chance: random.Random, cast: _Cast, posts: list[Json], times: list[int], number: int) -> None:
    """Let somebody say something, on one platform, and take it back; births are spread evenly, by chance within."""
    at = int((number + chance.random()) * _MONTH / _SHORT)
    lasts = round(_SHORTEST_S * (_LONGEST_S / _SHORTEST_S) ** ((number * _GOLDEN + chance.random() / 8) % 1))
    under = [post for post, since in zip(posts, times, strict=True) if since < at and "deleted" not in post]
    reply: Json = {"by": cast.speaker(at), "at": f"{at}s", "text": _text(chance, f"In passing {number}")}
    reply |= {"deleted": f"{at + lasts}s", "on": [(BLUESKY, MASTODON)[number % 2]]}
    chance.choice(under)["replies"].append(reply)


def _account(chance: random.Random, cast: _Cast, key: str) -> Json:
    platform = "bluesky" if key == BLUESKY else "mastodon"
    account: Json = {"platform": platform, "handle": HANDLES[key], "name": "City of drills", "created": "-900d"}
    account |= {"description": "An invented city.", "crowd": 70 if key == MASTODON else 90}
    account["followers"] = [_follower(chance, who) for who in sorted(cast.people) if chance.random() < 0.8]
    account["profile_edits"] = [{"at": f"{chance.randrange(_DAY, _MONTH)}s", "description": "Still invented."}]
    if platform == "bluesky":
        account["blocks"] = [_block(chance, who, ends=index == 0) for index, who in enumerate(cast.blocked)]
    return account


def _follower(chance: random.Random, who: str) -> Json:
    since = chance.randrange(-200 * _DAY, _MONTH if chance.random() < 0.3 else 0)
    follower = {"who": who, "since": f"{since}s"}
    if chance.random() < 0.35:
        follower["until"] = f"{chance.randrange(max(since, 0) + _DAY, _MONTH + 2 * _DAY)}s"
    return follower


def _block(chance: random.Random, who: str, *, ends: bool) -> Json:
    since = chance.randrange(3 * _DAY, _MONTH - 8 * _DAY)
    block = {"who": who, "since": f"{since}s"}
    return block | ({"until": f"{since + chance.randrange(3 * _DAY, 7 * _DAY)}s"} if ends else {})
