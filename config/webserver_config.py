"""How people sign in to Airflow (Flask-AppBuilder's settings, read by ``[fab] config_file``).

| ``MUNIMENT_SIGN_IN`` | people are | needs |
|---|---|---|
| ``local`` (default) | users in Airflow's own database | nothing |
| ``ldap`` | in the city's directory | the package python-ldap, and the LDAP variables below |
| ``oauth`` | at the city's OpenID Connect provider | the package authlib, and the OAUTH variables below |

A directory's groups become roles at every sign-in by ``MUNIMENT_ROLES_MAPPING``, a JSON
object: ``{"cn=records,ou=groups,dc=city": ["records_officer"]}``. Somebody in none of the
groups gets no role and sees nothing. Secrets are files, named by variables ending in ``_FILE``.

Settings: https://flask-appbuilder.readthedocs.io/en/latest/security.html
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from flask_appbuilder.const import AUTH_DB, AUTH_LDAP, AUTH_OAUTH


def _secret(variable: str) -> str:
    return Path(os.environ[variable]).read_text("utf-8").strip()


WTF_CSRF_ENABLED = True
AUTH_USER_REGISTRATION = False
SIGN_IN = os.environ.get("MUNIMENT_SIGN_IN", "local")

if SIGN_IN == "local":
    AUTH_TYPE = AUTH_DB
elif SIGN_IN == "ldap":
    AUTH_TYPE = AUTH_LDAP
    AUTH_LDAP_SERVER = os.environ["MUNIMENT_LDAP_SERVER"]  # ldaps://directory.city.example
    AUTH_LDAP_ALLOW_SELF_SIGNED = False
    AUTH_LDAP_TLS_DEMAND = True
    AUTH_LDAP_SEARCH = os.environ["MUNIMENT_LDAP_SEARCH"]  # ou=people,dc=city,dc=example
    AUTH_LDAP_UID_FIELD = os.environ.get("MUNIMENT_LDAP_UID_FIELD", "uid")
    AUTH_LDAP_BIND_USER = os.environ["MUNIMENT_LDAP_BIND_USER"]
    AUTH_LDAP_BIND_PASSWORD = _secret("MUNIMENT_LDAP_BIND_PASSWORD_FILE")
    AUTH_LDAP_GROUP_FIELD = "memberOf"
elif SIGN_IN == "oauth":
    AUTH_TYPE = AUTH_OAUTH
    OAUTH_PROVIDERS = [
        {
            "name": os.environ.get("MUNIMENT_OAUTH_NAME", "city"),
            "icon": "fa-building",
            "token_key": "access_token",
            "remote_app": {
                "client_id": os.environ["MUNIMENT_OAUTH_CLIENT_ID"],
                "client_secret": _secret("MUNIMENT_OAUTH_CLIENT_SECRET_FILE"),
                "server_metadata_url": os.environ["MUNIMENT_OAUTH_METADATA_URL"],
                "client_kwargs": {"scope": "openid email profile groups"},
            },
        }
    ]
else:
    raise ValueError(f"MUNIMENT_SIGN_IN: expected local, ldap or oauth, found {SIGN_IN!r}")

if SIGN_IN != "local":
    # Somebody new may come in, but brings no role that the directory does not give.
    AUTH_USER_REGISTRATION = True
    AUTH_USER_REGISTRATION_ROLE = "Public"
    AUTH_ROLES_SYNC_AT_LOGIN = True
    AUTH_ROLES_MAPPING = json.loads(os.environ["MUNIMENT_ROLES_MAPPING"])
