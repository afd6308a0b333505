"""Tell people what needs them: a task that failed for good, a snapshot that was quarantined.

The notifiers are configured by ``[muniment] notifiers``, a list of dotted names with commas
(``AIRFLOW__MUNIMENT__NOTIFIERS``). A notice names agency, account, series, run and the class of
the error; never a message's text, which may hold what a platform answered.
"""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow.sdk import BaseHook, BaseNotifier
from airflow.sdk.configuration import conf
from airflow.sdk.exceptions import AirflowException
from airflow.sdk.module_loading import import_string

from muniment.errors import MunimentError
from muniment.register.load import load_agency
from muniment.settings import read_settings

if TYPE_CHECKING:
    from airflow.sdk import Context

_DEFAULT = "muniment_airflow.notices.log_notice,muniment_airflow.notices.mail_notice"
_LINES = 20  # findings that a notice names; `muniment findings list` names them all
_SMTP_CONNECTION = "smtp_default"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Notice:
    """What happened at which agency, in one line, with the lines that say more."""

    agency: str
    subject: str
    lines: tuple[str, ...] = ()


Notifier = Callable[[Notice], None]


def send_notice(notice: Notice) -> None:
    """Hand *notice* to every configured notifier."""
    for name in conf.get("muniment", "notifiers", fallback=_DEFAULT).split(","):
        notifier: Notifier = import_string(name.strip())
        notifier(notice)


def log_notice(notice: Notice) -> None:
    """Write *notice* to the log."""
    _log.warning("notice: %s", "; ".join((notice.subject, *notice.lines)))


def mail_notice(notice: Notice) -> None:
    """Mail *notice* to those whom the agency names, when Airflow has the connection ``smtp_default``."""
    try:
        recipients = _recipients(notice.agency)
        if recipients and _has_smtp():
            _mail(recipients, notice)
    except (MunimentError, AirflowException, OSError, smtplib.SMTPException) as error:
        # The failure that the notice is about must not be hidden behind a mail server's.
        _log.error("notice not mailed: %s", type(error).__name__)


class FailureNotifier(BaseNotifier):
    """Tells of a task or a run that failed for good."""

    def __init__(self, agency: str) -> None:
        super().__init__()
        self.agency = agency

    def notify(self, context: Context) -> None:
        """Send the notice of the failure that *context* describes."""
        send_notice(describe_failure(self.agency, context))


def describe_failure(agency: str, context: Context) -> Notice:
    """Describe a failed task, or a failed run when no task is to blame."""
    task = context.get("task_instance")
    error = context.get("exception")
    run_id = str(context.get("run_id"))
    if task is None or error is None:
        reason = str(context.get("reason") or "unknown")
        return Notice(agency, f"{agency}: run failed", (f"run {run_id}", f"reason {reason}"))
    what = " ".join(part for part in (task.task_id, getattr(task, "rendered_map_index", None)) if part)
    return Notice(agency, f"{agency}: {what} failed: {type(error).__name__}", (f"run {run_id}",))


def describe_quarantine(agency: str, run_id: str, quarantined: list[object]) -> Notice:
    """Describe the snapshots of a run that were sealed as quarantined."""
    lines = (f"run {run_id}", *(f"snapshot {item}" for item in quarantined))
    return Notice(agency, f"{agency}: {len(quarantined)} snapshot(s) quarantined", lines)


def describe_findings(agency: str, run_id: str, opened: Sequence[Mapping[str, str]]) -> Notice:
    """Describe what a check entered in the register of findings: ids, codes, keys."""
    lines = [f"finding {item['id']} {item['code']} {item['subject']}" for item in opened[:_LINES]]
    more = [f"and {len(opened) - _LINES} more"] if len(opened) > _LINES else []
    return Notice(agency, f"{agency}: {len(opened)} new finding(s)", (f"run {run_id}", *lines, *more))


def _recipients(agency: str) -> tuple[str, ...]:
    settings = read_settings()
    return load_agency(settings.agencies / agency, simulator=settings.simulator).notices.email


def _has_smtp() -> bool:
    try:
        BaseHook.get_connection(_SMTP_CONNECTION)
    except AirflowException:
        _log.info("notice not mailed: Airflow has no connection %s", _SMTP_CONNECTION)
        return False
    return True


def _mail(recipients: tuple[str, ...], notice: Notice) -> None:
    from airflow.providers.smtp.hooks.smtp import SmtpHook  # noqa: PLC0415 - every DAG parse would pay for it

    with SmtpHook(smtp_conn_id=_SMTP_CONNECTION) as hook:
        text = "\n".join((notice.subject, *notice.lines))
        hook.send_email_smtp(
            to=list(recipients), subject=f"[Muniment] {notice.subject}", html_content=f"<pre>{text}</pre>"
        )
