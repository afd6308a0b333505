"""The routes that steer a simulation. They answer on loopback alone, and no page of another site."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from platform_simulator.scenario import FaultRule
from platform_simulator.simulator import Simulator
from platform_simulator.times import iso
from platform_simulator.truth import tell_truth

_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})


class _Advance(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    advance_seconds: int = Field(ge=0, le=366 * 86400)


def find_refusal(request: Request) -> str | None:
    """Return why *request* may not steer the simulation, or None when it may.

    The name asked for is checked too: a page of another site can point its own name at this machine.
    """
    if request.client is None or not _is_loopback(request.client.host):
        return "expected a request from this machine, found one from another"
    if request.url.hostname not in _NAMES:
        return "expected a loopback name in Host, found another"
    if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        return "expected no request of another site, found one"
    origin = request.headers.get("origin")
    if origin is not None and origin != f"{request.url.scheme}://{request.url.netloc}":
        return "expected no request of another site, found one"
    if request.method == "POST" and request.headers.get("content-type", "").partition(";")[0] != "application/json":
        return "expected application/json, found another content type"
    return None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def control_routes(simulator: Simulator) -> list[Route]:
    """Return the control routes of *simulator*."""

    async def clock(request: Request) -> Response:
        if request.method == "POST":
            simulator.clock.advance(_Advance.model_validate_json(await request.body()).advance_seconds)
        return JSONResponse({"start": iso(simulator.clock.start), "now": iso(simulator.clock.now())})

    async def truth(_request: Request) -> Response:
        return JSONResponse(tell_truth(simulator))

    async def faults(request: Request) -> Response:
        if request.method == "POST":
            simulator.faults.add(FaultRule.model_validate_json(await request.body()), simulator.clock.now())
        elif request.method == "DELETE":
            simulator.faults.clear()
        return JSONResponse({"faults": simulator.faults.listed()})

    return [
        Route("/simulator/clock", _steering(clock), methods=["GET", "POST"]),
        Route("/simulator/truth", _steering(truth), methods=["GET"]),
        Route("/simulator/faults", _steering(faults), methods=["GET", "POST", "DELETE"]),
    ]


Endpoint = Callable[[Request], Awaitable[Response]]


def _steering(endpoint: Endpoint) -> Endpoint:
    async def guarded(request: Request) -> Response:
        refusal = find_refusal(request)
        if refusal is not None:
            return JSONResponse({"error": refusal}, 403)
        try:
            return await endpoint(request)
        except ValidationError as error:
            faults = [f"{'.'.join(map(str, one['loc'])) or 'body'}: {one['msg']}" for one in error.errors()]
            return JSONResponse({"error": "; ".join(faults)}, 422)

    return guarded
