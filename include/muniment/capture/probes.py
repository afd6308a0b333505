"""Ask for known items by name, each platform in its own way; what comes back is evidence, also where it is an error."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from muniment.capture import probes_bluesky, probes_mastodon
from muniment.capture.polite_client import PoliteClient
from muniment.capture.probes_asking import Asking
from muniment.errors import ConfigurationError
from muniment.records.agency import Account, Platform
from muniment.records.page import Gap, Page
from muniment.records.probes import Question


@dataclass(frozen=True, slots=True)
class Prober:
    """One way to ask: its name and version, the version of the interface, and how it goes."""

    label: str
    api_version: str
    probe: Callable[[Asking, Sequence[Question]], Iterator[Page | Gap]]


PROBERS: Mapping[Platform, Prober] = MappingProxyType(
    {
        Platform.BLUESKY: Prober("bluesky-probes/1", "app.bsky", probes_bluesky.probe),
        Platform.MASTODON: Prober("mastodon-probes/1", "v1", probes_mastodon.probe),
    }
)


def prober_for(platform: Platform) -> Prober:
    """Return what asks *platform*.

    Raises:
        ConfigurationError: nothing does.
    """
    prober = PROBERS.get(platform)
    if prober is None:
        raise ConfigurationError(f"probes: expected a platform that can be asked for an item, found {platform}")
    return prober


def probe(
    account: Account, questions: Sequence[Question], *, platform: PoliteClient, hosts: PoliteClient
) -> Iterator[Page | Gap]:
    """Yield what came back for *questions*; pages are numbered from 0 in the order they come.

    *platform* asks the account's own platform; *hosts* asks servers that authors chose, so it waits
    for none of them long.

    Raises:
        RateLimitedError: the account's platform asked us to wait longer than the client waits.
    """
    sequence = 0
    for found in prober_for(account.platform).probe(Asking(account, platform, hosts), questions):
        if isinstance(found, Page):
            yield replace(found, sequence=sequence)
            sequence += 1
        else:
            yield found
