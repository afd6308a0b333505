"""Find the server that hosts a Bluesky account, and capture the account's own signed repository there.

DID documents: https://web.plc.directory/spec/v0.1/did-plc, https://w3c-ccg.github.io/did-method-web/.
Repositories: https://atproto.com/specs/sync.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

import msgspec

from muniment.capture.addresses import AddressRefusedError, choose_address, origin_of
from muniment.capture.gaps import gap_of
from muniment.capture.polite_client import PoliteClient
from muniment.capture.reading import read_json
from muniment.errors import CaptureError, ParseError, RateLimitedError
from muniment.records.agency import Account
from muniment.records.page import Gap, Page, Purpose

PLC_DIRECTORY = "https://plc.directory"
_HOST = re.compile(r"[A-Za-z0-9.-]+(?::\d+)?")


@dataclass(frozen=True, slots=True)
class Host:
    """The server that holds the account's repository, and the numeric address to reach it at."""

    url: str
    connect_to: str | None


class _Service(msgspec.Struct):
    type: str
    endpoint: str = msgspec.field(name="serviceEndpoint")


class _DidDocument(msgspec.Struct):
    service: list[_Service] = []


def did_document_url(account: Account, did: str) -> str:
    """Return where the document of *did* is published.

    Raises:
        AddressRefusedError: *did* is of a method other than ``plc`` and ``web``.
    """
    match did.split(":"):
        case ["did", "plc", name] if name.isalnum():
            return f"{account.directory or PLC_DIRECTORY}/{did}"
        case ["did", "web", host] if _HOST.fullmatch(unquote(host)):
            return f"https://{unquote(host)}/.well-known/did.json"
        case _:
            raise AddressRefusedError("identity: expected did:plc or did:web, found another method")


def capture_did_document(account: Account, did: str, client: PoliteClient) -> Generator[Page | Gap, None, Page | None]:
    """Yield the identity document or its gap; return the document."""
    try:
        url = did_document_url(account, did)
        page = client.fetch(url, purpose=Purpose.DID_DOCUMENT, subject=did, connect_to=_address_of(url, account))
    except RateLimitedError:
        raise
    except CaptureError as error:
        yield gap_of(error, client, purpose=Purpose.DID_DOCUMENT, subject=did)
        return None
    yield page
    return page


def capture_repository(account: Account, did: str, document: Page, client: PoliteClient) -> Iterator[Page | Gap]:
    """Yield the account's whole signed repository (CAR), or a gap: the record copy does not depend on it."""
    try:
        host = read_host(document, account)
        url = f"{host.url}/xrpc/com.atproto.sync.getRepo"
        yield client.fetch(url, {"did": did}, purpose=Purpose.REPOSITORY, subject=did, connect_to=host.connect_to)
    except RateLimitedError:
        raise
    except (CaptureError, ParseError) as error:
        yield gap_of(error, client, purpose=Purpose.REPOSITORY, subject=did)


def find_host(account: Account, did: str, client: PoliteClient) -> Host:
    """Look up the server of *did*, keeping no page of it.

    Raises:
        CaptureError: the directory did not answer, or the server's address is refused.
        ParseError: the document names no server.
    """
    url = did_document_url(account, did)
    document = client.look(url, purpose=Purpose.DID_DOCUMENT, subject=did, connect_to=_address_of(url, account))
    return read_host(document, account)


def read_host(document: Page, account: Account) -> Host:
    """Read the account's server from its identity document.

    Another host than the account's interface is legitimate here; a private one is not.

    Raises:
        AddressRefusedError: the address is not https to a public network.
        ParseError: the document names no server.
    """
    services = read_json(document, _DidDocument).service
    endpoint = next((item.endpoint for item in services if item.type == "AtprotoPersonalDataServer"), None)
    if endpoint is None:
        raise ParseError("identity document: expected a service AtprotoPersonalDataServer, found none")
    return Host(endpoint.rstrip("/"), choose_address(endpoint, home=account.api))


def _address_of(url: str, account: Account) -> str | None:
    # The directory is the register's own word; a did:web host is the platform's.
    is_configured = origin_of(url) == origin_of(account.directory or PLC_DIRECTORY)
    return None if is_configured else choose_address(url, home=account.api)
