"""A small client of Airflow's REST API: sign in, start a DAG run, watch it.

API: https://airflow.apache.org/docs/apache-airflow/stable/stable-rest-api-ref.html
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from muniment.errors import ServiceError

_TIMEOUT_S = 30
_POLL_S = 0.5
_OVER = frozenset({"success", "failed"})


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody signed in to the Airflow at *address*; the token is theirs."""

    address: str
    token: str


@dataclass(frozen=True, slots=True)
class TaskState:
    """One task of a run; *label* tells mapped ones apart."""

    task_id: str
    label: str
    state: str | None
    try_number: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class RunState:
    """A DAG run and its tasks."""

    run_id: str
    state: str
    tasks: tuple[TaskState, ...]


def sign_in(address: str, user: str, password: str) -> SignedIn:
    """Sign *user* in to the Airflow at *address*.

    Raises:
        ServiceError: Airflow does not answer, or refuses.
    """
    body = {"username": user, "password": password}
    reply = ask(SignedIn(address, ""), "POST", "/auth/token", body)
    return SignedIn(address, str(reply["access_token"]))


def start_run(who: SignedIn, dag_id: str, params: Mapping[str, object] | None = None) -> str:
    """Start a run of *dag_id* with *params*; return its id.

    Raises:
        ServiceError: Airflow does not answer, or refuses.
    """
    body = {"logical_date": None, "conf": dict(params or {})}
    return str(ask(who, "POST", f"/api/v2/dags/{quote(dag_id)}/dagRuns", body)["dag_run_id"])


def wait_for_dag(who: SignedIn, dag_id: str, *, within_s: float = 60) -> None:
    """Return when Airflow knows *dag_id*: it reads new files within half a minute.

    Raises:
        ServiceError: it does not within *within_s* seconds.
    """
    deadline = time.monotonic() + within_s
    known: list[str] = []
    while time.monotonic() < deadline:
        known = [dag["dag_id"] for dag in ask(who, "GET", "/api/v2/dags?limit=1000")["dags"]]
        if dag_id in known:
            return
        time.sleep(_POLL_S)
    raise ServiceError(f"DAG {dag_id}: expected within {within_s:.0f} s, found {', '.join(known) or 'none'}")


def wait_for_run(
    who: SignedIn,
    dag_id: str,
    run_id: str,
    *,
    within_s: float = 600,
    progress: Callable[[RunState], None] | None = None,
) -> RunState:
    """Return the run when it has ended, well or not; call *progress* at every change on the way.

    Raises:
        ServiceError: it has not ended within *within_s* seconds.
    """
    deadline = time.monotonic() + within_s
    seen: RunState | None = None
    while time.monotonic() < deadline:
        run = read_run(who, dag_id, run_id)
        if progress and run != seen:
            progress(run)
        if run.state in _OVER:
            return run
        seen = run
        time.sleep(_POLL_S)
    state = seen.state if seen else "nothing"
    raise ServiceError(f"run {run_id} of {dag_id}: expected an end within {within_s:.0f} s, found {state}")


def read_run(who: SignedIn, dag_id: str, run_id: str) -> RunState:
    """Read the state of a run and of its tasks.

    Raises:
        ServiceError: Airflow does not answer, or refuses.
    """
    path = f"/api/v2/dags/{quote(dag_id)}/dagRuns/{quote(run_id, safe='')}"
    run = ask(who, "GET", path)
    tasks = ask(who, "GET", f"{path}/taskInstances?limit=1000")["task_instances"]
    return RunState(run_id, str(run["state"]), tuple(_task(task) for task in tasks))


def get_json(url: str) -> dict[str, Any]:
    """Read *url* without signing in.

    Raises:
        ServiceError: it does not answer with JSON.
    """
    parts = urlsplit(url)
    return ask(SignedIn(f"{parts.scheme}://{parts.netloc}", ""), "GET", parts.path)


def ask(who: SignedIn, method: str, path: str, body: Mapping[str, object] | None = None) -> dict[str, Any]:
    """Send one request; return the answer's JSON object.

    Raises:
        ServiceError: no answer, a refusal, or no JSON object.
    """
    status, text = send(who, method, path, body)
    if not 200 <= status < 300:
        raise ServiceError(f"{method} {path}: expected success, found {status}: {text[:300]}")
    try:
        return dict(json.loads(text))
    except (ValueError, TypeError):
        raise ServiceError(f"{method} {path}: expected a JSON object, found {text[:100]!r}") from None


def send(who: SignedIn, method: str, path: str, body: Mapping[str, object] | None = None) -> tuple[int, str]:
    """Send one request; return the status and the answer's text.

    Raises:
        ServiceError: no answer.
    """
    parts = urlsplit(who.address)
    connect = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = connect(parts.hostname or "", parts.port, timeout=_TIMEOUT_S)
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if who.token:
        headers["Authorization"] = f"Bearer {who.token}"
    try:
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        reply = connection.getresponse()
        return reply.status, reply.read().decode("utf-8", errors="replace")
    except (OSError, http.client.HTTPException) as error:
        raise ServiceError(f"{who.address}: expected an answer, found {type(error).__name__}") from None
    finally:
        connection.close()


def _task(value: Mapping[str, Any]) -> TaskState:
    label = value.get("rendered_map_index") or (str(value["map_index"]) if value["map_index"] >= 0 else "")
    return TaskState(value["task_id"], label, value["state"], int(value["try_number"]), value["duration"])
