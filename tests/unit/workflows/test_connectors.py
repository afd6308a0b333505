"""A capture waits by its workplace's clock: in a drill no second of ours passes."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

from muniment.records.names import AccountId
from muniment.records.page import Purpose
from muniment.settings import read_settings
from muniment.workflows.connectors import open_client
from muniment.workflows.wiring import Workplace
from tests.unit.workflows.holds_store import MemoryStore, claremont


class LimitedOnce(BaseHTTPRequestHandler):
    """Refuses the first request for a minute, answers the second."""

    asked = 0

    def do_GET(self) -> None:
        LimitedOnce.asked += 1
        self.send_response(429 if LimitedOnce.asked == 1 else 200)
        self.send_header("Retry-After", "60")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        pass


def test_a_wait_for_a_rate_limit_passes_on_the_clock_of_the_workplace(tmp_path: Path) -> None:
    moment, slept = [datetime(2024, 3, 1, tzinfo=UTC)], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        moment[0] += timedelta(seconds=seconds)

    vault = MemoryStore("vault")
    place = Workplace(read_settings({"MUNIMENT_HOME": str(tmp_path)}), claremont(), vault)  # type: ignore[arg-type]
    place = replace(place, clock=lambda: moment[0], sleep=sleep)
    account = place.account(AccountId("bluesky-city"))
    with HTTPServer(("127.0.0.1", 0), LimitedOnce) as server, closing(open_client(place, account)) as client:
        Thread(target=server.serve_forever, daemon=True).start()
        page = client.fetch(f"http://127.0.0.1:{server.server_port}/", purpose=Purpose.POSTS)
        server.shutdown()
    assert slept == [61]
    assert page.received_at == datetime(2024, 3, 1, 0, 1, 1, tzinfo=UTC)
