"""Bring roles, local users and pools up to date, before Airflow's processes start.

``python -m muniment_airflow.prepare --roles FILE [--users FOLDER]``: a local user for each
``<user>.password`` in the folder. The name tells the duty: ``clerk``, or ``lathrop.clerk`` of one
agency; where no role has that name, an approver. Which agencies the user sees: the one that the
name begins with; else those that name the user as an officer; else every agency. A city that
signs in by its directory gives no folder.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
from werkzeug.security import check_password_hash

from muniment.workflows import planning
from muniment_airflow.agency_rights import agency_roles, roles_of
from muniment_airflow.pools import make_pools
from muniment_airflow.roles import read_roles, sync_roles

if TYPE_CHECKING:
    from airflow.providers.fab.auth_manager.security_manager.override import FabAirflowSecurityManagerOverride


APPROVER = "approver"


def sync_users(
    security: FabAirflowSecurityManagerOverride, password_files: Iterable[Path], officers: Mapping[str, frozenset[str]]
) -> list[str]:
    """Make a user of each password file, or give it that password and its roles; return one line a change."""
    lines: list[str] = []
    for path in sorted(password_files):
        names = roles_of(path.stem, officers)
        duty = security.find_role(path.stem.rpartition(".")[2]) or security.find_role(APPROVER)
        roles = [duty, *(security.find_role(name) for name in names)]
        lines += _sync_user(security, path.stem, path.read_text("utf-8").strip(), roles)
    return lines


def _sync_user(security: FabAirflowSecurityManagerOverride, name: str, password: str, roles: list[Any]) -> list[str]:
    user, lines = security.find_user(username=name), []
    if user is None:
        security.add_user(name, name, "(local)", f"{name}@localhost.invalid", roles, password)
        return [f"user {name}: made"]
    if not check_password_hash(user.password, password):
        security.reset_password(user.id, password)
        lines.append(f"user {name}: password changed")
    if {role.name for role in user.roles} != {role.name for role in roles}:
        user.roles = roles
        security.update_user(user)
        lines.append(f"user {name}: roles changed")
    return lines


def main(arguments: list[str]) -> int:
    """Bring everything up to date and print each change."""
    parser = argparse.ArgumentParser(prog="muniment_airflow.prepare", description=__doc__)
    parser.add_argument("--roles", type=Path, required=True)
    parser.add_argument("--users", type=Path)
    options = parser.parse_args(arguments)
    officers = planning.agency_officers()
    roles = read_roles(options.roles) | agency_roles(officers)
    with get_application_builder() as builder:
        changes = sync_roles(builder.sm, roles)
        if options.users:
            changes += sync_users(builder.sm, options.users.glob("*.password"), officers)
    changes += make_pools()
    print("\n".join(changes) or "nothing to change")  # noqa: T201 - a command
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
