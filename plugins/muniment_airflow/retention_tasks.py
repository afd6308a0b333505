"""What the DAGs of retention do: keep officers, holds and locks as they should be, list what is due, dispose of it.

Each task calls one workflow and hands on ids and counts. Nothing here decides whether records
may go: the gates do, in the library, from what is sealed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset, get_current_context

from muniment.errors import ConfigurationError
from muniment.records.names import parse_instant
from muniment_airflow import keeping_tasks
from muniment_airflow.disposition_form import UNANSWERED
from muniment_airflow.keeping_tasks import tell, telling

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from airflow.sdk.types import DagRunProtocol, OutletEventAccessorsProtocol


SERVICE = "apply_retention"  # who proposes what an automatic profile lets go without a person
RUNS_AT_ONCE = 64  # a disposition may wait for weeks, and others are proposed meanwhile
_BY_DAG = "operator_triggered"  # the type of a run that another DAG's task started; nobody can start one by hand


def apply_defaults(agency_id: str) -> dict[str, Any]:
    """Return what every task of both DAGs is given."""
    return keeping_tasks.task_defaults(agency_id)


def propose(agency_id: str, params: Mapping[str, Any], dag_run: DagRunProtocol) -> dict[str, Any]:
    """Freeze the list of what is to go; or take up the one that *params* names."""
    from muniment.workflows import disposition, planning  # noqa: PLC0415 - heavy, and DAGs are parsed often
    from muniment.workflows.disposition import asking  # noqa: PLC0415 - the same
    from muniment_airflow.recorded_responses import open_recorder  # noqa: PLC0415 - the same

    open_recorder()  # better found out now than after four people have signed
    profile = planning.agency_schedule(agency_id).disposition
    by = proposer(dag_run, automatic=profile is not None and profile.automatic)
    if by != SERVICE:
        asking.check_proposer(agency_id, by)
    if params["disposition"]:
        return disposition.take_up(agency_id, params["disposition"], dag_run=dag_run.run_id, by=by)
    return disposition.propose(
        agency_id,
        volumes=params["volumes"] or due_volumes(agency_id, params["series"]),
        action=params["action"],
        reason=params["reason"],
        answers=read_answers(params, [item.id for item in profile.exclusions] if profile else ()),
        by=by,
        dag_run=dag_run.run_id,
    )


def read_answers(params: Mapping[str, Any], exclusions: Iterable[str]) -> dict[str, bool]:
    """Return the answers that were given: true is excluded. One that was not given is not there."""
    return {item: params[item] == "yes" for item in exclusions if params[item] != UNANSWERED}


def proposer(dag_run: DagRunProtocol, *, automatic: bool) -> str:
    """Return who proposes: the person who started the run, or, in an automatic profile, the schedule itself.

    Raises:
        ConfigurationError: nobody did, and the profile is not automatic.
    """
    if automatic and str(dag_run.run_type) == _BY_DAG:
        return SERVICE
    name = dag_run.triggering_user_name
    if str(dag_run.run_type) == _BY_DAG or not name:
        raise ConfigurationError("proposal: expected a run that a person started, found one that nobody did")
    return name


def due_volumes(agency_id: str, series: str) -> list[str]:
    """Return the prefixes of the volumes of *series* that are due."""
    from muniment.workflows import clocks  # noqa: PLC0415 - heavy, and DAGs are parsed every half minute

    return [item["volume"] for item in clocks.list_due(agency_id)["due"] if item["series"] == series]


def authorize(agency_id: str, proposed: Mapping[str, Any]) -> dict[str, Any]:
    """Begin the grace period, when every signature is there."""
    from muniment.workflows import disposition  # noqa: PLC0415 - heavy, and DAGs are parsed every half minute

    return disposition.authorize(agency_id, proposed["disposition"])


def grace_is_over(granted: Mapping[str, Any]) -> bool:
    """Tell whether the grace period has passed; destruction asks again, from what is sealed."""
    return datetime.now(UTC) >= parse_instant(granted["grace_until"])


def destroy(agency_id: str, proposed: Mapping[str, Any]) -> dict[str, Any]:
    """Check everything once more, destroy, prove it, certify it."""
    from muniment.workflows import disposition  # noqa: PLC0415 - heavy, and DAGs are parsed every half minute
    from muniment_airflow.recorded_responses import reader  # noqa: PLC0415 - the same

    with telling(agency_id):
        return disposition.destroy(agency_id, proposed["disposition"], recorded=reader())


def publish(agency_id: str, done: Mapping[str, Any], outlet_events: OutletEventAccessorsProtocol) -> None:
    """Announce the certificate."""
    outlet_events[dispositions_asset(agency_id)].extra = dict(done)


def dispositions_asset(agency_id: str) -> Asset:
    """Return the asset that stands for the agency's dispositions; an event of it is a certificate."""
    return Asset(name=f"{agency_id}/dispositions", uri=f"x-muniment://{agency_id}/dispositions", group="dispositions")


