"""An authority is asked once, for a while, and believed to have answered only with a time stamp reply."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from muniment.custody.time_authorities import ask
from muniment.embedded.time_authority import make_server
from muniment.errors import TimeAuthorityError
from muniment.evidence.timestamp import make_request, read_trust, verify_response

SECRET = "customer-4711"


@contextmanager
def serving(behave: Callable[[socket.socket], None]) -> Iterator[str]:
    """Accept one connection, read its request, and behave as told."""
    listener = socket.create_server(("127.0.0.1", 0))
    seen: list[socket.socket] = []

    def serve() -> None:
        try:
            line, _ = listener.accept()
        except OSError:
            return
        seen.append(line)
        line.recv(65536)
        try:
            behave(line)
        except OSError:
            return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/{SECRET}?key={SECRET}"
    finally:
        for line in (*seen, listener):
            line.close()
        thread.join(5)


def reply(body: bytes, *, status: str = "200 OK", kind: str = "application/timestamp-reply", more: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{more}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def refusal(behave: Callable[[socket.socket], None]) -> str:
    with serving(behave) as url, pytest.raises(TimeAuthorityError) as caught:
        ask("example", url, b"request", silence_s=0.5, whole_s=1)
    assert SECRET not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (reply(b"<html>sign in</html>", kind="text/html"), "found text/html"),
        (reply(b"", status="302 Found", more="Location: http://127.0.0.1:9/\r\n"), "status 200, found 302"),
        (reply(b"", status="503 Service Unavailable"), "status 200, found 503"),
        (reply(b"\0" * 100_001), "at most 100000 bytes"),
        (b"", "expected an answer"),
        (b"nonsense\r\n\r\n", "expected an answer"),
    ],
)
def test_what_is_no_reply_is_refused(answer: bytes, told: str) -> None:
    assert told in refusal(lambda line: (line.sendall(answer), line.shutdown(socket.SHUT_WR))[0])


def test_silence_is_not_waited_for() -> None:
    began = time.monotonic()
    refusal(lambda line: time.sleep(1.5))
    assert time.monotonic() - began < 3


def drip(begun: bytes, every_s: float) -> Callable[[socket.socket], None]:
    """Begin an answer, and go on with a byte *every_s* for longer than anybody waits."""

    def behave(line: socket.socket) -> None:
        line.sendall(begun)
        for _ in range(int(4 / every_s)):
            time.sleep(every_s)
            line.sendall(b"x")

    return behave


BEGUN = [reply(b"x" * 50_000)[:100], b"HTTP/1.1 200 OK\r\nX: "]


# A byte that arrives after the line was shut resets it: at a byte each millisecond nearly every time.
@pytest.mark.parametrize("every_s", [0.1, 0.001])
@pytest.mark.parametrize("begun", BEGUN, ids=["body", "headers"])
def test_what_drips_for_ever_is_cut_off_and_said_to_be_late(begun: bytes, every_s: float) -> None:
    began = time.monotonic()
    assert "expected an answer within 1 s" in refusal(drip(begun, every_s))
    assert time.monotonic() - began < 3


def test_nobody_listening_is_told_without_the_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(TimeAuthorityError, match="found ConnectionRefusedError"):
        ask("example", f"http://127.0.0.1:{port}/{SECRET}", b"request")


def test_the_local_authority_answers_over_the_wire(tmp_path: Path) -> None:
    server = make_server(tmp_path)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        request = make_request(b"a checkpoint\n")
        response = ask("local", f"http://127.0.0.1:{server.server_port}/", request.encoded)
        stamp = verify_response(response, request, read_trust((tmp_path / "root.pem").read_bytes()))
        assert stamp.is_local
        assert "for demonstration only" in stamp.authority
    finally:
        server.shutdown()
        server.server_close()
