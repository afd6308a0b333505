"""Airflow's sign-in by Flask-AppBuilder, with four narrow overrides.

The stock manager lets nobody answer a required action who may not also edit, and so pause,
the whole DAG; it lets whoever may start one DAG's runs start every DAG's, or edit the DAG;
it knows the people whom a DAG names only by the number of their database row; and who may see
DAGs sees those of every agency. Its list of assets cannot be narrowed to one agency's, so that
it is for those who see every agency.
"""

from __future__ import annotations

from typing import Any

from airflow.api_fastapi.auth.managers.base_auth_manager import ResourceMethod
from airflow.api_fastapi.auth.managers.models.resource_details import (
    AssetAliasDetails,
    AssetDetails,
    DagAccessEntity,
    DagDetails,
)
from airflow.providers.fab.auth_manager.fab_auth_manager import FabAuthManager
from airflow.providers.fab.auth_manager.models import User
from airflow.providers.fab.www.security.permissions import RESOURCE_HITL_DETAIL

from muniment.workflows import planning
from muniment_airflow.agency_rights import sees_dag, sees_every_agency

DISPOSITIONS = "dispose_records_"  # how the ids of the DAGs begin whose runs are proposals to destroy


class RecordsFabAuthManager(FabAuthManager):
    """Answering needs the right to answer and to see the DAG; so does proposing; assigned people are user names.

    Nobody sees an agency whose right they do not have.
    """

    def is_authorized_dag(
        self,
        *,
        method: ResourceMethod,
        user: User,
        access_entity: DagAccessEntity | None = None,
        details: DagDetails | None = None,
    ) -> bool:
        """Tell whether *user* may do *method* to the DAG, or to a part of it."""
        if (
            details is not None
            and details.id is not None
            and not sees_dag(self._get_user_permissions(user), details.id)
        ):
            return False
        if access_entity == DagAccessEntity.HITL_DETAIL and method == "PUT":
            may_answer = self._is_authorized(method="PUT", resource_type=RESOURCE_HITL_DETAIL, user=user)
            return may_answer and super().is_authorized_dag(method="GET", user=user, details=details)
        if access_entity == DagAccessEntity.RUN and method == "POST" and _is_disposition(details):
            may_propose = self.is_authorized_custom_view(method="can_propose", resource_name="Records", user=user)
            return may_propose and super().is_authorized_dag(method="GET", user=user, details=details)
        return super().is_authorized_dag(method=method, user=user, access_entity=access_entity, details=details)

    def get_authorized_dag_ids(self, *, user: User, method: ResourceMethod = "GET", **session: Any) -> set[str]:
        """Return the DAGs that lists show to *user*: those of the user's agencies."""
        rights = self._get_user_permissions(user)
        found = super().get_authorized_dag_ids(user=user, method=method, **session)
        return {dag_id for dag_id in found if sees_dag(rights, dag_id)}

    def is_authorized_asset(self, *, method: ResourceMethod, user: User, details: AssetDetails | None = None) -> bool:
        """Tell whether *user* may do *method* to assets."""
        allowed = super().is_authorized_asset(method=method, user=user, details=details)
        return allowed and self._sees_all(user)

    def is_authorized_asset_alias(
        self, *, method: ResourceMethod, user: User, details: AssetAliasDetails | None = None
    ) -> bool:
        """Tell whether *user* may do *method* to the names under which runs announce assets."""
        allowed = super().is_authorized_asset_alias(method=method, user=user, details=details)
        return allowed and self._sees_all(user)

    def _sees_all(self, user: User) -> bool:
        return sees_every_agency(self._get_user_permissions(user), planning.agency_ids())

    def is_authorized_hitl_task(self, *, assigned_users: set[str], user: User) -> bool:
        """Tell whether *user* is one of the assigned; never by row number, which a user name could imitate."""
        return user.get_name() in assigned_users


def _is_disposition(details: DagDetails | None) -> bool:
    return details is not None and details.id is not None and details.id.startswith(DISPOSITIONS)
