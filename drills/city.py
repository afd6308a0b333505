"""The agency that a drill is lived by: its files, its secrets, and how its store is reached."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from muniment.embedded.seaweed import SeaweedFS
from muniment.policy.bases import draft_bases
from muniment.records.agency import Platform
from muniment.records.series import OFFICIAL_POSTS, PUBLIC_COMMENTS, REMOVED_CONTENT, SUBSCRIBER_LISTS
from muniment.settings import Settings, read_settings

AGENCY, TOKEN_NAME, ZONE = "drill", "mastodon-token", "America/Los_Angeles"
BLUESKY, MASTODON = "bluesky-city", "mastodon-city"
HANDLES = {BLUESKY: "city.drill.example", MASTODON: "cityhall"}
TAKEN, REMOVED = (OFFICIAL_POSTS, PUBLIC_COMMENTS, SUBSCRIBER_LISTS), REMOVED_CONTENT
_KEPT = (*TAKEN, REMOVED, "log")
_CAPTURED = [(platform, series) for platform in (Platform.BLUESKY, Platform.MASTODON) for series in (*TAKEN, REMOVED)]
_MAIL = "records@drill.example"
_DAY = "2020-01-02"


def write_city(home: Path, store: SeaweedFS, simulator: str) -> Settings:
    """Write the agency's files and its token under *home*; return the settings of an installation there."""
    files = {f"agencies/{AGENCY}/{name}.yaml": json.dumps(content, indent=1) for name, content in _agency().items()}
    files[f"secrets/{TOKEN_NAME}"] = "sim-read"
    for name, text in files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    settings = read_settings(
        {"MUNIMENT_HOME": str(home), "MUNIMENT_AGENCIES": str(home / "agencies"), "MUNIMENT_SIMULATOR": simulator}
    )
    reached = replace(
        settings.store,
        endpoint=store.endpoint,
        credentials_file=store.credentials_file("operator"),
        administrator_file=store.credentials_file("administrator"),
        shredder_file=None,
    )
    # Small captures are parsed by the process that took them.
    return replace(settings, store=reached, parsing=replace(settings.parsing, workers=1))


def _agency() -> dict[str, object]:
    # JSON is YAML, and the register reads it as it reads a records officer's files.
    timetable = {"business_days": ["mon", "tue", "wed", "thu", "fri"], "opens": "08:00", "closes": "20:00"}
    return {
        "agency": {
            "id": AGENCY,
            "name": "City of drills",
            "zone": ZONE,
            "email_domains": ["drill.example"],
            "in_service": True,
            "invented_people": True,
            "timetable": timetable | {"business_hours_every_minutes": 240, "other_times_every_minutes": 720},
            "notices": {"email": []},
            "fixity": {"reread_within_days": 30},
        },
        "accounts": {"accounts": [_account(BLUESKY, "bluesky"), _account(MASTODON, "mastodon")]},
        "policy": {
            **dict.fromkeys(("clauses", "tensions", "versions", "pages"), ()),
            "bases": draft_bases(_CAPTURED, "an exercise"),
        },
        "retention": {
            "version": "1",
            "jurisdiction": "California",
            "adoption": None,
            "disposition": None,
            "rows": [_row(f"D-{number}", series) for number, series in enumerate(_KEPT, start=1)],
        },
    }


def _account(account: str, platform: str) -> dict[str, object]:
    approval = {"approver": "Invented", "role": "Manager", "approved_on": _DAY, "document": "D-1", "consulted": ["IT"]}
    person = {"name": "Invented", "title": "Officer", "email": _MAIL, "person_type": "employee", "level": "publish"}
    return {
        "id": account,
        "platform": platform,
        "handle": HANDLES[account],
        "address": f"https://{platform}.drill.example/profile/{HANDLES[account]}",
        "api": "simulator",
        **({"token": TOKEN_NAME} if platform == "mastodon" else {"directory": "simulator"}),
        "department": "Clerk",
        "status": "active",
        "opened_on": _DAY,
        "registration_email": _MAIL,
        "series": list(TAKEN),
        "approval": approval,
        "persons": [person | {"granted_by": "Invented", "document": "D-2", "valid_from": _DAY}],
    }


def _row(number: str, series: str) -> dict[str, object]:
    return {
        "id": number,
        "series": series,
        "title": series,
        "trigger": "captured",
        "starts": "cutoff",
        "cutoff": "calendar-month",
        "period": "P20Y",  # from a month of the past: the store refuses a lock that has run out
        "authority": ["an exercise"],
        "action": "destroy",
        "disposition": "destroy",
        "approvals": ["City Clerk"],
        "pii_class": "1",
        "confidentiality": "PUB",
        "lock_mode": "COMPLIANCE",
        "effective_from": "2020-01-02",
        "vital": False,
    }
