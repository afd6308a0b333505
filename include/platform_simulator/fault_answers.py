"""What each kind of fault does to an answer, with each platform's own words and headers."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from platform_simulator.errors import DroppedError
from platform_simulator.faults import CURSORS, PAGED, Fault, cursor_of
from platform_simulator.times import iso

Answer = Callable[[Request], Response]


class DroppedResponse(Response):
    """An answer that breaks off in the middle of its body."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI names them
        """Send half of the body and then break the connection."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        await asyncio.sleep(0.02)  # the half must leave before the connection breaks
        raise DroppedError


async def apply_fault(fault: Fault, route: str, request: Request, answer: Answer) -> Response:
    """Answer *request* as *fault* has it; *answer* gives the good answer."""
    kind = fault.rule.kind
    if kind == "slow":
        await asyncio.sleep(fault.rule.seconds)
        return answer(request)
    if kind in _REFUSALS:
        return _REFUSALS[kind](fault, route)
    if kind == "repeated-page":
        return answer(_without_cursor(request))
    return _SPOILED[kind](fault, route, request, answer(request))


def _rate_limit(fault: Fault, route: str) -> Response:
    reset = time.time() + fault.rule.seconds
    status = fault.rule.status or 429
    if _is_bluesky(route):
        body = {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}
        limits = {"limit": "3000", "remaining": "0", "reset": str(int(reset) + 1), "policy": "3000;w=300"}
        return JSONResponse(body, status, {f"RateLimit-{name}": value for name, value in limits.items()})
    if route.startswith("mastodon."):
        headers = {"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "0"}
        headers["X-RateLimit-Reset"] = iso(datetime.fromtimestamp(reset, UTC))
        return JSONResponse({"error": "Too many requests"}, status, headers)
    return Response("Too many requests\n", status, {"Retry-After": str(fault.rule.seconds)}, "text/plain")


def _expired_token(fault: Fault, route: str) -> Response:
    if route.startswith("com.atproto."):
        return JSONResponse({"error": "ExpiredToken", "message": "Token has expired"}, fault.rule.status or 400)
    if _is_bluesky(route):
        return JSONResponse({"error": "JwtExpired", "message": "jwt expired"}, fault.rule.status or 401)
    challenge = {"WWW-Authenticate": 'Bearer realm="Doorkeeper", error="invalid_token"'}
    body = {"error": "The access token expired"}
    return JSONResponse(body, fault.rule.status or 401, challenge)


def _server_error(fault: Fault, route: str) -> Response:
    status = fault.rule.status or 503
    if _is_bluesky(route) and status == 500:
        return JSONResponse({"error": "InternalServerError", "message": "Internal Server Error"}, status)
    return Response(f"<html><head><title>{status}</title></head></html>\n", status, media_type="text/html")


def _html(_fault: Fault, _route: str) -> Response:
    page = "<!doctype html><html><title>Just a moment</title><p>Checking your browser (platform simulator)</p></html>\n"
    return Response(page, 200, media_type="text/html")


def _empty(_fault: Fault, _route: str) -> Response:
    return Response(b"", 200, media_type="application/json")


def _expired_cursor(fault: Fault, route: str) -> Response:
    if _is_bluesky(route):
        body = {"error": "InvalidRequest", "message": "Cursor has expired"}
        return JSONResponse(body, fault.rule.status or 400)
    return JSONResponse({"error": "Record not found"}, fault.rule.status or 404)


def _is_bluesky(route: str) -> bool:
    return route.startswith(("app.bsky.", "com.atproto.", "plc."))


def _without_cursor(request: Request) -> Request:
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in CURSORS]
    return Request({**request.scope, "query_string": urlencode(kept).encode()}, request.receive)


def _replaced(response: Response, body: bytes) -> Response:
    headers = {name: value for name, value in response.headers.items() if name != "content-length"}
    return Response(body, response.status_code, headers)


def _truncated(_fault: Fault, _route: str, _request: Request, response: Response) -> Response:
    return _replaced(response, bytes(response.body)[: len(response.body) // 2])


def _dropped(_fault: Fault, _route: str, _request: Request, response: Response) -> Response:
    return DroppedResponse(bytes(response.body), response.status_code, dict(response.headers))


def _oversize(fault: Fault, _route: str, _request: Request, response: Response) -> Response:
    return _replaced(response, bytes(response.body).ljust(fault.rule.size_bytes))


def _unknown_field(_fault: Fault, _route: str, _request: Request, response: Response) -> Response:
    return _replaced(response, json.dumps(_marked(json.loads(bytes(response.body))), ensure_ascii=False).encode())


def _marked(value: object) -> object:
    """Add a field that no lexicon knows to *value* and to each object in its lists."""
    if isinstance(value, list):
        return [_marked(one) for one in value]
    if isinstance(value, dict):
        lists = {key: _marked(one) if isinstance(one, list) else one for key, one in value.items()}
        return {**lists, "simulatedNovelty": {"since": 2026}}
    return value


def _loop(fault: Fault, _route: str, request: Request, response: Response) -> Response:
    """Let the last page point back to the second, so that the list has no end."""
    link = response.headers.get("link", "")
    if link:
        return _looped_link(fault, link, response)
    body = json.loads(bytes(response.body))
    if isinstance(body, dict):
        first = fault.memory.setdefault("cursor", body.get("cursor", ""))
        if first and (not body.get("cursor") or body["cursor"] == cursor_of(request.url.query)):
            body["cursor"] = first
    return _replaced(response, json.dumps(body, ensure_ascii=False).encode())


def _looped_link(fault: Fault, link: str, response: Response) -> Response:
    if 'rel="next"' in link:
        fault.memory.setdefault("link", link)
    elif "link" in fault.memory:
        response.headers["link"] = fault.memory["link"]
    return response


def _foreign_link(_fault: Fault, _route: str, request: Request, response: Response) -> Response:
    link = response.headers.get("link", "")
    response.headers["link"] = link.replace(f"//{request.url.netloc}", "//elsewhere.example")
    return response


Spoiler = Callable[[Fault, str, Request, Response], Response]
_REFUSALS: dict[str, Callable[[Fault, str], Response]] = {
    "rate-limit": _rate_limit,
    "expired-token": _expired_token,
    "server-error": _server_error,
    "html": _html,
    "empty": _empty,
    "expired-cursor": _expired_cursor,
}
_SPOILED: dict[str, Spoiler] = {
    "truncated": _truncated,
    "dropped": _dropped,
    "oversize": _oversize,
    "unknown-field": _unknown_field,
    "loop": _loop,
    "foreign-link": _foreign_link,
}
KINDS = frozenset(("slow", "repeated-page", *_REFUSALS, *_SPOILED))
__all__ = ["KINDS", "PAGED", "DroppedResponse", "apply_fault"]
