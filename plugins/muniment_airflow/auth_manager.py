"""Airflow's sign-in by Flask-AppBuilder, with three narrow overrides.

The stock manager lets nobody answer a required action who may not also edit, and so pause,
the whole DAG; it lets whoever may start one DAG's runs start every DAG's, or edit the DAG; and
it knows the people whom a DAG names only by the number of their database row.
"""

from __future__ import annotations

from airflow.api_fastapi.auth.managers.base_auth_manager import ResourceMethod
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails
from airflow.providers.fab.auth_manager.fab_auth_manager import FabAuthManager
from airflow.providers.fab.auth_manager.models import User
from airflow.providers.fab.www.security.permissions import RESOURCE_HITL_DETAIL

DISPOSITIONS = "dispose_records_"  # how the ids of the DAGs begin whose runs are proposals to destroy


class RecordsFabAuthManager(FabAuthManager):
    """Answering needs the right to answer and to see the DAG; so does proposing; assigned people are user names."""

    def is_authorized_dag(
        self,
        *,
        method: ResourceMethod,
        user: User,
        access_entity: DagAccessEntity | None = None,
        details: DagDetails | None = None,
    ) -> bool:
        """Tell whether *user* may do *method* to the DAG, or to a part of it."""
        if access_entity == DagAccessEntity.HITL_DETAIL and method == "PUT":
            may_answer = self._is_authorized(method="PUT", resource_type=RESOURCE_HITL_DETAIL, user=user)
            return may_answer and super().is_authorized_dag(method="GET", user=user, details=details)
        if access_entity == DagAccessEntity.RUN and method == "POST" and _is_disposition(details):
            may_propose = self.is_authorized_custom_view(method="can_propose", resource_name="Records", user=user)
            return may_propose and super().is_authorized_dag(method="GET", user=user, details=details)
        return super().is_authorized_dag(method=method, user=user, access_entity=access_entity, details=details)

    def is_authorized_hitl_task(self, *, assigned_users: set[str], user: User) -> bool:
        """Tell whether *user* is one of the assigned; never by row number, which a user name could imitate."""
        return user.get_name() in assigned_users


def _is_disposition(details: DagDetails | None) -> bool:
    return details is not None and details.id is not None and details.id.startswith(DISPOSITIONS)
