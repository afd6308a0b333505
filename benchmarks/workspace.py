"""A city for benchmarks: its files, its secrets and its settings, under one folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from muniment.policy.bases import draft_bases
from muniment.records.agency import Platform
from muniment.records.series import OFFICIAL_POSTS as POSTS
from muniment.records.series import PUBLIC_COMMENTS as COMMENTS

AGENCY, TOKEN_NAME = "bench", "mastodon-token"
ACCOUNTS = tuple(f"mastodon-{number:02}" for number in range(1, 33))  # one a run: a volume keeps a body once


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where one benchmark keeps its files, and what its processes find in their environment."""

    folder: Path
    endpoint: str
    simulator: str

    def write(self) -> None:
        """Write the agency's files and the platform's token, which a capture of long threads needs."""
        files = {f"agencies/{AGENCY}/{name}": text for name, text in _agency_files().items()}
        files[f"secrets/{TOKEN_NAME}"] = "invented"
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")

    def environment(self) -> dict[str, str]:
        """Return the settings as `muniment.settings` reads them."""
        return {
            "MUNIMENT_HOME": str(self.folder),
            "MUNIMENT_AGENCIES": str(self.folder / "agencies"),
            "MUNIMENT_S3_ENDPOINT": self.endpoint,
            "MUNIMENT_SIMULATOR": self.simulator,
        }


def _agency_files() -> dict[str, str]:
    # JSON is YAML, and the register reads it as it reads a records officer's files.
    return {f"{name}.yaml": json.dumps(content, indent=1) for name, content in _agency().items()}


def _agency() -> dict[str, object]:
    timetable = {"business_days": ["mon"], "opens": "08:00", "closes": "18:00"}
    every = {"business_hours_every_minutes": 60, "other_times_every_minutes": 60}
    return {
        "agency": {
            "id": AGENCY,
            "name": "City of benchmarks",
            "zone": "UTC",
            "email_domains": ["bench.example"],
            "in_service": True,
            "invented_people": True,
            "timetable": timetable | every,
            "notices": {"email": []},
            "fixity": {"reread_within_days": 30},
        },
        "accounts": {"accounts": [_account(account) for account in ACCOUNTS]},
        "policy": {
            **dict.fromkeys(("clauses", "tensions", "versions", "pages"), ()),
            "bases": draft_bases([(Platform.MASTODON, POSTS), (Platform.MASTODON, COMMENTS)], "a measurement"),
        },
        "retention": {
            "version": "1",
            "jurisdiction": "California",
            "adoption": None,
            "disposition": None,
            "rows": [_schedule_row("B-1", POSTS), _schedule_row("B-2", COMMENTS), _schedule_row("B-3", "log")],
        },
    }


def _account(account: str) -> dict[str, object]:
    day, mail = "2026-01-01", "records@bench.example"
    approval = {"approver": "Invented", "role": "Manager", "approved_on": day, "document": "B-1", "consulted": ["IT"]}
    person = {"name": "Invented", "title": "Officer", "email": mail, "person_type": "employee", "level": "publish"}
    return {
        "id": account,
        "platform": "mastodon",
        "handle": account,
        "address": f"https://social.bench.example/@{account}",
        "api": "simulator",
        "token": TOKEN_NAME,
        "department": "Clerk",
        "status": "active",
        "opened_on": day,
        "registration_email": mail,
        "series": [POSTS, COMMENTS],
        "approval": approval,
        "persons": [person | {"granted_by": "Invented", "document": "B-2", "valid_from": day}],
    }


def _schedule_row(number: str, series: str) -> dict[str, object]:
    return {
        "id": number,
        "series": series,
        "title": series,
        "trigger": "captured",
        "starts": "cutoff",
        "cutoff": "calendar-month",
        "period": "P2Y",
        "authority": ["California Government Code 34090"],
        "action": "destroy",
        "disposition": "destroy",
        "approvals": ["City Clerk"],
        "pii_class": "1",
        "confidentiality": "PUB",
        "lock_mode": "COMPLIANCE",
        "effective_from": "2026-01-01",
        "vital": False,
    }
