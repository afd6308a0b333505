"""Make the roles of Airflow's database agree with ``config/roles.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from muniment.errors import ConfigurationError

if TYPE_CHECKING:
    from airflow.providers.fab.auth_manager.security_manager.override import FabAirflowSecurityManagerOverride

Right = tuple[str, str]  # an action and a thing
EVERYTHING = "everything"
_OURS = ("can_retrieve", "can_hold", "can_propose")
_ACTIONS = ("can_read", "can_create", "can_edit", "can_delete", "menu_access", *_OURS)


def read_roles(path: Path) -> dict[str, frozenset[Right] | None]:
    """Read each role's rights; None stands for everything.

    Raises:
        ConfigurationError: the file is not of its form.
    """
    value = yaml.safe_load(path.read_text("utf-8"))
    if not isinstance(value, dict) or set(value) != {"everybody", "roles"}:
        raise ConfigurationError(f"{path}: expected the keys everybody and roles, found {value!r:.80}")
    shared = _rights(path, "everybody", value["everybody"])
    return {
        role: None if rights == EVERYTHING else shared | _rights(path, role, rights)
        for role, rights in value["roles"].items()
    }


def sync_roles(security: FabAirflowSecurityManagerOverride, roles: Mapping[str, frozenset[Right] | None]) -> list[str]:
    """Give each role what *roles* says and take from it what they do not; return one line a change."""
    for right in sorted(frozenset().union(*(rights for rights in roles.values() if rights))):
        security.create_permission(*right)
    security.sync_roles()  # the built-in Admin receives the new rights
    return [change for name, rights in roles.items() for change in _sync_role(security, name, rights)]


def _sync_role(security: FabAirflowSecurityManagerOverride, name: str, rights: frozenset[Right] | None) -> list[str]:
    role = security.find_role(name) or security.add_role(name)
    have = _permissions(role)
    want = (
        _permissions(security.find_role("Admin"))
        if rights is None
        else {right: security.get_permission(*right) for right in rights}
    )
    for right in sorted(want.keys() - have.keys()):
        security.add_permission_to_role(role, want[right])
    for right in sorted(have.keys() - want.keys()):
        security.remove_permission_from_role(role, have[right])
    gained = [f"{name}: + {' '.join(right)}" for right in sorted(want.keys() - have.keys())]
    return gained + [f"{name}: - {' '.join(right)}" for right in sorted(have.keys() - want.keys())]


def _permissions(role: object) -> dict[Right, object]:
    return {(item.action.name, item.resource.name): item for item in role.permissions}


def _rights(path: Path, role: str, lines: object) -> frozenset[Right]:
    if not isinstance(lines, list):
        raise ConfigurationError(f"{path}: {role}: expected a list of rights, found {lines!r:.80}")
    return frozenset(_right(path, role, line) for line in lines)


def _right(path: Path, role: str, line: object) -> Right:
    action, _, thing = str(line).partition(" ")
    if action not in _ACTIONS or not thing:
        raise ConfigurationError(f"{path}: {role}: expected one of {', '.join(_ACTIONS)} and a thing, found {line!r}")
    return action, thing
