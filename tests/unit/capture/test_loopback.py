"""The client against a real socket: what a mock transport cannot do wrong."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from muniment.capture.exchange import Limits
from muniment.capture.polite_client import PoliteClient
from muniment.errors import PlatformUnavailableError, TooSlowError, TruncatedReplyError
from muniment.records.page import Page, Purpose


@contextmanager
def server(*pieces: bytes, pause_s: float = 0) -> Iterator[tuple[str, list[bytes]]]:
    """Answer every connection with *pieces*, a pause between two, and close it."""
    listener, heard = socket.create_server(("127.0.0.1", 0)), []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                heard.append(connection.recv(65536))
                try:
                    for piece in pieces:
                        connection.sendall(piece)
                        time.sleep(pause_s)
                except OSError:
                    continue

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/", heard
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def fetch(url: str, limits: Limits | None = None) -> Page:
    limits = limits or Limits(attempts=1)
    client = PoliteClient(agent="Muniment/0", clock=lambda: datetime.now(UTC), sleep=lambda _: None, limits=limits)
    try:
        return client.fetch(url, purpose=Purpose.POSTS)
    finally:
        client.close()


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n",
    ],
    ids=["announced", "chunked"],
)
def test_a_body_that_breaks_off_is_no_page(head: bytes) -> None:
    with server(head, b'[{"id":') as (url, _), pytest.raises(TruncatedReplyError, match="it broke off"):
        fetch(url)


def test_a_connection_that_closes_without_an_answer_is_a_failure() -> None:
    with server() as (url, _), pytest.raises(PlatformUnavailableError):
        fetch(url)


def test_nobody_listening_is_a_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(PlatformUnavailableError, match="ConnectError"):
        fetch(f"http://127.0.0.1:{port}/")


def test_a_silent_server_is_given_up_after_the_read_limit() -> None:
    with server(b"HTTP/1.1 200 OK\r\n", pause_s=0.3) as (url, _), pytest.raises(PlatformUnavailableError):
        fetch(url, Limits(attempts=1, read_s=0.05))


def test_a_dripping_server_is_given_up_after_the_whole_limit() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n"
    with server(head, *[b" "] * 40, pause_s=0.02) as (url, _), pytest.raises(TooSlowError):
        fetch(url, Limits(attempts=1, read_s=5, total_s=0.1))


def test_chunks_are_put_together_and_the_request_is_plain() -> None:
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nSet-Cookie: a=b\r\n\r\n3\r\n[1,\r\n2\r\n2]\r\n0\r\n\r\n"
    with server(answer) as (url, heard):
        page = fetch(url)

    assert page.body == b"[1,2]"
    assert dict(page.response_headers)["Set-Cookie"].startswith("removed, sha256:")
    assert heard[0].startswith(b"GET / HTTP/1.1\r\n")
    assert b"cookie" not in heard[0].lower()
    sent = heard[0].split(b"\r\n\r\n")[0].split(b"\r\n")[1:]
    assert sent == [f"{name}: {value}".encode() for name, value in page.request_headers]


def test_the_environments_proxy_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with server(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]") as (url, _):
        assert fetch(url).body == b"[]"
