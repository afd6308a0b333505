"""The local time authority, as a server on the loopback interface: the default until a city names a real one.

``python -m muniment.embedded.time_authority FOLDER`` prints its address and serves until its
standard input ends, so that it never outlives whoever started it. The keys stay in this
process and in FOLDER; whoever asks goes through the same door as at any other authority.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from muniment.embedded.ports import LOOPBACK
from muniment.embedded.time_authority_answers import answer
from muniment.embedded.time_authority_keys import open_signer
from muniment.errors import MunimentError

_MAX_REQUEST_BYTES = 10_000
_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"  # RFC 3161 section 3.4

Clock = Callable[[], datetime]


def make_server(folder: Path, clock: Clock | None = None) -> ThreadingHTTPServer:
    """Make the server, on a free port of the loopback interface; its keys lie in *folder*.

    Raises:
        ServiceError: its keys are readable by others, or are not what they should be.
    """
    tell = clock or _now
    open_signer(folder, tell())

    class Handler(BaseHTTPRequestHandler):
        timeout = 10  # seconds

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if self.headers.get_content_type() != _QUERY:
                self._send(415, "text/plain", b"expected " + _QUERY.encode())
            elif not length.isdigit() or int(length) > _MAX_REQUEST_BYTES:
                self._send(413, "text/plain", b"expected a length of at most 10000 bytes")
            else:
                now = tell()
                self._send(200, _REPLY, answer(self.rfile.read(int(length)), open_signer(folder, now), now))

        def _send(self, status: int, content_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep quiet: whoever asks tells what came of it."""

    return ThreadingHTTPServer((LOOPBACK, 0), Handler)


def _now() -> datetime:
    return datetime.now(UTC)


def main(arguments: list[str]) -> int:
    """Serve from the folder that *arguments* name until standard input ends."""
    try:
        server = make_server(Path(arguments[0]))
    except (MunimentError, OSError) as error:
        print(f"local time authority: {error}", file=sys.stderr)  # noqa: T201 - a process's edge
        return 2
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://{LOOPBACK}:{server.server_port}/", flush=True)  # noqa: T201 - whoever started it reads this
    sys.stdin.read()
    server.shutdown()
    server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
