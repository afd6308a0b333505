"""Bring roles, local users and pools up to date, before Airflow's processes start.

``python -m muniment_airflow.prepare --roles FILE [--users FOLDER]``: a local user for each
``<user>.password`` in the folder, with the role of the same name; where there is no such role,
an approver. A city that signs in by its directory gives no folder.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder
from werkzeug.security import check_password_hash

from muniment_airflow.pools import make_pools
from muniment_airflow.roles import read_roles, sync_roles

if TYPE_CHECKING:
    from airflow.providers.fab.auth_manager.security_manager.override import FabAirflowSecurityManagerOverride


APPROVER = "approver"


def sync_users(security: FabAirflowSecurityManagerOverride, password_files: Iterable[Path]) -> list[str]:
    """Make a user of each password file, or give it that password; return one line a change, no password in it."""
    return [line for path in sorted(password_files) for line in _sync_user(security, path.stem, path)]


def _sync_user(security: FabAirflowSecurityManagerOverride, name: str, path: Path) -> list[str]:
    password = path.read_text("utf-8").strip()
    user = security.find_user(username=name)
    if user is None:
        role = security.find_role(name) or security.find_role(APPROVER)
        security.add_user(name, name, "(local)", f"{name}@localhost.invalid", [role], password)
        return [f"user {name}: made"]
    if check_password_hash(user.password, password):
        return []
    security.reset_password(user.id, password)
    return [f"user {name}: password changed"]


def main(arguments: list[str]) -> int:
    """Bring everything up to date and print each change."""
    parser = argparse.ArgumentParser(prog="muniment_airflow.prepare", description=__doc__)
    parser.add_argument("--roles", type=Path, required=True)
    parser.add_argument("--users", type=Path)
    options = parser.parse_args(arguments)
    roles = read_roles(options.roles)
    with get_application_builder() as builder:
        changes = sync_roles(builder.sm, roles)
        if options.users:
            changes += sync_users(builder.sm, options.users.glob("*.password"))
    changes += make_pools()
    print("\n".join(changes) or "nothing to change")  # noqa: T201 - a command
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
