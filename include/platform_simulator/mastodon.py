"""Mastodon's routes.

https://docs.joinmastodon.org/methods/
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from platform_simulator.actors import NOTICE, Actor
from platform_simulator.errors import BadRequestError
from platform_simulator.items import Item
from platform_simulator.mastodon_shapes import Json
from platform_simulator.mastodon_views import Views
from platform_simulator.simulator import Routes, Simulator, base_address
from platform_simulator.times import iso

# https://docs.joinmastodon.org/methods/statuses/#context: without and with a token.
_DESCENDANTS, _DEPTH, _WITH_TOKEN = 60, 20, 4096


def mastodon_json(value: object, status: int = 200) -> JSONResponse:
    """Answer with *value* and the rate-limit headers that each answer carries."""
    response = JSONResponse(value, status, media_type="application/json; charset=utf-8")
    reset = datetime.fromtimestamp(datetime.now(UTC).timestamp() // 300 * 300, UTC) + timedelta(minutes=5)
    response.headers.update(
        {"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "299", "X-RateLimit-Reset": iso(reset)}
    )
    return response


def _views(simulator: Simulator, request: Request) -> Views:
    return Views(simulator.state(), base_address(request))


def _missing() -> Response:
    return mastodon_json({"error": "Record not found"}, 404)


def _actor(views: Views, request: Request) -> Actor | None:
    found = views.state.actor(request.path_params["number"])
    return found if found is not None and found.platform == "mastodon" else None


def _item(views: Views, request: Request) -> Item | None:
    return views.state.items.get(request.path_params["number"])


def _number(request: Request, name: str) -> int | None:
    text = request.query_params.get(name)
    if text is not None and not (text.isascii() and text.isdecimal()):
        raise BadRequestError(f"{name} is invalid")
    return None if text is None else int(text)


def look_up(simulator: Simulator, request: Request) -> Response:
    """Answer /api/v1/accounts/lookup."""
    views = _views(simulator, request)
    name = request.query_params.get("acct", "").removeprefix("@")
    actor = views.state.actor_by_handle("mastodon", name)
    actor = actor or views.state.actor_by_handle("mastodon", name.removesuffix(f"@{request.url.netloc}"))
    return mastodon_json(views.account(actor)) if actor else _missing()


def get_account(simulator: Simulator, request: Request) -> Response:
    """Answer /api/v1/accounts/:id. Of a suspended one, the entity says so and tells no more."""
    views, number = _views(simulator, request), request.path_params["number"]
    actor = _actor(views, request)
    if actor is not None:
        return mastodon_json(views.account(actor))
    known = simulator.world.actors.get(number)
    if known is None or known.platform != "mastodon" or known.standing(views.state.instant) != "takendown":
        return _missing()
    return mastodon_json(views.account(known) | {"suspended": True, "display_name": "", "note": ""})


def get_statuses(simulator: Simulator, request: Request) -> Response:
    """Answer /api/v1/accounts/:id/statuses: newest first, 20 or at most 40 a page."""
    views = _views(simulator, request)
    actor = _actor(views, request)
    if actor is None:
        return _missing()
    items = views.state.written_by(actor)
    if _truth(request, "exclude_replies"):
        items = [item for item in items if item.parent is None or item.parent.author is actor]
    if _truth(request, "only_media"):
        items = [item for item in items if item.media]
    if _truth(request, "pinned"):
        items = []
    numbered = {int(item.native_id): item for item in items}
    return _paged(request, sorted(numbered, reverse=True), 40, lambda number: views.status(numbered[number]))


def _truth(request: Request, name: str) -> bool:
    return request.query_params.get(name, "") in ("1", "t", "true", "on")


def _paged(request: Request, numbers: list[int], most: int, show: Callable[[int], Json]) -> Response:
    limit = min(_number(request, "limit") or most // 2, most)
    below, above = _number(request, "max_id"), _number(request, "since_id")
    least = _number(request, "min_id")
    found = [number for number in numbers if below is None or number < below]
    found = [number for number in found if number > max(above or 0, least or 0)]
    # With min_id the page is the oldest part of what is newer, not the newest.
    page = found[:limit] if least is None else found[-limit:]
    response = mastodon_json([show(number) for number in page])
    if page:
        response.headers["Link"] = _link(request, page, full=len(page) == limit)
    return response


def _link(request: Request, page: list[int], *, full: bool) -> str:
    """Write the Link header (RFC 8288): a full page has a next one, even when nothing follows."""
    kept = request.url.remove_query_params(["max_id", "min_id", "since_id"])
    previous = f'<{kept.include_query_params(min_id=page[0])}>; rel="prev"'
    return f'<{kept.include_query_params(max_id=page[-1])}>; rel="next", {previous}' if full else previous


def get_followers(simulator: Simulator, request: Request) -> Response:
    """Answer /api/v1/accounts/:id/followers: newest first; the numbers in Link are those of the follows."""
    views = _views(simulator, request)
    actor = _actor(views, request)
    if actor is None:
        return _missing()
    follows = {one.number: one.actor for one in (views.state.followers(actor.account) if actor.account else [])}
    return _paged(request, sorted(follows, reverse=True), 80, lambda number: views.account(follows[number]))


def get_status(simulator: Simulator, request: Request) -> Response:
    """Answer /api/v1/statuses/:id."""
    views = _views(simulator, request)
    item = _item(views, request)
    return mastodon_json(views.status(item)) if item else _missing()


def get_context(simulator: Simulator, request: Request) -> Response:
    """Answer /api/v1/statuses/:id/context: whoever shows no token sees 60 descendants, 20 deep."""
    views = _views(simulator, request)
    item = _item(views, request)
    if item is None:
        return _missing()
    trusted = request.headers.get("authorization", "").startswith("Bearer ")
    below = views.descendants(item, _WITH_TOKEN if trusted else _DEPTH)
    below = below[: _WITH_TOKEN if trusted else _DESCENDANTS]
    ancestors = [views.status(one) for one in views.ancestors(item)]
    return mastodon_json({"ancestors": ancestors, "descendants": [views.status(one) for one in below]})


def get_history(simulator: Simulator, request: Request) -> Response:
    """Answer /api/v1/statuses/:id/history."""
    views = _views(simulator, request)
    item = _item(views, request)
    return mastodon_json(views.history(item)) if item else _missing()


def verify_credentials(_simulator: Simulator, request: Request) -> Response:
    """Answer /api/v1/apps/verify_credentials. The token tells its scopes: ``sim-read-write`` has read and write."""
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not token:
        return mastodon_json({"error": "The access token is invalid"}, 401)
    scopes = token.split("-")[1:] if token.startswith("sim-") else ["read"]
    told = {"id": "1", "name": "Platform simulator", "website": None, "scopes": scopes, "redirect_uris": []}
    return mastodon_json({**told, "vapid_key": ""})


def get_instance(simulator: Simulator, request: Request) -> Response:
    """Answer /api/v2/instance."""
    base = base_address(request)
    about = {
        "streaming": None,
        "status": None,
        "about": f"{base}/about",
        "privacy_policy": None,
        "terms_of_service": None,
    }
    instance = {
        "domain": request.url.netloc,
        "title": "Platform simulator",
        "version": "4.7.3+simulator",
        "source_url": "https://github.com/mastodon/mastodon",
        "description": NOTICE,
        "usage": {"users": {"active_month": len(simulator.world.accounts)}},
        "thumbnail": {"url": f"{base}/media/missing.png", "description": NOTICE},
        "icon": [],
        "languages": ["en"],
        "configuration": {
            "urls": about,
            "accounts": {"max_note_length": 500, "max_pinned_statuses": 5},
            "statuses": {"max_characters": 500, "max_media_attachments": 4, "characters_reserved_per_url": 23},
            "limited_federation": False,
        },
        "registrations": {"enabled": False, "approval_required": False, "reason_required": False, "message": NOTICE},
        "api_versions": {"mastodon": 11},
        "contact": {"email": "", "account": None},
        "rules": [],
    }
    return mastodon_json(instance)


ROUTES: Routes = {
    "/api/v1/accounts/lookup": ("mastodon.lookup", look_up),
    "/api/v1/accounts/{number}/statuses": ("mastodon.statuses", get_statuses),
    "/api/v1/accounts/{number}/followers": ("mastodon.followers", get_followers),
    "/api/v1/accounts/{number}": ("mastodon.account", get_account),
    "/api/v1/statuses/{number}/context": ("mastodon.context", get_context),
    "/api/v1/statuses/{number}/history": ("mastodon.history", get_history),
    "/api/v1/statuses/{number}": ("mastodon.status", get_status),
    "/api/v1/apps/verify_credentials": ("mastodon.verify", verify_credentials),
    "/api/v2/instance": ("mastodon.instance", get_instance),
}
