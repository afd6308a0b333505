"""The simulator as an ASGI application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from platform_simulator import bluesky, mastodon, pages, pds, website
from platform_simulator.actors import NOTICE
from platform_simulator.control import control_routes
from platform_simulator.errors import BadRequestError
from platform_simulator.fault_answers import apply_fault
from platform_simulator.scenario import Scenario
from platform_simulator.simulator import Handler, Routes, Simulator, build_simulator

_MARK = "muniment"


class _Marked:
    """Adds to every answer the header that says what it comes from."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def marking(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Platform-Simulator"] = _MARK
            await send(message)

        await self.app(scope, receive, marking)


def create_app(scenario: Scenario, start: datetime, *, ticks: bool = False) -> ASGIApp:
    """Build the application that plays *scenario* from the instant *start*; with *ticks* its clock runs."""
    simulator = build_simulator(scenario, start, ticks=ticks)
    routes = [Route("/", _about), *control_routes(simulator)]
    for part in (bluesky.ROUTES, pds.ROUTES, mastodon.ROUTES, pages.ROUTES):
        routes += _platform_routes(simulator, part)
    routes += [Route("/xrpc/{method}", _no_method), *_platform_routes(simulator, website.ROUTES)]
    return _Marked(Starlette(routes=routes, exception_handlers={404: _not_found}))


def _platform_routes(simulator: Simulator, routes: Routes) -> list[Route]:
    return [
        Route(path, _endpoint(simulator, name, handler), methods=["GET"]) for path, (name, handler) in routes.items()
    ]


def _endpoint(simulator: Simulator, name: str, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    def answer(request: Request) -> Response:
        try:
            return handler(simulator, request)
        except BadRequestError as error:
            if request.url.path.startswith("/xrpc/"):
                return JSONResponse({"error": "InvalidRequest", "message": str(error)}, 400)
            return JSONResponse({"error": str(error)}, 400)

    async def endpoint(request: Request) -> Response:
        fault = simulator.faults.take(name, request.url.query, simulator.clock.now())
        return answer(request) if fault is None else await apply_fault(fault, name, request, answer)

    return endpoint


async def _about(_request: Request) -> Response:
    return PlainTextResponse(f"{NOTICE}\n")


async def _no_method(_request: Request) -> Response:
    return JSONResponse({"error": "XRPCNotSupported", "message": "XRPCNotSupported"}, 404)


async def _not_found(_request: Request, _error: Exception) -> Response:
    return JSONResponse({"error": "Record not found"}, 404)
