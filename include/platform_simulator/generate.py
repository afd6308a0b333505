"""Writes a big scenario: ``python -m platform_simulator.generate --posts N --replies M --seed S > big.yaml``."""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterator

from platform_simulator.people import crowd

_SUBJECTS = "The library|Street sweeping|The council|Water service|The market|The bus line".split("|")  # noqa: SIM905
_VERBS = "opens|moves|closes|resumes|is discussed|needs volunteers|has new hours|is free of charge".split("|")  # noqa: SIM905
_PLACES = "on Second Street|at Memorial Park|in the Council Chamber|north of Base Line Road|on the plaza".split("|")  # noqa: SIM905
_REPLIES = "Thank you!|Since when?|¿También el sábado?|Good to know 👍|Is there parking?|Gracias.|Finally 🎉".split("|")  # noqa: SIM905


def write_scenario(posts: int, replies: int, seed: int) -> Iterator[str]:
    """Yield a scenario with *posts* posts of *replies* replies each, on Bluesky and Mastodon, line by line.

    JSON is YAML, and quick to write and read.
    """
    chance = random.Random(seed)
    people = {who: {"name": name} for who, name in crowd(f"generate/{seed}", max(20, min(posts * replies, 2000)))}
    names = list(people)
    social = {"name": "City (generated)", "description": "A generated city.", "created": "-900d", "crowd": 200}
    accounts = {
        "bluesky-city": {"platform": "bluesky", "handle": "city.claremont.example", **social},
        "mastodon-city": {"platform": "mastodon", "handle": "cityhall", **social},
    }
    yield f"scenario: 1\nname: generated\nseed: generated-{seed}\n"
    yield f"people: {json.dumps(people)}\naccounts: {json.dumps(accounts)}\nposts:\n"
    # Spread over 800 days, so that each is older than the start and younger than the accounts.
    apart = max(800 * 86400 // max(posts, 1), 1)
    for index in range(posts):
        answers = [_reply(chance, names, number, apart) for number in range(replies)]
        post = {
            "id": f"p{index}",
            "at": f"-{(posts - index) * apart}s",
            "text": _text(chance, index),
            "replies": answers,
        }
        yield f"- {json.dumps(post, ensure_ascii=False)}\n"


def _text(chance: random.Random, index: int) -> str:
    said = f"{chance.choice(_SUBJECTS)} {chance.choice(_VERBS)} {chance.choice(_PLACES)}."
    return f"Notice {index + 1}: {said} https://claremont.example/notice/{index + 1}"


def _reply(chance: random.Random, names: list[str], number: int, apart: int) -> dict[str, str]:
    after = 1 + number % max(apart - 1, 1)
    return {"by": chance.choice(names), "after": f"{after}s", "text": f"{chance.choice(_REPLIES)} ({number + 1})"}


def main(arguments: list[str] | None = None) -> int:
    """Write a scenario to standard output."""
    parser = argparse.ArgumentParser(prog="platform_simulator.generate")
    parser.add_argument("--posts", type=int, default=100)
    parser.add_argument("--replies", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    sys.stdout.writelines(write_scenario(options.posts, options.replies, options.seed))
    return 0


if __name__ == "__main__":
    sys.exit(main())
