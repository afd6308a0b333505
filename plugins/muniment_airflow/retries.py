"""When to try a task again: when the platform says so; never when trying again cannot help."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from airflow.sdk import RetryDecision, RetryPolicy

from muniment.errors import (
    BasisMissingError,
    ConfigurationError,
    GateError,
    LogError,
    RateLimitedError,
    StoreUnfitError,
    SubscriberListRefusedError,
    TokenRefusedError,
    TooLateError,
)

if TYPE_CHECKING:
    from airflow.sdk import Context

HOPELESS = (
    TokenRefusedError,
    ConfigurationError,
    GateError,
    SubscriberListRefusedError,
    BasisMissingError,
    StoreUnfitError,
    TooLateError,
    LogError,
)
# A run waits for its slowest account before it seals, and holds back the next run: so it does not wait for hours.
LONGEST_WAIT = timedelta(minutes=20)
_AFTER_RESET = timedelta(seconds=5)  # clocks differ


class PlatformRetryPolicy(RetryPolicy):
    """Wait for a rate limit's own reset time; give up at once on what a person must mend; else the task's delays."""

    def evaluate(
        self, exception: BaseException, try_number: int, max_tries: int, context: Context | None = None
    ) -> RetryDecision:
        """Decide what follows *exception*; the reason names its class only, never its text."""
        del try_number, max_tries, context
        if isinstance(exception, HOPELESS):
            return RetryDecision.fail(reason=type(exception).__name__)
        if isinstance(exception, RateLimitedError) and exception.reset_at is not None:
            delay = delay_until(exception.reset_at, datetime.now(UTC))
            if delay > LONGEST_WAIT:
                return RetryDecision.fail(reason="RateLimitedError, for longer than a run may be held")
            return RetryDecision.retry(delay, "RateLimitedError")
        return RetryDecision.default()


def delay_until(reset_at: datetime, now: datetime) -> timedelta:
    """Return how long to wait at *now* for a limit that resets at *reset_at*, both aware."""
    return max(reset_at - now, timedelta(0)) + _AFTER_RESET
