"""Which agencies a user may see: a right of its own, beside what the user's duty allows.

A DAG's id ends in ``_<agency>``, and an agency's id has no underscore, so the id tells whose it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Right = tuple[str, str]
SEE = "can_read"
EVERY_AGENCY = (SEE, "Every Agency")
EVERY_AGENCY_ROLE = "every-agency"


def agency_right(agency_id: str) -> Right:
    """Return the right to see *agency_id*."""
    return SEE, f"Agency {agency_id}"


def agency_role(agency_id: str) -> str:
    """Return the name of the role that gives the right to see *agency_id*, and nothing else."""
    return f"agency-{agency_id}"


def agency_roles(agency_ids: Iterable[str]) -> dict[str, frozenset[Right]]:
    """Return the roles that say who sees which agency, each with its one right."""
    roles = {agency_role(agency): frozenset({agency_right(agency)}) for agency in agency_ids}
    return {EVERY_AGENCY_ROLE: frozenset({EVERY_AGENCY}), **roles}


def sees_every_agency(rights: Iterable[Right], agency_ids: Iterable[str]) -> bool:
    """Tell whether *rights* reach all of *agency_ids*: what is no single agency's is for those alone."""
    held = frozenset(rights)
    return EVERY_AGENCY in held or held.issuperset(agency_right(agency) for agency in agency_ids)


def sees_dag(rights: Iterable[Right], dag_id: str) -> bool:
    """Tell whether *rights* reach the agency whose DAG *dag_id* is."""
    held = frozenset(rights)
    return EVERY_AGENCY in held or agency_right(dag_id.rpartition("_")[2]) in held


def roles_of(name: str, officers: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """Return the roles by which the local user *name* sees agencies."""
    agency, dot, _ = name.partition(".")
    if dot:
        return (agency_role(agency),) if agency in officers else ()  # one out of service is no reason to see others
    named = tuple(agency_role(agency) for agency, people in officers.items() if name in people)
    return named or (EVERY_AGENCY_ROLE,)
