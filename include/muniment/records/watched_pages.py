"""A watched page as an account, so that it is captured, parsed and sealed as everything else is."""

from __future__ import annotations

from muniment.records.agency import Account, AccountStatus, Agency, Platform
from muniment.records.names import AccountId
from muniment.records.policy import WatchedPage
from muniment.records.series import POLICIES


def page_account(agency: Agency, page: WatchedPage) -> Account:
    """Return the account under which *page* is captured; whom to write to is the agency's first account's address."""
    return Account(
        id=AccountId(page.id),
        platform=Platform.WEB_PAGE,
        handle=page.path,
        address=page.address,
        api=page.api,
        department="policy watch",
        status=AccountStatus.ACTIVE,
        registration_email=agency.accounts[0].registration_email,
        series=(POLICIES,),
    )


def watched_pages(agency: Agency) -> tuple[WatchedPage, ...]:
    """Return the pages that *agency* has watched; none where it has no policy file."""
    return () if agency.policy is None else agency.policy.pages


def find_account(agency: Agency, account_id: AccountId) -> Account | None:
    """Return the account of the register, or of a watched page, with *account_id*; None when there is neither."""
    found = agency.account(account_id)
    if found is not None:
        return found
    pages = (page for page in watched_pages(agency) if page.id == account_id)
    return next((page_account(agency, page) for page in pages), None)
