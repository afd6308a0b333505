"""Who of the people on the agency's accounts is a member of a legislative body (claremont-social B.18)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from muniment.policy.addresses import host_of
from muniment.policy.scene import ItemFact
from muniment.records.agency import Agency, Platform
from muniment.records.names import AccountId
from muniment.records.policy import Member

_AT = "at://"


@dataclass(frozen=True, slots=True)
class MemberDirectory:
    """The members by the ids and handles known to be theirs: `known` gives their places in `members`."""

    members: tuple[Member, ...]
    known: Mapping[str, tuple[int, ...]]
    hosts: Mapping[AccountId, str]  # of the Mastodon servers that the accounts are on
    zone: ZoneInfo

    def find(self, item: ItemFact) -> frozenset[int]:
        """Return the entries of whoever made *item*, in office when it was published; none when it is no member's."""
        for name in self._names(item):
            places = self.known.get(name)
            if places is not None:
                return frozenset(place for place in places if self._in_office(place, item.published_at))
        return frozenset()

    def find_in_address(self, address: str) -> frozenset[int]:
        """Return the entries of the member in whose repository the post at *address* (``at://did:.../...``) lies."""
        did = address.removeprefix(_AT).partition("/")[0]
        return frozenset(self.known.get(did, ())) if address.startswith(_AT) else frozenset()

    def are_colleagues(self, one: frozenset[int], other: frozenset[int]) -> bool:
        """Tell whether two are different people on the same body; a person may have an entry for each body."""
        bodies = {self.members[place].body for place in one}
        return not one & other and any(self.members[place].body in bodies for place in other)

    def _names(self, item: ItemFact) -> Iterator[str]:
        if item.author_id is not None:
            yield item.author_id
        if item.author_handle is not None:
            handle = _fold(item.author_handle)
            host = self.hosts.get(item.account)
            # A Mastodon server leaves its own name out of the handles of its people.
            yield handle if host is None or "@" in handle else f"{handle}@{host}"

    def _in_office(self, place: int, at: datetime | None) -> bool:
        member = self.members[place]
        if at is None:
            return True  # when it was said is not known: counsel looks
        day: date = at.astimezone(self.zone).date()
        return member.valid_from <= day and (member.valid_until is None or day <= member.valid_until)


def _fold(handle: str) -> str:
    return handle.removeprefix("@").casefold()


def list_members(agency: Agency, members: tuple[Member, ...]) -> MemberDirectory:
    """Make the directory of *members* for the accounts of *agency*."""
    known: dict[str, tuple[int, ...]] = {}
    for place, member in enumerate(members):
        for account in member.accounts:
            # Ids of Bluesky are case-sensitive and are compared as they stand; handles are not.
            for name in dict.fromkeys((account, _fold(account))):
                known[name] = (*known.get(name, ()), place)
    hosts = {one.id: host_of(one.address) for one in agency.accounts if one.platform is Platform.MASTODON}
    return MemberDirectory(members, known, hosts, ZoneInfo(agency.zone))
