"""An agency's files to break: `write(...)` puts a good folder down, with pieces replaced."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

AGENCY = """\
id: springfield
name: Springfield
zone: America/Chicago
email_domains: [springfield.example]
invented_people: true
timetable:
  business_days: [mon, tue, wed, thu, fri]
  opens: "08:00"
  closes: "17:00"
  business_hours_every_minutes: 30
  other_times_every_minutes: 120
notices:
  email: [clerk@springfield.example]
fixity: {reread_within_days: 30}
in_service: true
"""

ACCOUNTS = """\
accounts:
  - id: bluesky-city
    platform: bluesky
    handle: city.springfield.example
    address: https://bsky.example/city
    api: simulator
    directory: simulator
    department: Clerk
    status: active
    opened_on: 2026-02-01
    registration_email: social@springfield.example
    series: [official-posts, public-comments]
    approval:
      approver: Ann Hall
      role: City Manager
      approved_on: 2026-01-15
      document: Memo 1
    persons:
      - name: Ben Moor
        title: Officer
        email: bmoor@springfield.example
        person_type: employee
        level: publish
        granted_by: Ann Hall
        document: Letter 1
        valid_from: 2026-01-15
        valid_until: 2026-12-31
  - id: newsletter-weekly
    platform: newsletter
    handle: weekly
    address: https://springfield.example/news
    api: drop
    department: Clerk
    status: proposed
    registration_email: news@springfield.example
    series: [subscriber-lists]
    csv_columns:
      address: Email
"""

RETENTION = """\
version: "1"
jurisdiction: Illinois
adoption: null
rows:
""" + "".join(
    f"""\
  - id: {row}
    series: {series}
    title: A title
    trigger: captured
    cutoff: calendar-month
    period: P2Y
    authority: [An act]
    disposition: after that, nothing is left
    approvals: [clerk]
    pii_class: "1"
    confidentiality: PUB
    lock_mode: COMPLIANCE
    effective_from: 2026-01-01
    starts: cutoff
    action: destroy
"""
    for row, series in (("R-1", "official-posts"), ("R-2", "public-comments"), ("R-3", "subscriber-lists"))
)
RETENTION += """\
disposition:
  route: a-route
  authority: [A law]
  automatic: false
  floor: {period: P1Y, authority: A law}
  list_valid: P30D
  grace: P3D
  steps:
    - id: clerk
      title: City Clerk
      office: city-clerk
      question: Is the list complete?
    - id: council
      title: City Council
      office: city-council
      question: Has the council approved it?
      standing: false
  exclusions:
    - id: lands
      question: Do they affect land?
      authority: A law
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes the folder, each pair (old, new) replaced in the file that has *old*."""

    def write_folder(*changes: tuple[str, str]) -> Path:
        folder = tmp_path / "springfield"
        folder.mkdir(exist_ok=True)
        texts = {"agency.yaml": AGENCY, "accounts.yaml": ACCOUNTS, "retention.yaml": RETENTION}
        for old, new in changes:
            holders = [name for name, text in texts.items() if old in text]
            assert len(holders) == 1, f"{old!r} stands in {holders}"
            texts[holders[0]] = texts[holders[0]].replace(old, new, 1)
        for name, text in texts.items():
            (folder / name).write_text(text, "utf-8")
        return folder

    return write_folder