def mirror_officers(agency_id: str) -> dict[str, Any]:
    """Enter in the register of authorizations what `agency.yaml` says of the officers."""
    from muniment.workflows import schedules  # noqa: PLC0415 - heavy, and DAGs are parsed every half minute

    return schedules.mirror_officers(agency_id)


def prepare_holds(agency_id: str) -> dict[str, Any]:
    """Finish the searches of matters, and see who has not acknowledged."""
    from muniment.workflows.holds import reconcile as holds  # noqa: PLC0415 - heavy, and DAGs are parsed often

    return tell(agency_id, holds.prepare_holds(agency_id))


def plan_holds(agency_id: str, prepared: dict[str, Any]) -> list[dict[str, Any]]:
    """Cut both copies into shares whose holds are compared with the matters."""
    from muniment.workflows.holds import reconcile as holds  # noqa: PLC0415 - heavy, and DAGs are parsed often

    return holds.plan_holds(agency_id, prepared)


def reconcile(agency_id: str, share: dict[str, Any]) -> dict[str, Any]:
    """Hold what an open matter covers, let go what none does."""
    _name_task(share)
    from muniment.workflows.holds import reconcile as holds  # noqa: PLC0415 - heavy, and DAGs are parsed often

    return tell(agency_id, holds.reconcile_share(share))


def enter_holds(agency_id: str, prepared: dict[str, Any], results: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Enter the night's result in the register. Without shares there are no results, and Airflow hands on none."""
    from muniment.workflows.holds import reconcile as holds  # noqa: PLC0415 - heavy, and DAGs are parsed often

    listed = [results] if isinstance(results, dict) else list(results or ())
    return holds.enter_reconciliation(agency_id, prepared, listed)


def plan_locks(agency_id: str) -> list[dict[str, Any]]:
    """Cut the vault into shares whose locks are compared with their sums."""
    from muniment.workflows import clocks  # noqa: PLC0415 - heavy, and DAGs are parsed every half minute

    with telling(agency_id):
        return clocks.plan_extend(agency_id)


def extend(agency_id: str, share: dict[str, Any]) -> dict[str, Any]:
    """Lengthen the locks that are shorter than their sums; none is ever shortened."""
    _name_task(share)
    from muniment.workflows import clocks  # noqa: PLC0415 - heavy, and DAGs are parsed every half minute

    return tell(agency_id, clocks.extend_share(share))


def list_due(agency_id: str) -> list[dict[str, Any]]:
    """List what is due, and seal the list; hand on what an automatic profile proposes, one run for each series."""
    from muniment.workflows import clocks, planning  # noqa: PLC0415 - heavy, and DAGs are parsed every half minute

    due = clocks.apply_retention(agency_id)["due"]
    profile = planning.agency_schedule(agency_id).disposition
    return automatic_proposals(due) if profile is not None and profile.automatic else []


def automatic_proposals(due: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the parameters of one run of `dispose_records` for each series of what is due."""
    series = sorted({str(item["series"]) for item in due})
    return [
        {
            "series": name,
            "volumes": sorted(str(item["volume"]) for item in due if item["series"] == name),
            "reason": "due by the adopted schedule",
        }
        for name in series
    ]


def _name_task(share: Mapping[str, Any]) -> None:
    get_current_context()["share_name"] = f"{len(share['units'])} volumes"
