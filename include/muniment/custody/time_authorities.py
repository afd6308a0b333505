"""Asking a time authority over HTTP (RFC 3161 section 3.4): one question, one answer, within limits.

No redirect is followed, no proxy is used, no credentials are sent. What came back is bytes of
the right kind and size; whether they are worth anything is `evidence.timestamp`'s to say.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import SplitResult, urlsplit

from muniment.errors import TimeAuthorityError
from muniment.evidence.timestamp_response import MAX_RESPONSE_BYTES

QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
SILENCE_S = 10.0  # without a byte
WHOLE_S = 30.0  # from the first to the last, however slowly they come


def ask(name: str, url: str, request: bytes, *, silence_s: float = SILENCE_S, whole_s: float = WHOLE_S) -> bytes:
    """Send *request* (DER) to the authority *name* at *url*, and return what it answered.

    Raises:
        TimeAuthorityError: it did not answer in time, or not with a time stamp reply of HTTP status 200.
    """
    address = urlsplit(url)
    connection = _connection(address, silence_s)
    try:
        connection.connect()
        with _cut_after(name, connection.sock, whole_s):
            connection.request("POST", _target(address), request, {"Content-Type": QUERY, "Accept": REPLY})
            with connection.getresponse() as answer:
                _check_kind(name, answer)
                body = answer.read(MAX_RESPONSE_BYTES + 1)
    except (OSError, http.client.HTTPException) as error:
        # The kind of error only: its text may hold the address, and an address may hold a customer's number.
        raise TimeAuthorityError(f"authority {name}: expected an answer, found {type(error).__name__}") from None
    finally:
        connection.close()
    if len(body) > MAX_RESPONSE_BYTES:
        raise TimeAuthorityError(f"authority {name}: expected at most {MAX_RESPONSE_BYTES} bytes, found more")
    return body


def _connection(address: SplitResult, silence_s: float) -> http.client.HTTPConnection:
    host = address.hostname or ""
    if address.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, address.port, timeout=silence_s, context=context)
    return http.client.HTTPConnection(host, address.port, timeout=silence_s)


def _target(address: SplitResult) -> str:
    return (address.path or "/") + (f"?{address.query}" if address.query else "")


def _check_kind(name: str, answer: http.client.HTTPResponse) -> None:
    if answer.status != 200:
        raise TimeAuthorityError(f"authority {name}: expected HTTP status 200, found {answer.status}")
    kind = answer.headers.get_content_type()
    if kind != REPLY:
        raise TimeAuthorityError(f"authority {name}: expected {REPLY}, found {kind}")


@contextmanager
def _cut_after(name: str, line: socket.socket, seconds: float) -> Iterator[None]:
    """End the connection after *seconds*: the socket's own limit begins anew with every byte.

    Whatever its reader then meets (an end, a reset, half a header) comes of that, and is told as that.
    """
    was_cut = threading.Event()

    def cut() -> None:
        was_cut.set()
        with suppress(OSError):  # it has ended by itself
            line.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (OSError, http.client.HTTPException, TimeAuthorityError):
        if not was_cut.is_set():
            raise
    finally:
        timer.cancel()
    if was_cut.is_set():
        raise TimeAuthorityError(f"authority {name}: expected an answer within {seconds:g} s, found a part of one")
