"""Checks of the pages that ``policy.yaml`` has watched, and of the fields that its bases name."""

from __future__ import annotations

from dataclasses import dataclass

from muniment.records.names import SeriesId, is_slug
from muniment.records.policy import PageKind
from muniment.records.row_columns import columns_of
from muniment.records.series import POLICIES
from muniment.register.account_checks import check_origin
from muniment.register.agency_checks import SLUG
from muniment.register.documents import Document
from muniment.register.entries import Entry, note_repeated, note_repeated_items, whole
from muniment.register.platforms import DROP, SIMULATOR, URL_PATH

_STANDING = ("row_state", "row_snapshot", "content_sha256")  # what every sealed row has beside its own columns


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSurroundings:
    """What the agency's other files say; `scheduled` None where the schedule cannot be read."""

    accounts: frozenset[str]
    scheduled: frozenset[str] | None
    lockless: frozenset[str]
    invented_people: bool


def check_pages(document: Document, around: PageSurroundings) -> None:
    """Note what the pages and bases of *document* say that does not hold together."""
    policy = whole(document)
    pages = list(policy.groups("pages"))
    note_repeated(pages, "id")
    for page in pages:
        _check_page(page, around)
    if pages and around.scheduled is not None and POLICIES not in around.scheduled - around.lockless:
        policy.fault("pages", f"none, or a row of the series {POLICIES} under a lock in retention.yaml", "pages")
    for basis in policy.groups("bases"):
        _check_basis(basis)


def _check_page(page: Entry, around: PageSurroundings) -> None:
    name, kind = page.text("id"), page.text("kind")
    if name is not None and not is_slug(name):
        page.fault("id", SLUG, repr(name[:60]))
    if name in around.accounts:
        page.fault("id", "an id that no account of the register has", "one that an account has")
    path = page.text("path")
    if path is not None and URL_PATH.fullmatch(path) is None:
        page.fault("path", "the path of the page, beginning with one slash", "other text")
    if page.text("api") == DROP:
        page.fault("api", f"the address of a server, or the word {SIMULATOR}", f"the word {DROP}")
    check_origin(page, "api", invented_people=around.invented_people)
    terms = kind == PageKind.PLATFORM_TERMS
    if terms and not page.has("platform"):
        page.fault("platform", "the platform whose terms they are", "nothing")
    if kind in {PageKind.POLICY, PageKind.COMMENT_POLICY, PageKind.PRIVACY_POLICY} and not page.has("policy"):
        page.fault("policy", "the policy whose text the page has", "nothing")
    days = page.fields.get("reviewed_within_days")
    if isinstance(days, int) and days < 1:
        page.fault("reviewed_within_days", "at least 1", str(days))


def _check_basis(basis: Entry) -> None:
    series = basis.text("series")
    note_repeated_items(basis, "fields")
    if series is not None:
        known = {*columns_of(SeriesId(series)), *_STANDING}
        for index, name in basis.texts("fields"):
            if name not in known:
                basis.fault("fields", f"a column of the rows of {series}", repr(name[:60]), index=index)
