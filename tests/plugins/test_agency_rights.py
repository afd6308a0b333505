from __future__ import annotations

import pytest

from muniment_airflow.agency_rights import (
    EVERY_AGENCY,
    EVERY_AGENCY_ROLE,
    agency_right,
    agency_roles,
    roles_of,
    sees_dag,
    sees_every_agency,
)

OFFICERS = {"claremont": frozenset({"clerk", "counsel"}), "lathrop": frozenset({"lathrop.clerk", "counsel"})}


@pytest.mark.parametrize(
    "dag",
    [
        "snapshot_lathrop",
        "dispose_records_lathrop",
        "snapshot_claremont_lathrop",
        "snapshot_new-claremont",
        "claremonts",
    ],
)
def test_the_right_to_one_agency_shows_no_dag_of_another(dag: str) -> None:
    assert not sees_dag([agency_right("claremont"), ("can_read", "DAGs")], dag)


def test_the_right_to_an_agency_shows_its_dags() -> None:
    assert sees_dag([agency_right("claremont")], "snapshot_claremont")
    assert sees_dag([EVERY_AGENCY], "snapshot_claremont")


def test_without_any_agency_no_dag_is_shown() -> None:
    assert not sees_dag([("can_read", "DAGs")], "snapshot_claremont")


def test_what_is_no_single_agencys_is_for_those_who_see_all() -> None:
    assert not sees_every_agency([agency_right("claremont")], ["claremont", "lathrop"])
    assert sees_every_agency([agency_right("claremont"), agency_right("lathrop")], ["claremont", "lathrop"])
    assert sees_every_agency([EVERY_AGENCY], ["claremont", "lathrop"])


@pytest.mark.parametrize(
    ("name", "roles"),
    [
        ("lathrop.auditor", ("agency-lathrop",)),
        ("claremont.clerk", ("agency-claremont",)),
        ("clerk", ("agency-claremont",)),
        ("counsel", ("agency-claremont", "agency-lathrop")),
        ("operator", (EVERY_AGENCY_ROLE,)),
    ],
)
def test_a_local_user_sees_the_agency_that_the_name_or_the_offices_tell(name: str, roles: tuple[str, ...]) -> None:
    assert roles_of(name, OFFICERS) == roles


def test_a_name_that_begins_with_no_agency_in_service_sees_none_of_them_by_it() -> None:
    assert roles_of("helena.clerk", {"claremont": frozenset()}) == ()


def test_each_agency_has_a_role_with_that_one_right() -> None:
    assert agency_roles(["claremont"])["agency-claremont"] == frozenset({agency_right("claremont")})
