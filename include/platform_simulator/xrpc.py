"""What Bluesky's routes share: errors, names, numbers and pages of XRPC."""

from __future__ import annotations

from typing import TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse

from platform_simulator.actors import Actor
from platform_simulator.errors import BadRequestError
from platform_simulator.items import Item
from platform_simulator.world import State

T = TypeVar("T")


def xrpc_error(name: str, message: str, status: int = 400) -> JSONResponse:
    """Answer as XRPC answers an error: https://atproto.com/specs/xrpc."""
    return xrpc_json({"error": name, "message": message}, status)


def xrpc_json(value: object, status: int = 200) -> JSONResponse:
    """Answer with *value* as JSON."""
    return JSONResponse(value, status, media_type="application/json; charset=utf-8")


def find_actor(state: State, name: str) -> Actor | None:
    """Find the open account that the DID or handle *name* names."""
    found = state.actor(name) if name.startswith("did:") else state.actor_by_handle("bluesky", name)
    return found if found is not None and found.platform == "bluesky" else None


def find_item(state: State, request: Request, parameter: str) -> Item | None:
    """Find the post that *parameter* names; a handle may stand for the DID."""
    parts = request.query_params.get(parameter, "").removeprefix("at://").split("/", 1)
    actor = find_actor(state, parts[0])
    return state.items.get(f"at://{actor.native_id}/{parts[-1]}") if actor else None


def read_number(request: Request, name: str, default: int, most: int) -> int:
    """Read the number *name* of the query.

    Raises:
        BadRequestError: it is no number or above *most*.
    """
    text = request.query_params.get(name, str(default))
    if not text.isascii() or not text.isdecimal() or int(text) > most:
        raise BadRequestError(f"Error: {name} can not be greater than {most}")
    return int(text)


def cut_page(keyed: list[tuple[tuple[int, str], T]], request: Request, default: int) -> tuple[list[T], dict[str, str]]:
    """Cut the asked page of *keyed*, which is newest first; a full one carries a cursor, even when nothing follows."""
    limit = read_number(request, "limit", default, 100)
    cursor = request.query_params.get("cursor")
    if cursor is not None:
        before, _, cid = cursor.partition("__")
        if not before.isdecimal() or not cid:
            raise BadRequestError("Malformed cursor")
        keyed = [one for one in keyed if one[0] < (int(before), cid)]
    page = keyed[:limit]
    more = {"cursor": "{}__{}".format(*page[-1][0])} if limit and len(page) == limit else {}
    return [one for _, one in page], more
