from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from muniment.capture.platforms import Source, capture
from muniment.errors import PlatformUnavailableError, TruncatedReplyError
from muniment.records.agency import Platform
from muniment.records.page import Gap, GapReason, Page, Purpose
from muniment.records.series import POLICIES
from tests.unit.capture.doubles import HOME, account, answering, client_of, raw_reply

PDF = b"%PDF-1.7 \x00\xff"


def take(*answers: httpx.Response | Exception) -> list[Page | Gap]:
    page = account(Platform.WEB_PAGE, handle="/rules?lang=en", series=(POLICIES,))
    source = Source(account=page, drop=Path("none"), invented_people=False)
    return list(capture(source, POLICIES, client_of(answering(*answers))))


@pytest.mark.parametrize("body", [b"<p>Rules</p>", b"Rules", PDF])
def test_one_page_is_asked_for_and_kept_byte_for_byte(body: bytes) -> None:
    (page,) = take(raw_reply(body=body))

    assert isinstance(page, Page)
    assert (page.body, page.purpose, page.url) == (body, Purpose.WEB_PAGE, f"{HOME}/rules?lang=en")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (raw_reply(404), GapReason.NOT_FOUND),
        (raw_reply(410), GapReason.NOT_FOUND),
        (raw_reply(403), GapReason.FORBIDDEN),
        (raw_reply(301, headers=[("Location", "https://elsewhere.example/")]), GapReason.UNREADABLE),
    ],
)
def test_a_page_that_is_gone_closed_or_moved_is_a_gap(answer: httpx.Response, reason: GapReason) -> None:
    (gap,) = take(answer)

    assert isinstance(gap, Gap)
    assert (gap.reason, gap.purpose, gap.subject) == (reason, Purpose.WEB_PAGE, None)


def test_a_server_that_fails_is_an_error_and_no_gap() -> None:
    with pytest.raises(PlatformUnavailableError):
        take(*[raw_reply(500)] * 3)
    with pytest.raises(TruncatedReplyError):
        take(*[raw_reply(body=b"<p>", headers=[("Content-Length", "9")])] * 3)
