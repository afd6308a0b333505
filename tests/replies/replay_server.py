"""Serves a recorded run on a port of its own, so that the whole product runs against it unchanged.

Addresses of the recorded network in JSON answers become the server's own; nothing else is touched.
"""

from __future__ import annotations

import re
import threading
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.replies.replay import key_of, recorded_answers

RECORDED = re.compile(rb"http://(?:localhost|127\.0\.0\.1):258[234]")
# What the server sets by itself, or what would no longer be true.
_OWN = {"connection", "content-length", "date", "etag", "keep-alive", "server"}

Answer = tuple[int, list[tuple[str, str]], bytes]


class ReplayServer(ThreadingHTTPServer):
    """Answers as the WARC last loaded recorded; what was not recorded is noted and answered with 501."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.unrecorded: list[str] = []
        self._answers: dict[object, deque[Answer]] = {}

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def load(self, warc: Path) -> None:
        """Answer from *warc* from now on."""
        answers: dict[object, deque[Answer]] = defaultdict(deque)
        for url, status, headers, body in recorded_answers(warc):
            kept = [(name, value) for name, value in headers if name.lower() not in _OWN]
            if any("json" in value for name, value in kept if name.lower() == "content-type"):
                body = RECORDED.sub(self.address.encode(), body)  # noqa: PLW2901 - the same body, served from here
            answers[key_of(url)[1:]].append((status, kept, body))
        self._answers = dict(answers)

    def answer(self, path: str) -> Answer:
        """Return what was recorded for *path*: in turn, then the last again."""
        answers = self._answers.get(key_of(path)[1:])
        if not answers:
            self.unrecorded.append(path)
            return 501, [], b""
        return answers.popleft() if len(answers) > 1 else answers[0]


class _Handler(BaseHTTPRequestHandler):
    server: ReplayServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        status, headers, body = self.server.answer(self.path)
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that http.server calls
        pass


@contextmanager
def replaying() -> Iterator[ReplayServer]:
    """Run a server for as long as the block lasts."""
    server = ReplayServer()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
