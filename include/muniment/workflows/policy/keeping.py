"""How the vault is kept, and which credentials read: what checks judge beside the records."""

from __future__ import annotations

from contextlib import closing

from muniment.capture.mastodon import ask_scopes
from muniment.custody.store_checks import read_latest_check
from muniment.errors import CaptureError
from muniment.policy.scene import KeepingFact
from muniment.records.agency import Account, AccountStatus, Platform
from muniment.records.names import AccountId, parse_instant
from muniment.workflows.check_fixity import measure_coverage
from muniment.workflows.check_store import REGISTER as STORE_TRUTH
from muniment.workflows.connectors import open_client
from muniment.workflows.scorecard_checks import read_latest
from muniment.workflows.wiring import Workplace


def read_keeping(place: Workplace) -> KeepingFact:
    """Return how both copies were read again, tried and compared.

    Raises:
        StoreUnavailableError: the vault's store did not answer.
    """
    parts = measure_coverage(place)
    truth = read_latest(place.vault, STORE_TRUTH)
    examined = read_latest_check(place.vault, place.vault.endpoint, place.vault.bucket)
    return KeepingFact(
        units=sum(part.units for part in parts),
        overdue=sum(part.overdue for part in parts),
        reread_within_days=place.agency.fixity.reread_within_days,
        second_copy=place.settings.second is not None,
        examined_at=None if examined is None else parse_instant(examined["examined_at"]),
        examined_passed=examined is not None and bool(examined["passed"]),
        compared_at=None if truth is None else parse_instant(truth["at"]),
    )


def read_scopes(place: Workplace) -> dict[AccountId, tuple[str, ...]]:
    """Ask the platforms what the credentials in use may do; left out where a platform does not say."""
    found: dict[AccountId, tuple[str, ...]] = {}
    for account in place.agency.accounts:
        if account.token is not None and account.status is AccountStatus.ACTIVE:
            scopes = _ask(place, account)
            found |= {account.id: scopes} if scopes is not None else {}
    return found


def _ask(place: Workplace, account: Account) -> tuple[str, ...] | None:
    if account.platform is not Platform.MASTODON:
        return None  # no other platform here states the scopes of a credential
    try:
        with closing(open_client(place, account)) as client:
            return ask_scopes(account, client)
    except CaptureError:
        return None  # not known, and the check says so
