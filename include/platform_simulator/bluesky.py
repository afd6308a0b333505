"""The routes of Bluesky's AppView."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from platform_simulator.actors import Actor
from platform_simulator.bluesky_views import Views
from platform_simulator.dagcbor import cid_of_blob
from platform_simulator.items import Item
from platform_simulator.simulator import Routes, Simulator, base_address
from platform_simulator.times import milliseconds
from platform_simulator.xrpc import cut_page, find_actor, find_item, read_number, xrpc_error, xrpc_json


def _views(simulator: Simulator, request: Request) -> Views:
    return Views(simulator.records, simulator.state(), base_address(request))


def get_profile(simulator: Simulator, request: Request) -> Response:
    """Answer app.bsky.actor.getProfile."""
    views = _views(simulator, request)
    actor = find_actor(views.state, request.query_params.get("actor", ""))
    return xrpc_json(views.profile(actor)) if actor else xrpc_error("InvalidRequest", "Profile not found")


_FILTERS: dict[str, Callable[[Item], bool]] = {
    "posts_with_replies": lambda _: True,
    "posts_no_replies": lambda item: item.parent is None,
    "posts_with_media": lambda item: bool(item.media),
    "posts_and_author_threads": lambda item: item.parent is None or item.parent.author is item.author,
    "posts_with_video": lambda _: False,
}


def get_author_feed(simulator: Simulator, request: Request) -> Response:
    """Answer app.bsky.feed.getAuthorFeed: newest first, the cursor is time and CID of the last one."""
    views = _views(simulator, request)
    actor = find_actor(views.state, request.query_params.get("actor", ""))
    if actor is None:
        return xrpc_error("InvalidRequest", "Profile not found")
    wanted = _FILTERS.get(request.query_params.get("filter", "posts_with_replies"))
    if wanted is None:
        return xrpc_error("InvalidRequest", "Error: filter is not one of the known values")
    keyed = [one for one in simulator.records.newest_first(actor, views.state) if wanted(one[1])]
    page, cursor = cut_page(keyed, request, 50)
    return xrpc_json({"feed": [views.feed_item(item) for item in page], **cursor})


def get_post_thread(simulator: Simulator, request: Request) -> Response:
    """Answer app.bsky.feed.getPostThread."""
    views = _views(simulator, request)
    item = find_item(views.state, request, "uri")
    depth = read_number(request, "depth", 6, 1000)
    if item is None:
        return xrpc_error("NotFound", f"Post not found: {request.query_params.get('uri', '')}")
    answer: dict[str, object] = {"thread": views.thread(item, depth)}
    gate = views.threadgate(item.root) if item.root.native_id in views.state.items else None
    return xrpc_json(answer if gate is None else {**answer, "threadgate": gate})


def get_other_replies(simulator: Simulator, request: Request) -> Response:
    """Answer app.bsky.unspecced.getPostThreadOtherV2."""
    views = _views(simulator, request)
    item = find_item(views.state, request, "anchor")
    return xrpc_json({"thread": [] if item is None else views.other_replies(item.root)})


def get_posts(simulator: Simulator, request: Request) -> Response:
    """Answer app.bsky.feed.getPosts: what is gone is left out."""
    views = _views(simulator, request)
    uris = request.query_params.getlist("uris")
    if len(uris) > 25:
        return xrpc_error("InvalidRequest", "Error: uris must not have more than 25 elements")
    return xrpc_json({"posts": [views.post(views.state.items[uri]) for uri in uris if uri in views.state.items]})


def get_followers(simulator: Simulator, request: Request) -> Response:
    """Answer app.bsky.graph.getFollowers: newest first."""
    views = _views(simulator, request)
    actor = find_actor(views.state, request.query_params.get("actor", ""))
    if actor is None:
        return xrpc_error("InvalidRequest", "Actor not found")
    follows = views.state.followers(actor.account) if actor.account else []
    keyed = [
        ((milliseconds(one.since), str(cid_of_blob(f"follow/{one.actor.key}/{one.number}".encode()))), one.actor)
        for one in follows
    ]
    page, cursor = cut_page(sorted(keyed, key=lambda one: one[0], reverse=True), request, 50)
    answer = {"followers": [views.follower(one) for one in page], "subject": views.follower(actor)}
    return xrpc_json({**answer, **cursor})


def get_relationships(simulator: Simulator, request: Request) -> Response:
    """Answer app.bsky.graph.getRelationships: who follows and who is blocked, by their records."""
    views, query = _views(simulator, request), request.query_params
    actor = find_actor(views.state, query.get("actor", ""))
    if actor is None:
        return xrpc_error("ActorNotFound", "Actor not found")
    told = [_relationship(views, actor, name) for name in query.getlist("others")[:30]]
    return xrpc_json({"actor": actor.native_id, "relationships": told})


def _relationship(views: Views, actor: Actor, name: str) -> dict[str, object]:
    other = find_actor(views.state, name)
    if other is None:
        return {"$type": "app.bsky.graph.defs#notFoundActor", "actor": name, "notFound": True}
    told: dict[str, object] = {"$type": "app.bsky.graph.defs#relationship", "did": other.native_id}
    followed_by = views.records.graph_uri(other, actor, "app.bsky.graph.follow", views.state)
    blocking = views.records.graph_uri(actor, other, "app.bsky.graph.block", views.state)
    return told | {key: uri for key, uri in (("followedBy", followed_by), ("blocking", blocking)) if uri}


ROUTES: Routes = {
    "/xrpc/app.bsky.actor.getProfile": ("app.bsky.actor.getProfile", get_profile),
    "/xrpc/app.bsky.feed.getAuthorFeed": ("app.bsky.feed.getAuthorFeed", get_author_feed),
    "/xrpc/app.bsky.feed.getPostThread": ("app.bsky.feed.getPostThread", get_post_thread),
    "/xrpc/app.bsky.feed.getPosts": ("app.bsky.feed.getPosts", get_posts),
    "/xrpc/app.bsky.unspecced.getPostThreadOtherV2": ("app.bsky.unspecced.getPostThreadOtherV2", get_other_replies),
    "/xrpc/app.bsky.graph.getRelationships": ("app.bsky.graph.getRelationships", get_relationships),
    "/xrpc/app.bsky.graph.getFollowers": ("app.bsky.graph.getFollowers", get_followers),
}
