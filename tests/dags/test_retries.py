from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from airflow.sdk import RetryAction

from muniment.errors import (
    AgencyFilesError,
    ConfigurationError,
    LogError,
    PlatformUnavailableError,
    RateLimitedError,
    StoreUnavailableError,
    StoreUnfitError,
    SubscriberListRefusedError,
    TokenRefusedError,
    TooLateError,
)
from muniment_airflow.retries import PlatformRetryPolicy, delay_until

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def decide(error: Exception):
    return PlatformRetryPolicy().evaluate(error, try_number=1, max_tries=4)


@pytest.mark.parametrize(
    "error",
    [
        TokenRefusedError("no"),
        ConfigurationError("no"),
        AgencyFilesError("claremont", []),
        SubscriberListRefusedError("no"),
        StoreUnfitError("no"),
        TooLateError("no"),
        LogError("no"),
    ],
)
def test_what_a_person_must_mend_is_not_tried_again(error):
    assert decide(error).action is RetryAction.FAIL


@pytest.mark.parametrize("error", [PlatformUnavailableError("x"), StoreUnavailableError("x"), RateLimitedError("x")])
def test_what_may_pass_is_tried_again_at_the_tasks_own_pace(error):
    assert decide(error).action is RetryAction.DEFAULT


def test_a_rate_limit_is_waited_for_until_the_platforms_own_time():
    decision = decide(RateLimitedError("slow down", reset_at=datetime.now(UTC) + timedelta(minutes=10)))

    assert decision.action is RetryAction.RETRY
    assert timedelta(minutes=9, seconds=55) < decision.retry_delay < timedelta(minutes=10, seconds=10)


def test_a_reset_hours_away_does_not_hold_the_other_accounts_of_the_run():
    decision = decide(RateLimitedError("come back tomorrow", reset_at=datetime.now(UTC) + timedelta(hours=5)))

    assert decision.action is RetryAction.FAIL


@pytest.mark.parametrize(
    ("reset_at", "delay_s"), [(NOW + timedelta(seconds=60), 65), (NOW, 5), (NOW - timedelta(hours=1), 5)]
)
def test_a_reset_time_that_has_passed_is_not_waited_for_backwards(reset_at, delay_s):
    assert delay_until(reset_at, NOW).total_seconds() == delay_s


def test_the_reason_that_is_kept_holds_no_word_of_the_platform():
    assert decide(TokenRefusedError("no entry for @somebody")).reason == "TokenRefusedError"
