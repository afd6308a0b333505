from __future__ import annotations

from pathlib import Path

import pytest

from muniment.errors import ConfigurationError
from muniment_airflow.roles import read_roles

ROLES = Path(__file__).resolve().parents[2] / "config" / "roles.yaml"


def read(tmp_path: Path, text: str):
    path = tmp_path / "roles.yaml"
    path.write_text(text, "utf-8")
    return read_roles(path)


def test_everybodys_rights_are_each_roles(tmp_path):
    roles = read(tmp_path, "everybody: [can_read Website]\nroles: {clerk: [can_retrieve Records]}\n")

    assert roles == {"clerk": {("can_read", "Website"), ("can_retrieve", "Records")}}


def test_the_administrator_has_everything(tmp_path):
    assert read(tmp_path, "everybody: []\nroles: {administrator: everything}\n") == {"administrator": None}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("roles: {}\n", "expected the keys everybody and roles"),
        ("[]\n", "expected the keys everybody and roles"),
        ("everybody: can_read Website\nroles: {}\n", "everybody: expected a list of rights"),
        ("everybody: []\nroles: {clerk: all}\n", "clerk: expected a list of rights, found 'all'"),
        ("everybody: []\nroles: {clerk: [may_read Website]}\n", "clerk: expected one of can_read.*'may_read Website'"),
        ("everybody: []\nroles: {clerk: [can_read]}\n", "clerk: expected one of can_read.*'can_read'"),
    ],
)
def test_a_file_of_another_form_is_refused(tmp_path, text, message):
    with pytest.raises(ConfigurationError, match=message):
        read(tmp_path, text)


@pytest.mark.parametrize("role", ["clerk", "counsel", "approver", "recorder", "auditor"])
@pytest.mark.parametrize("thing", ["Task Logs", "XComs", "DAG Code", "Connections", "Variables", "Configurations"])
def test_people_and_the_recorder_have_no_right_to_what_is_not_theirs(role, thing):
    assert [right for right in read_roles(ROLES)[role] if right[1] == thing] == []


def test_the_records_officer_alone_may_propose():
    roles = read_roles(ROLES)

    assert [role for role, rights in roles.items() if rights and ("can_propose", "Records") in rights] == [
        "records_officer"
    ]


def test_the_recorder_may_read_and_nothing_else():
    rights = read_roles(ROLES)["recorder"]

    assert {action for action, thing in rights if thing != "My Password"} <= {"can_read", "menu_access"}
    assert ("can_read", "HITL Detail") in rights
