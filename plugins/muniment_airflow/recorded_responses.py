"""Who answered what, as Airflow itself recorded it.

A task's state and what it hands on can be set by whoever may mark tasks or post XComs. Who
answered a required action, when and what, is written by Airflow's API alone, for the person
signed in. So the task that destroys asks the API, as a user of its own who may only read.

`[muniment] recorder_password_file` names the file with that user's password, and
`[muniment] recorder` the user, where it is not called `recorder`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from airflow.sdk.configuration import conf

from muniment.embedded.airflow_client import SignedIn, send, sign_in
from muniment.errors import ConfigurationError, ServiceError
from muniment.records.names import format_instant
from muniment.retention.gates import RecordedResponse

_NOT_FOUND = 404


def open_recorder() -> SignedIn:
    """Sign in to Airflow's API as the user who reads what was answered.

    Raises:
        ConfigurationError: no file has that user's password.
        ServiceError: Airflow does not answer, or refuses.
    """
    name = conf.get("muniment", "recorder_password_file", fallback="")
    path = Path(name)
    if not name or not path.is_file():
        raise ConfigurationError(f"[muniment] recorder_password_file: expected a file with a password, found {name!r}")
    return sign_in(_address(), conf.get("muniment", "recorder", fallback="recorder"), path.read_text("utf-8").strip())


def reader() -> Callable[[str, str, str], RecordedResponse | None]:
    """Return what reads the recorded response of a DAG's run's task; it signs in once, when first asked."""
    signed_in: list[SignedIn] = []

    def read(dag_id: str, run_id: str, task_id: str) -> RecordedResponse | None:
        if not signed_in:
            signed_in.append(open_recorder())
        return read_response(signed_in[0], dag_id, run_id, task_id)

    return read


def read_response(who: SignedIn, dag_id: str, run_id: str, task_id: str) -> RecordedResponse | None:
    """Return the last answer that a person gave to the task, in whichever try; None when nobody ever answered.

    A task that is cleared after its answer was sealed does not ask again, so the answer stays that of an earlier try.

    Raises:
        ServiceError: Airflow does not answer, or refuses.
    """
    run = f"/api/v2/dags/{quote(dag_id)}/dagRuns/{quote(run_id, safe='')}"
    task = f"{run}/taskInstances/{quote(task_id)}"
    answered = (detail for detail in _details(who, task) if detail.get("responded_at"))
    detail = next(answered, None)
    return None if detail is None else to_response(dag_id, run_id, task_id, detail)


def to_response(dag_id: str, run_id: str, task_id: str, detail: Mapping[str, Any]) -> RecordedResponse:
    """Return what *detail* says, as Airflow's API or its own resuming of a task gives it."""
    person, at = detail.get("responded_by_user"), detail.get("responded_at")
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return RecordedResponse(
        dag_id=dag_id,
        run_id=run_id,
        task_id=task_id,
        responded_by=None if person is None else str(person["name"]),
        responded_at=None if moment is None else format_instant(moment),
        chosen=tuple(detail.get("chosen_options") or ()),
        params=dict(detail.get("params_input") or {}),
    )


def _details(who: SignedIn, task: str) -> Iterator[Mapping[str, Any]]:
    state = _get(who, task)
    if state is None:
        return
    yield from filter(None, [_get(who, f"{task}/-1/hitlDetails")])
    for number in range(int(state["try_number"]), 0, -1):
        yield from filter(None, [_get(who, f"{task}/-1/hitlDetails/tries/{number}")])


def _get(who: SignedIn, path: str) -> dict[str, Any] | None:
    status, text = send(who, "GET", path)
    if status == _NOT_FOUND:
        return None
    if status != 200:
        raise ServiceError(f"GET {path}: expected success, found {status}")
    return dict(json.loads(text))


def _address() -> str:
    # Where the tasks themselves reach Airflow; the address of the web page may lead through a proxy outside.
    url = conf.get("core", "execution_api_server_url", fallback="") or conf.get("api", "base_url")
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
