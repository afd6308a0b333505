"""Every role walks through every call: the answers are written down here, not derived."""

from __future__ import annotations

import pytest

from muniment.embedded.airflow import USERS
from muniment.embedded.airflow_client import SignedIn, send

pytestmark = pytest.mark.real  # a whole Airflow, its database and its store
DAG = "/api/v2/dags/snapshot_claremont"
RUN = f"{DAG}/dagRuns/looked-at"
PLAN = f"{RUN}/taskInstances/plan"
CLEAR = {"dag_run_id": "looked-at", "task_ids": ["plan"], "dry_run": True, "only_failed": False}

DISPOSE = "/api/v2/dags/dispose_records_claremont"

OPERATOR, OFFICER, CLERK, COUNSEL, AUDITOR, ADMINISTRATOR, HEAD, COUNCIL = USERS
ALL = frozenset(USERS)
OPERATORS = frozenset({OPERATOR, ADMINISTRATOR})
AUDITORS = frozenset({AUDITOR, ADMINISTRATOR})
ALONE = frozenset({ADMINISTRATOR})
NOBODY: frozenset[str] = frozenset()

CALLS = [  # what, method, path, body, who may
    ("list the DAGs", "GET", "/api/v2/dags", None, ALL),
    ("list the runs", "GET", f"{DAG}/dagRuns", None, ALL),
    ("list the tasks of a run", "GET", f"{RUN}/taskInstances", None, ALL),
    ("see the home page", "GET", "/ui/dags", None, ALL),
    ("see the grid", "GET", "/ui/grid/structure/snapshot_claremont", None, ALL),
    ("see what waits for people", "GET", f"{DAG}/dagRuns/~/hitlDetails", None, ALL),
    ("read a task's log", "GET", f"{PLAN}/logs/1", None, OPERATORS),
    ("list XComs", "GET", f"{PLAN}/xcomEntries", None, ALONE),
    ("read the code", "GET", "/api/v2/dagSources/snapshot_claremont", None, OPERATORS),
    ("see the runs of a check", "GET", "/api/v2/dags/check_store_claremont/dagRuns", None, ALL),
    ("read the code of a check", "GET", "/api/v2/dagSources/check_fixity_claremont", None, OPERATORS),
    ("pause the copying", "PATCH", "/api/v2/dags/copy_vault_claremont", {"is_paused": False}, OPERATORS),
    ("list the assets", "GET", "/api/v2/assets", None, OPERATORS | {OFFICER}),
    ("read import errors", "GET", "/api/v2/importErrors", None, OPERATORS),
    ("read warnings", "GET", "/api/v2/dagWarnings", None, OPERATORS),
    ("read pools", "GET", "/api/v2/pools", None, OPERATORS),
    ("read connections", "GET", "/api/v2/connections", None, ALONE),
    ("read variables", "GET", "/api/v2/variables", None, ALONE),
    ("read the configuration", "GET", "/api/v2/config", None, NOBODY),
    ("read the audit log", "GET", "/api/v2/eventLogs", None, AUDITORS),
    ("list users", "GET", "/auth/fab/v1/users", None, ALONE),
    ("list roles", "GET", "/auth/fab/v1/roles", None, ALONE),
    ("mark a task", "PATCH", f"{PLAN}/dry_run", {"new_state": "success"}, OPERATORS),
    ("clear a task", "POST", f"{DAG}/clearTaskInstances", CLEAR, OPERATORS),
    ("write a note on a run", "PATCH", RUN, {"note": "seen"}, OPERATORS),
    ("unpause the DAG", "PATCH", DAG, {"is_paused": False}, OPERATORS),
    ("post an XCom", "POST", f"{PLAN}/xcomEntries", {"key": "forged", "value": 1, "map_index": -1}, ALONE),
    ("make a variable", "POST", "/api/v2/variables", {"key": "k", "value": "v"}, ALONE),
    ("make a pool", "POST", "/api/v2/pools", {"name": "p", "slots": 1}, ALONE),
    ("delete the run", "DELETE", f"{DAG}/dagRuns/no-such-run", None, ALONE),
    ("delete the DAG", "DELETE", "/api/v2/dags/no-such-dag", None, ALONE),
    ("trigger a run", "POST", f"{DAG}/dagRuns", {"logical_date": None, "conf": {"accounts": ["none"]}}, OPERATORS),
    ("emit an asset event", "POST", "/api/v2/assets/events", {"asset_id": 1, "extra": {}}, ALONE),
    ("propose a disposition", "POST", f"{DISPOSE}/dagRuns", {"logical_date": None, "conf": {"series": "none"}},
     frozenset({OFFICER, ADMINISTRATOR})),
    ("pause the dispositions", "PATCH", DISPOSE, {"is_paused": False}, OPERATORS),
    ("pause the schedule", "PATCH", "/api/v2/dags/apply_retention_claremont", {"is_paused": False}, OPERATORS),
    ("answer what waits", "PATCH", f"{PLAN}/-1/hitlDetails", {"chosen_options": ["Approve"], "params_input": {}},
     ALL - {OPERATOR, AUDITOR}),
]  # fmt: skip


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("call", CALLS, ids=[call[0] for call in CALLS])
def test_a_role_may_do_what_is_written_here_and_nothing_else(users, user, call):
    _, method, path, body, allowed = call

    status, text = send(users[user], method, path, body)

    assert status not in {401, 405, 422, 500}, text
    assert (status != 403) == (user in allowed), (status, text[:300])


@pytest.mark.parametrize("call", CALLS, ids=[call[0] for call in CALLS])
def test_a_stranger_may_do_nothing(running, call):
    _, method, path, body, _ = call

    status, _ = send(SignedIn(running.airflow.address, ""), method, path, body)

    assert status == 401
