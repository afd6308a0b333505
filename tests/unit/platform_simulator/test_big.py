"""Big scenarios and the bulk server: the size asked for, the same bytes each time."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx

from platform_simulator.bulk import Bulk
from platform_simulator.generate import write_scenario
from tests.unit.platform_simulator.asking import Asked


def test_a_generated_scenario_is_whole_and_of_the_size_asked_for() -> None:
    asked = Asked("".join(write_scenario(30, 4, 7)))
    for account in asked.truth()["accounts"].values():
        assert (account["counts"]["posts"], account["counts"]["replies"]) == (30, 120)


def test_a_seed_gives_the_same_scenario_and_another_seed_another() -> None:
    first, again, other = ("".join(write_scenario(5, 3, seed)) for seed in (1, 1, 2))
    assert first == again != other


def asked_of(bulk: Bulk, path: str) -> httpx.Response:
    async def asking() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=bulk), base_url="http://127.0.0.1:9") as client:
            return await client.get(path)

    return asyncio.run(asking())


def test_the_bulk_server_answers_every_post_and_reply_once(tmp_path: Path) -> None:
    bulk = Bulk(95, 3, tmp_path)
    bulk.render()
    number = asked_of(bulk, "/api/v1/accounts/lookup?acct=cityhall").json()["id"]
    path, posts = f"/api/v1/accounts/{number}/statuses?limit=40", []
    while path:
        page = asked_of(bulk, path)
        posts += [one["id"] for one in page.json()]
        path = page.headers["link"].split(">")[0].removeprefix("<http://127.0.0.1:9") if "link" in page.headers else ""
    assert len(posts) == len(set(posts)) == 95
    assert posts == sorted(posts, key=int, reverse=True)
    replies: list[dict[str, Any]] = []
    for post in posts:
        found = asked_of(bulk, f"/api/v1/statuses/{post}/context").json()["descendants"]
        assert {one["in_reply_to_id"] for one in found} == {post}
        replies += found
    assert len({one["id"] for one in replies}) == 285
    sizes = [len(json.dumps(one, ensure_ascii=False).encode()) for one in replies]
    assert 1700 <= sum(sizes) / len(sizes) <= 4000
    assert asked_of(bulk, "/api/v1/statuses/1/context").status_code == 404


def test_a_body_is_rendered_once_and_always_the_same(tmp_path: Path) -> None:
    first, second = Bulk(4, 5, tmp_path / "a"), Bulk(4, 5, tmp_path / "b")
    first.render()
    second.render()
    names = sorted(path.name for path in first.directory.iterdir())
    assert len(names) == 4
    for name in names:
        assert (first.directory / name).read_bytes() == (second.directory / name).read_bytes()
    written = (first.directory / names[0]).stat().st_mtime_ns
    first.render()
    assert (first.directory / names[0]).stat().st_mtime_ns == written
