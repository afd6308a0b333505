"""What the demonstration does to its invented city: let time pass, and drop its newsletter's list."""

from __future__ import annotations

import http.client
import json
from urllib.parse import urlsplit

from muniment.errors import ServiceError
from muniment.records.agency import Platform
from muniment.settings import Settings
from muniment.workflows.planning import open_agency

DEMO_AGENCY = "claremont"

_TIMEOUT_S = 30


def advance_clock(settings: Settings, seconds: int) -> None:
    """Let *seconds* pass in the simulator.

    Raises:
        ServiceError: the simulator does not answer.
    """
    _ask(settings, "POST", "/simulator/clock", {"advance_seconds": seconds})


def drop_newsletter(settings: Settings, agency_id: str) -> None:
    """Put the list that the newsletter's service exports now into each newsletter's drop folder.

    Raises:
        ServiceError: the simulator does not answer.
    """
    for account in open_agency(agency_id, settings).accounts:
        if account.platform is Platform.NEWSLETTER:
            body = _ask(settings, "GET", f"/newsletter/{account.handle}.csv")
            folder = settings.drop / agency_id / account.id
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            (folder / "subscribers.csv").write_bytes(body)


def _ask(settings: Settings, method: str, path: str, body: dict[str, int] | None = None) -> bytes:
    address = urlsplit(settings.simulator or "")
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=_TIMEOUT_S)
    try:
        headers = {"Content-Type": "application/json"} if body else {}
        connection.request(method, path, json.dumps(body) if body else None, headers)
        reply = connection.getresponse()
        text = reply.read()
    except OSError as error:
        raise ServiceError(f"simulator: expected an answer to {path}, found {type(error).__name__}") from None
    finally:
        connection.close()
    if reply.status != 200:
        raise ServiceError(f"simulator: expected success of {path}, found {reply.status}")
    return text
