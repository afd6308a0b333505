"""An error's message ends in logs: it names the server and the call, and nobody."""

from __future__ import annotations

import pytest

from muniment.capture.gaps import detail_of
from muniment.errors import CaptureError, RateLimitedError

RESIDENT = "did:plc:resident"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (
            f"https://api.example/xrpc/app.bsky.feed.getAuthorFeed?actor={RESIDENT}",
            "https://api.example/xrpc/app.bsky.feed.getAuthorFeed",
        ),
        (
            f"https://social.example/api/v1/accounts/lookup?acct={RESIDENT}",
            "https://social.example/api/v1/accounts/lookup",
        ),
        (f"https://cdn.example/avatar/plain/{RESIDENT}/x@jpeg", "https://cdn.example/..."),
        (f"https://{RESIDENT.replace(':', '-')}:pass@cdn.example/x", "https://cdn.example/..."),
        (f"https://[{RESIDENT}", "an address that is none"),
    ],
)
def test_a_message_leaves_out_what_of_an_address_may_name_a_resident(url: str, shown: str) -> None:
    error = RateLimitedError("expected 200, the platform answered 429", url=url)

    assert str(error) == f"expected 200, the platform answered 429 ({shown})"
    assert error.url == url


def test_a_gap_says_why_without_any_address() -> None:
    assert detail_of(CaptureError("expected an answer", url="https://api.example/x")) == "expected an answer"
    assert detail_of(CaptureError("expected an answer")) == "expected an answer"
