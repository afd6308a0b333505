"""A relay before a store that kills a process at its Nth write: before the write arrives, or after it is kept."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@dataclass
class KillingRelay:
    """`victim` is the process to kill at write number `at` (from 1); `writes` are the keys written so far."""

    backend: str
    at: int = 0
    after: bool = False
    victim: int = 0
    address: str = ""
    writes: list[str] = field(default_factory=list)

    def is_fatal(self) -> bool:
        return len(self.writes) == self.at

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.victim, signal.SIGKILL)


@contextmanager
def relay_to(backend: str) -> Iterator[KillingRelay]:
    relay = KillingRelay(backend=urlsplit(backend).netloc)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(relay))
    server.daemon_threads = True
    relay.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield relay
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(relay: KillingRelay) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else every answer waits 40 ms for an acknowledgement

        def relay_request(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            is_write = self.command == "PUT" and "?" not in self.path
            if is_write:
                relay.writes.append(self.path)
            if is_write and relay.is_fatal() and not relay.after:
                relay.kill()
                self.close_connection = True
                return
            backend = HTTPConnection(relay.backend, timeout=60)
            backend.request(self.command, self.path, body, dict(self.headers))
            answer = backend.getresponse()
            content = answer.read()
            backend.close()
            if is_write and relay.is_fatal():
                relay.kill()
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                _pass_on(self, answer, content)

        do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = relay_request  # noqa: N815 - the names that http.server looks for

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


def _pass_on(handler: BaseHTTPRequestHandler, answer: HTTPResponse, content: bytes) -> None:
    handler.send_response_only(answer.status)
    for name, value in answer.getheaders():
        if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
            handler.send_header(name, value)
    length = answer.getheader("Content-Length", "0") if handler.command == "HEAD" else str(len(content))
    handler.send_header("Content-Length", length)
    handler.end_headers()
    handler.wfile.write(content)
