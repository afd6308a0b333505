"""Reading who answered what from Airflow's API, here a small server that answers from a table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import unquote

import pytest

from muniment.embedded.airflow_client import SignedIn
from muniment.errors import ConfigurationError, ServiceError
from muniment_airflow.recorded_responses import open_recorder, read_response, reader, to_response

TASK = "/api/v2/dags/dispose/dagRuns/manual__2026-11-22T00:00:00+00:00/taskInstances/clerk"
RUN = "manual__2026-11-22T00:00:00+00:00"
DETAIL = {
    "responded_by_user": {"id": "7", "name": "clerk"},
    "responded_at": "2026-11-22T05:01:02.345678Z",
    "chosen_options": ["Approve"],
    "params_input": {"reason": "in order"},
}
ASKED = {"responded_by_user": None, "responded_at": None, "chosen_options": None, "params_input": {}}


class Table(BaseHTTPRequestHandler):
    """Answers what the server's table says: 404 for what is not there, a status for a number."""

    def do_GET(self) -> None:
        self.server.asked.append((unquote(self.path), self.headers["Authorization"]))
        found = self.server.table.get(unquote(self.path), 404)
        self._answer(found, {}) if isinstance(found, int) else self._answer(200, found)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        good = body == {"username": "recorder", "password": "a password"}
        self._answer(201 if good else 401, {"access_token": "a token"})

    def _answer(self, status: int, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    found = ThreadingHTTPServer(("127.0.0.1", 0), Table)
    found.table, found.asked = {TASK: {"try_number": 1}}, []
    thread = Thread(target=found.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    found.shutdown()
    thread.join()
    found.server_close()


def address(server: ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_port}"


def read(server: ThreadingHTTPServer):
    return read_response(SignedIn(address(server), "a token"), "dispose", RUN, "clerk")


def test_what_nobody_was_asked_nobody_answered(server):
    assert read(server) is None


def test_a_task_that_was_marked_a_success_without_an_answer_has_none(server):
    server.table[f"{TASK}/-1/hitlDetails"] = ASKED

    assert read(server) is None


def test_a_run_that_airflow_does_not_know_has_no_answers(server):
    server.table.clear()

    assert read(server) is None


def test_an_answer_names_person_time_choice_and_papers(server):
    server.table[f"{TASK}/-1/hitlDetails"] = DETAIL

    found = read(server)

    assert (found.dag_id, found.run_id, found.task_id) == ("dispose", RUN, "clerk")
    assert (found.responded_by, found.responded_at) == ("clerk", "2026-11-22T05:01:02.345678Z")
    assert (found.chosen, found.params) == (("Approve",), {"reason": "in order"})


def test_an_answer_of_an_earlier_try_counts_where_the_task_was_cleared_afterwards(server):
    earlier = DETAIL | {"params_input": {"reason": "the last"}}
    server.table = {
        TASK: {"try_number": 3},
        f"{TASK}/-1/hitlDetails/tries/3": ASKED,
        f"{TASK}/-1/hitlDetails/tries/2": earlier,
        f"{TASK}/-1/hitlDetails/tries/1": DETAIL,
    }

    assert read(server).params == {"reason": "the last"}


@pytest.mark.parametrize("status", [401, 403, 500])
def test_a_refusal_is_no_answer_and_no_silence(server, status):
    server.table[f"{TASK}/-1/hitlDetails"] = status

    with pytest.raises(ServiceError, match=f"found {status}"):
        read(server)


def test_what_is_sealed_at_the_answer_is_what_is_read_at_the_end(server):
    resumed = DETAIL | {"responded_at": datetime(2026, 11, 22, 5, 1, 2, 345678, tzinfo=UTC)}
    server.table[f"{TASK}/-1/hitlDetails"] = DETAIL

    assert to_response("dispose", RUN, "clerk", resumed) == read(server)


def test_silence_is_a_response_of_nobody():
    found = to_response("dispose", RUN, "clerk", {})

    assert (found.responded_by, found.responded_at, found.chosen) == (None, None, ())


@pytest.fixture
def configured(server, tmp_path, monkeypatch):
    path = tmp_path / "recorder.password"
    path.write_text("a password\n")
    monkeypatch.setenv("AIRFLOW__MUNIMENT__RECORDER_PASSWORD_FILE", str(path))
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTION_API_SERVER_URL", f"{address(server)}/execution/")
    return path


def test_the_recorder_signs_in_once_by_its_password_where_the_tasks_reach_airflow(server, configured):
    recorded = reader()

    recorded("dispose", RUN, "clerk")
    recorded("dispose", RUN, "clerk")

    assert {token for _, token in server.asked} == {"Bearer a token"}


def test_a_password_that_airflow_refuses_is_told(configured):
    configured.write_text("another")

    with pytest.raises(ServiceError, match="found 401"):
        open_recorder()


@pytest.mark.parametrize("name", ["", "/no/such/file"])
def test_no_password_file_is_told_before_anybody_is_asked(configured, monkeypatch, name):
    monkeypatch.setenv("AIRFLOW__MUNIMENT__RECORDER_PASSWORD_FILE", name)

    with pytest.raises(ConfigurationError, match="recorder_password_file"):
        open_recorder()
