"""Ask a Mastodon server for statuses by their id, and for the accounts of those that are not there.

https://docs.joinmastodon.org/methods/statuses/#get, https://docs.joinmastodon.org/methods/accounts/#get.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from muniment.capture.probes_asking import Asking
from muniment.records.page import Gap, Page, Purpose
from muniment.records.probes import Question

_NOT_THERE = frozenset({404, 410})


def probe(asking: Asking, questions: Sequence[Question]) -> Iterator[Page | Gap]:
    """Yield the answer for each status; then, once each, the account of every author whose status is not there."""
    authors: dict[str, None] = {}
    for question in questions:
        if not question.item_id.isdecimal():
            continue  # an id that the platform did not give is no address of its own
        url = f"{asking.account.api}/api/v1/statuses/{question.item_id}"
        found = asking.ask(url, purpose=Purpose.PROBE, subject=question.item_id)
        yield found
        if isinstance(found, Page) and found.status in _NOT_THERE and question.author_id:
            authors[question.author_id] = None
    for author in authors:
        if author.isdecimal():
            url = f"{asking.account.api}/api/v1/accounts/{author}"
            yield asking.ask(url, purpose=Purpose.PROBE_AUTHOR, subject=author)
