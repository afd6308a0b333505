"""Let more vanish on the network of the City of X, each in its own way, over users' and admins' interfaces.

    from third_act import third_act; third_act(network, made)

*made* is the record that `seed_city.py` wrote after its second act. What is done here, and what the
second act did, is returned by name of act with the addresses of the posts that it concerns.
"""

from __future__ import annotations

from contextlib import closing
from typing import Any

import httpx

Json = dict[str, Any]
BLOCKED, BANNED = "resident001", "resident002"  # each wrote one comment under the budget hearing


def sign_in(pds: str, name: str) -> httpx.Client:
    client = httpx.Client(base_url=f"{pds}/xrpc/", timeout=60)
    login = {"identifier": f"{name}.test", "password": f"pw-{name}"}
    session = client.post("com.atproto.server.createSession", json=login).raise_for_status().json()
    client.headers["Authorization"] = f"Bearer {session['accessJwt']}"
    return client


def take_down(host: str, admin: tuple[str, str], subject: Json) -> None:
    body = {"subject": subject, "takedown": {"applied": True, "ref": "test"}}
    httpx.post(
        f"{host}/xrpc/com.atproto.admin.updateSubjectStatus", json=body, auth=admin, timeout=60
    ).raise_for_status()


def comment_of(appview: str, did: str) -> str:
    """The address of the one post of *did*."""
    feed = httpx.get(f"{appview}/xrpc/app.bsky.feed.getAuthorFeed", params={"actor": did}, timeout=60).json()["feed"]
    return str(feed[0]["post"]["uri"])


def third_act(network: dict[str, str], made: Json) -> dict[str, str]:
    user, _, password = network["pds_admin"].partition(":")
    admin, replies, posts = (user, password), made["replies"], made["posts"]
    people = {name: one["did"] for name, one in made["accounts"].items()}
    acts = {
        "deleted by its author": replies["author_deleted"]["uri"],
        "post deleted by the city": posts["deleted"]["uri"],
        "account deleted": replies["goneuser"]["uri"],
        "account deactivated": replies["dropout"]["uri"],
        "hidden by the thread gate, before": replies["troll_hidden"]["uri"],
        "hidden by the thread gate, after": replies["bob"]["uri"],
        "author blocked, before": replies["blocked_author"]["uri"],
        "author blocked, after": comment_of(network["appview"], people[BLOCKED]),
        "record taken down by the AppView": replies["address"]["uri"],
        "record taken down by its host": replies["spam"]["uri"],
        "account taken down by its host": comment_of(network["appview"], people[BANNED]),
    }
    did = people["cityofx"]
    block = {"subject": people[BLOCKED], "createdAt": "2026-11-22T00:00:00.000Z"}
    made_block = {"repo": did, "collection": "app.bsky.graph.block", "record": block}
    with closing(sign_in(network["pds"], "cityofx")) as city:
        _hide_too(city, did, posts["snow"]["uri"], replies["bob"]["uri"])
        city.post("com.atproto.repo.createRecord", json=made_block).raise_for_status()
    strong = {"$type": "com.atproto.repo.strongRef"}
    take_down(network["appview"], admin, strong | replies["address"])
    take_down(network["pds"], admin, strong | replies["spam"])
    take_down(network["pds"], admin, {"$type": "com.atproto.admin.defs#repoRef", "did": people[BANNED]})
    return acts


def _hide_too(city: httpx.Client, did: str, root: str, uri: str) -> None:
    where = {"repo": did, "collection": "app.bsky.feed.threadgate", "rkey": root.rsplit("/", 1)[1]}
    gate = city.get("com.atproto.repo.getRecord", params=where).raise_for_status().json()["value"]
    gate["hiddenReplies"].append(uri)
    city.post("com.atproto.repo.putRecord", json={**where, "record": gate}).raise_for_status()
