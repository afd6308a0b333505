"""What goes wrong between the platforms and the agency: tokens, limits, outages, broken answers, drifting schemas."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any, NamedTuple

Json = dict[str, Any]
_EVERYTHING, _THREADS = ("app.bsky.*", "mastodon.*"), ("app.bsky.feed.getPostThread", "mastodon.context")
_LISTS = ("app.bsky.feed.getAuthorFeed", "app.bsky.graph.getFollowers", "mastodon.statuses", "mastodon.followers")


class _Trouble(NamedTuple):
    kind: str
    routes: tuple[str, ...]  # one of them is chosen
    times: int | None  # so many answers; None: all
    hours: tuple[int, int]
    a_month: int


_TROUBLES = tuple(
    _Trouble(*told)
    for told in (
        ("expired-token", ("mastodon.*",), None, (3, 10), 1),
        ("server-error", ("*",), None, (1, 6), 1),
        ("server-error", _EVERYTHING, 2, (1, 2), 2),  # two: the client's third try is answered
        ("server-error", _THREADS, 4, (1, 2), 1),  # more than it tries: a gap, in a capture that goes on
        ("truncated", _THREADS, 1, (1, 2), 1),
        ("truncated", _LISTS, 1, (1, 2), 1),
        ("dropped", _EVERYTHING, 1, (1, 2), 1),
        ("html", _EVERYTHING, 1, (1, 2), 1),
        ("empty", _EVERYTHING, 1, (1, 2), 1),
        ("rate-limit", _EVERYTHING, 2, (1, 2), 2),
        ("repeated-page", _LISTS, 1, (24, 72), 1),
        ("expired-cursor", _LISTS, 1, (24, 72), 1),
        ("unknown-field", _EVERYTHING, None, (24, 72), 1),
    )
)


def write_troubles(chance: random.Random, runs: list[timedelta]) -> list[Json]:
    """Return the faults of a month: each begins shortly before one of *runs*, not before the third of them."""
    return [_trouble(chance, chance.choice(runs[2:]), trouble) for trouble in _TROUBLES for _ in range(trouble.a_month)]


def _trouble(chance: random.Random, run: timedelta, trouble: _Trouble) -> Json:
    at = int(run.total_seconds()) - chance.randrange(600)
    least, most = trouble.hours
    return {
        "kind": trouble.kind,
        "route": chance.choice(trouble.routes),
        "at": f"{at}s",
        "until": f"{at + chance.randrange(least * 3600, most * 3600)}s",
        "times": trouble.times,
        "skip": chance.randrange(3) if trouble.times is not None else 0,
        **({"seconds": chance.randrange(3, 90)} if trouble.kind == "rate-limit" else {}),
    }
