"""The record series that Muniment knows how to fill.

A series is records kept under one rule. Its slug is the same in every jurisdiction; the
row of the agency's schedule that governs it is named in the agency's ``retention.yaml``.
"""

from __future__ import annotations

from enum import StrEnum

from muniment.records.names import SeriesId

OFFICIAL_POSTS = SeriesId("official-posts")
REFLECTED_POSTS = SeriesId("reflected-posts")
PUBLIC_COMMENTS = SeriesId("public-comments")
HELD_COMMUNICATIONS = SeriesId("held-communications")
REMOVED_CONTENT = SeriesId("removed-content")
SUBSCRIBER_LISTS = SeriesId("subscriber-lists")
DIRECT_MESSAGES = SeriesId("direct-messages")

SERIES = (
    OFFICIAL_POSTS,
    REFLECTED_POSTS,
    PUBLIC_COMMENTS,
    HELD_COMMUNICATIONS,
    REMOVED_CONTENT,
    SUBSCRIBER_LISTS,
    DIRECT_MESSAGES,
)

# What no account is captured for: the proof's own records, and the papers of records management.
LOG_SERIES = SeriesId("log")
SITE_REGISTER = SeriesId("site-register")
POLICIES = SeriesId("policies")
SITE_TERMINATIONS = SeriesId("site-terminations")
MONITORING_REPORTS = SeriesId("monitoring-reports")
DISPOSITION_RECORDS = SeriesId("disposition-records")
RECORDS_REQUESTS = SeriesId("records-requests")
HOLD_FILES = SeriesId("hold-files")
PRIVACY_CASES = SeriesId("privacy-cases")
MEETING_VIDEO = SeriesId("meeting-video")
NON_RECORDS = SeriesId("non-records")
PROGRAM_POSTS = SeriesId("program-posts")
INQUIRIES = SeriesId("inquiries")
CHILD_DATA = SeriesId("child-data")
SHARING_LEDGER = SeriesId("sharing-ledger")

SCHEDULED = (
    *SERIES,
    LOG_SERIES,
    SITE_REGISTER,
    POLICIES,
    SITE_TERMINATIONS,
    MONITORING_REPORTS,
    DISPOSITION_RECORDS,
    RECORDS_REQUESTS,
    HOLD_FILES,
    PRIVACY_CASES,
    MEETING_VIDEO,
    NON_RECORDS,
    PROGRAM_POSTS,
    INQUIRIES,
    CHILD_DATA,
    SHARING_LEDGER,
)
# The series of a register's events.
REGISTER_SERIES = {
    "approvals": DISPOSITION_RECORDS,
    "attestations": MONITORING_REPORTS,
    "authorizations": SITE_REGISTER,
    "captures": MONITORING_REPORTS,
    "certificates": DISPOSITION_RECORDS,  # documents, not events
    "change-decisions": REMOVED_CONTENT,
    "compliance-reports": MONITORING_REPORTS,  # documents, not events
    "disposition-lists": DISPOSITION_RECORDS,  # documents, not events
    "dispositions": DISPOSITION_RECORDS,
    "gaps": MONITORING_REPORTS,
    "holds": HOLD_FILES,
    "moderation": REMOVED_CONTENT,
    "policy-checks": MONITORING_REPORTS,
    "policy-reviews": POLICIES,
    "schedules": POLICIES,
    "tombstones": DISPOSITION_RECORDS,  # documents, not events
    "transfers": DISPOSITION_RECORDS,
    "triggers": DISPOSITION_RECORDS,
}


class RowKind(StrEnum):
    """Which table a series' rows form."""

    ITEMS = "items"
    SUBSCRIBERS = "subscribers"
    REMOVALS = "removals"


_ROW_KINDS = {SUBSCRIBER_LISTS: RowKind.SUBSCRIBERS, REMOVED_CONTENT: RowKind.REMOVALS}


def row_kind(series: SeriesId) -> RowKind:
    """Return the table that *series* fills."""
    return _ROW_KINDS.get(series, RowKind.ITEMS)
