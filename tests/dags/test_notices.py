from __future__ import annotations

import logging

from muniment_airflow.notices import Notice, describe_failure, mail_notice, send_notice


def test_a_notice_is_logged_by_default(caplog, monkeypatch):
    monkeypatch.delenv("AIRFLOW__MUNIMENT__NOTIFIERS", raising=False)

    with caplog.at_level(logging.WARNING):
        send_notice(Notice("no-such-agency", "no-such-agency: run failed", ("run r1",)))

    assert "notice: no-such-agency: run failed; run r1" in caplog.text


def test_the_notifiers_are_configured(notices):
    notice = Notice("claremont", "claremont: run failed")

    send_notice(notice)

    assert notices == [notice]


def test_a_notice_that_cannot_be_mailed_does_not_hide_what_it_is_about(caplog):
    mail_notice(Notice("no-such-agency", "x"))

    assert "notice not mailed: AgencyFilesError" in caplog.text


def test_a_run_that_failed_without_a_task_says_why():
    notice = describe_failure("claremont", {"run_id": "r1", "reason": "timed_out"})

    assert notice == Notice("claremont", "claremont: run failed", ("run r1", "reason timed_out"))
