"""Refuse what another site's page makes a signed-in browser send.

Airflow's API takes its session cookie without any token against forgery. A browser says
where a request comes from (W3C Fetch Metadata Request Headers, section 2.3); programs send
a bearer token and no such header.
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_OURS = frozenset({"same-origin", "none"})


class SameOriginMiddleware:
    """Answer 403 to a writing request that a browser sends for another site."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] == "http" and scope["method"] not in _READS and _is_foreign(Headers(scope=scope)):
            await JSONResponse({"detail": "cross-site request refused"}, status_code=403)(scope, receive, send)
            return
        await self.app(scope, receive, send)


def _is_foreign(headers: Headers) -> bool:
    return "authorization" not in headers and headers.get("sec-fetch-site", "same-origin") not in _OURS
