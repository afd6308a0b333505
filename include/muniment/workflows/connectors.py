"""Which connector serves an account, and the client that it asks with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing

from muniment import __version__
from muniment.capture.platforms import Source, capture
from muniment.capture.polite_client import Credentials, PoliteClient, agent_of
from muniment.capture.probes import probe
from muniment.capture.probes_asking import HOST_LIMITS
from muniment.records.agency import Account
from muniment.records.names import SeriesId
from muniment.records.page import Gap, Page
from muniment.records.probes import Question
from muniment.workflows.wiring import Workplace


def ask_platform(place: Workplace, account: Account, series: SeriesId) -> Iterator[Page | Gap]:
    """Yield what *account* shows of *series* now.

    Raises:
        CaptureError: the platform could not be captured.
        ConfigurationError: no connector captures the series, or the token's file is missing.
    """
    drop = place.settings.drop / place.agency.id / account.id
    source = Source(account=account, drop=drop, invented_people=place.agency.invented_people)
    with closing(open_client(place, account)) as client:
        yield from capture(source, series, client)


def open_client(place: Workplace, account: Account) -> PoliteClient:
    """Return a client for one capture of *account*; it says who we are and whom to write to."""
    token = place.token(account)
    return PoliteClient(
        agent=agent_of(__version__, account.registration_email),
        clock=place.clock,
        sleep=place.sleep,
        credentials=Credentials(account.api, token) if token else None,
    )


def ask_for_items(place: Workplace, account: Account, questions: Sequence[Question]) -> Iterator[Page | Gap]:
    """Yield what came back for *questions* after items of *account*.

    Raises:
        CaptureError: the account's platform could not be asked.
        ConfigurationError: nothing asks the platform, or the token's file is missing.
    """
    agent = agent_of(__version__, account.registration_email)
    hosts = PoliteClient(agent=agent, clock=place.clock, sleep=place.sleep, limits=HOST_LIMITS)
    with closing(open_client(place, account)) as client, closing(hosts):
        yield from probe(account, questions, platform=client, hosts=hosts)
