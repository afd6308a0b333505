"""The simulator as a process of its own: how it starts, what it prints, how a connection breaks."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

INCLUDE = Path(__file__).parents[2] / "include"


def start(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", *arguments]
    return subprocess.Popen(command, cwd=INCLUDE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.communicate(timeout=20)


def ready(process: subprocess.Popen[str]) -> Any:
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


@pytest.fixture(scope="module")
def simulator() -> Iterator[str]:
    process = start("platform_simulator", "--port", "0", "--start", "2026-11-21T19:00:00Z")
    try:
        yield ready(process)["simulator"]
    finally:
        stop(process)


def test_it_says_where_it_is_when_it_can_be_asked() -> None:
    process = start("platform_simulator", "--port", "0")
    try:
        told = ready(process)
        assert told["pid"] == process.pid
        assert told["scenario"] == "claremont"
        assert told["simulator"] == f"http://127.0.0.1:{told['port']}"
        answer = httpx.get(f"{told['simulator']}/simulator/clock")
        assert answer.json() == {"start": told["start"], "now": told["start"]}
        age = time.time() - time.mktime(time.strptime(told["start"], "%Y-%m-%dT%H:%M:%S.000Z")) + time.timezone
        assert 3 * 3600 <= age < 3 * 3600 + 90
    finally:
        stop(process)


def test_a_scenario_at_fault_is_refused_with_its_faults(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text("scenario: 2\nname: x\n", "utf-8")
    process = start("platform_simulator", "--scenario", str(file))
    _, told = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "bad.yaml: seed: expected a value, found none" in told
    assert "bad.yaml: scenario: input should be 1, found '2'" in told


def test_it_listens_on_loopback_alone(simulator: str) -> None:
    table = Path("/proc/net/tcp")
    if not table.exists():
        pytest.skip("this system has no table of sockets to read")
    listening = [line.split()[1] for line in table.read_text("ascii").splitlines()[1:] if line.split()[3] == "0A"]
    port = f":{httpx.URL(simulator).port:04X}"
    assert [address.removesuffix(port) for address in listening if address.endswith(port)] == ["0100007F"]


def test_a_dropped_answer_breaks_in_the_body_and_the_next_is_whole(simulator: str) -> None:
    query = f"{simulator}/xrpc/app.bsky.actor.getProfile?actor=city.claremont.example"
    rule = {"route": "app.bsky.actor.getProfile", "kind": "dropped"}
    assert httpx.post(f"{simulator}/simulator/faults", json=rule).status_code == 200
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(query)
    assert httpx.get(query).status_code == 200


def test_every_route_says_that_it_is_a_simulator(simulator: str) -> None:
    for path in ("/", "/news.rss", "/nowhere/at/all", "/simulator/clock", "/newsletter/weekly.csv", "/api/v2/instance"):
        assert httpx.get(f"{simulator}{path}").headers["x-platform-simulator"] == "muniment"


def test_the_bulk_server_sends_what_it_rendered(tmp_path: Path) -> None:
    process = start(
        "platform_simulator.bulk", "--posts", "3", "--replies", "4", "--directory", str(tmp_path), "--port", "0"
    )
    try:
        told = ready(process)
        assert told["records"] == 12
        number = httpx.get(f"{told['simulator']}/api/v1/accounts/lookup?acct={told['handle']}").json()["id"]
        for post in httpx.get(f"{told['simulator']}/api/v1/accounts/{number}/statuses").json():
            answer = httpx.get(f"{told['simulator']}/api/v1/statuses/{post['id']}/context")
            assert len(answer.json()["descendants"]) == 4
            assert answer.content == (Path(told["directory"]) / f"{post['id']}.json").read_bytes()
    finally:
        stop(process)


def test_the_generator_writes_what_the_simulator_reads(tmp_path: Path) -> None:
    file = tmp_path / "big.yaml"
    process = start("platform_simulator.generate", "--posts", "6", "--replies", "2", "--seed", "3")
    text, _ = process.communicate(timeout=30)
    file.write_text(text, "utf-8")
    server = start("platform_simulator", "--scenario", str(file), "--port", "0")
    try:
        truth = httpx.get(f"{ready(server)['simulator']}/simulator/truth").json()
        assert truth["accounts"]["mastodon-city"]["counts"]["replies"] == 12
    finally:
        stop(server)
