"""Who was authorized in writing for an account at an instant (claremont-social B.9)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from muniment.policy.scene import Scene
from muniment.records.agency import Account, AccountStatus, AuthorizationLevel, AuthorizedPerson

_RANKS = (AuthorizationLevel.VIEW, AuthorizationLevel.COMMENT, AuthorizationLevel.EDIT, AuthorizationLevel.PUBLISH)


def active_accounts(scene: Scene) -> tuple[Account, ...]:
    """Return the accounts that the register lists as active."""
    return tuple(account for account in scene.agency.accounts if account.status is AccountStatus.ACTIVE)


def local_day(scene: Scene, at: datetime) -> date:
    """Return the day of *at* in the agency's zone: an authorization holds for whole days there."""
    return at.astimezone(ZoneInfo(scene.agency.zone)).date()


def is_in_force(person: AuthorizedPerson, day: date) -> bool:
    """Tell whether the authorization holds on *day*."""
    return person.valid_from <= day and (person.valid_until is None or day <= person.valid_until)


def list_in_force(account: Account, day: date, *, level: AuthorizationLevel) -> Iterator[AuthorizedPerson]:
    """Yield who is authorized for *account* on *day* at *level* or above; after its end nobody is."""
    if account.terminated_on is not None and day > account.terminated_on:
        return
    for person in account.persons:
        if is_in_force(person, day) and _RANKS.index(person.level) >= _RANKS.index(level):
            yield person
