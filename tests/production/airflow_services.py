"""Airflow's services in the order of docker-compose.yaml's conditions, with two workers, and one run of a DAG."""

from __future__ import annotations

import json
import socket

from tests.production.services import BIN, Stack, wait


def start_airflow(stack: Stack, workers: int = 2, **more: str) -> None:
    """Run the one-shot services, then every other, in the order of the file's conditions."""
    more |= {"AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(stack.ports["trigger_logs"])}
    stack.run("init", **more)
    for service in ("api-server", "scheduler", "dag-processor", "triggerer"):
        stack.start(service, None, **more)
    for number in range(1, workers + 1):
        port = str(stack.ports[f"logs_{number}"])
        stack.start(
            "worker", f"worker-{number}", "--celery-hostname", f"worker-{number}@%h",
            **more, AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT=port,
        )  # fmt: skip
    for service in ("api-server", "scheduler", "dag-processor", "triggerer"):
        stack.wait_healthy(service, **more)
    for number in range(1, workers + 1):
        stack.wait_healthy("worker", f"worker-{number}", **more, WORKER_NAME=worker_name(number))


def worker_name(number: int) -> str:
    return f"worker-{number}@{socket.gethostname()}"


def finished_by_worker(stack: Stack) -> dict[str, int]:
    """Ask each worker how many tasks it was given."""
    command = [str(BIN / "celery"), "--app", "airflow.providers.celery.executors.celery_executor.app"]
    answer = stack.run("worker", [*command, "inspect", "stats", "--json", "--timeout", "10"])
    replies = json.loads(answer[answer.index("{") :])  # two lines for a person stand before
    return {name.partition("@")[0]: sum(stats["total"].values()) for name, stats in replies.items()}


def run_dag(stack: Stack, dag_id: str, run_id: str, seconds: float, **more: str) -> list[tuple[str, int, str]]:
    """Run a DAG once through the scheduler; return each task's id, map index and state."""
    known = "select count(*) from dag where dag_id = %s"
    wait(lambda: stack.query(known, dag_id) == [(1,)], 120, f"{dag_id} known", lambda: stack.tail("dag-processor"))
    airflow = str(BIN / "airflow")
    stack.run("scheduler", [airflow, "dags", "unpause", "--yes", dag_id], **more)
    stack.run("scheduler", [airflow, "dags", "trigger", "--run-id", run_id, dag_id], **more)
    state = "select state from dag_run where dag_id = %s and run_id = %s"
    tasks = "select task_id, map_index, state from task_instance where dag_id = %s and run_id = %s order by 1, 2"
    wait(
        lambda: stack.query(state, dag_id, run_id)[0][0] in {"success", "failed"}, seconds, f"{dag_id} over",
        lambda: f"{stack.query(tasks, dag_id, run_id)}\n{complaints(stack, run_id)}",
    )  # fmt: skip
    assert stack.query(state, dag_id, run_id) == [("success",)], complaints(stack, run_id)
    return stack.query(tasks, dag_id, run_id)


def complaints(stack: Stack, run_id: str) -> str:
    """Return the errors in the logs of a run's tasks."""
    logs = sorted((stack.folder / "data" / "logs").glob(f"*/run_id={run_id}/**/*.log"))
    lines = [
        f"{log.parent}: {line}" for log in logs for line in log.read_text("utf-8").splitlines() if '"error"' in line
    ]
    return "\n".join(line[:3000] for line in lines[-5:])
