"""What may be asked of a matter: a scope that makes sense, a notice that says who and why, and no quiet narrowing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from muniment.errors import HoldError
from muniment.records.names import is_slug
from muniment.retention.matters import Matter, MatterKind, Notice, Scope

MAX_TEXT = 2000  # characters of a title, an authority, a reason


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterOrder:
    """A matter that is to be placed. `everything` confirms a scope that nothing bounds."""

    id: str
    kind: MatterKind
    title: str
    notice: Notice
    scope: Scope
    custodians: tuple[str, ...] = ()
    everything: bool = False


def check_order(
    order: MatterOrder, *, taken: Collection[str], accounts: Collection[str], series: Collection[str]
) -> None:
    """Return when *order* can be placed; *taken* are the ids of matters, the others what there is to hold.

    Raises:
        HoldError: it cannot.
    """
    if not is_slug(order.id):
        raise HoldError(f"matter: expected an id of lower-case letters, digits and single hyphens, found {order.id!r}")
    if order.id in taken:
        raise HoldError(f"matter {order.id}: expected an id of its own, found that there is such a matter")
    check_text(order.id, "title", order.title)
    notice = order.notice
    for what, text in (("attorney", notice.attorney), ("contact", notice.contact), ("authority", notice.authority)):
        check_text(order.id, what, text)
    for what, optional in (("number", notice.number), ("confidentiality", notice.confidentiality)):
        if optional is not None:
            check_text(order.id, what, optional)
    check_custodians(order.id, order.custodians)
    check_scope(order.id, order.scope, accounts=accounts, series=series, everything=order.everything)


def check_scope(
    matter: str, scope: Scope, *, accounts: Collection[str], series: Collection[str], everything: bool
) -> None:
    """Return when *scope* names only what there is, its dates in order, and is bounded unless *everything* is meant.

    Raises:
        HoldError: it does not.
    """
    _check_known(matter, "account", scope.accounts, accounts)
    _check_known(matter, "series", scope.series, series)
    if scope.captured_from and scope.captured_until and scope.captured_until < scope.captured_from:
        found = f"{scope.captured_from} to {scope.captured_until}"
        raise HoldError(f"matter {matter}: expected dates of capture in their order, found {found}")
    # No person is named: the message may end in a log.
    if any(not person.strip().lstrip("@") or not person.isprintable() for person in scope.persons):
        raise HoldError(f"matter {matter}: expected each person as a handle or an author id, found a blank")
    if scope.search is not None and not scope.search.split():
        raise HoldError(f"matter {matter}: expected words to search for, found none")
    if scope.is_everything and not everything:
        raise HoldError(
            f"matter {matter}: expected a scope, or the word that everything is meant, found a scope without bounds"
        )


def check_custodians(matter: str, custodians: Collection[str]) -> None:
    """Return when every custodian is named once.

    Raises:
        HoldError: a name is blank or comes twice.
    """
    for name in custodians:
        check_text(matter, "custodian", name)
    if len(set(custodians)) != len(custodians):
        raise HoldError(f"matter {matter}: expected each custodian once, found one twice")


def check_text(matter: str, what: str, text: str) -> None:
    """Return when *text* says something in printable words.

    Raises:
        HoldError: it does not.
    """
    if not text.strip() or not text.isprintable() or len(text) > MAX_TEXT:
        found = "a blank" if not text.strip() else "unprintable letters, or too many"
        raise HoldError(f"matter {matter}: expected its {what} in words, at most {MAX_TEXT} letters, found {found}")


def find_open(matters: Collection[Matter], matter_id: str) -> Matter:
    """Return the open matter *matter_id*.

    Raises:
        HoldError: there is none, or it was released.
    """
    matter = find_matter(matters, matter_id)
    if matter.release is not None:
        raise HoldError(f"matter {matter_id}: expected it open, found that it was released on {matter.release.at}")
    return matter


def find_matter(matters: Collection[Matter], matter_id: str) -> Matter:
    """Return the matter *matter_id*, open or released.

    Raises:
        HoldError: there is none.
    """
    for matter in matters:
        if matter.id == matter_id:
            return matter
    raise HoldError(f"matter {matter_id}: expected a matter of the register of holds, found none")


def narrows(old: Scope, new: Scope) -> bool:
    """Tell whether *new* may give up something that *old* covers: then the amendment is a release of part."""
    return (
        _fewer(old.accounts, new.accounts)
        or _fewer(old.series, new.series)
        or _later(old.captured_from, new.captured_from)
        or _earlier(old.captured_until, new.captured_until)
        or (old.future and not new.future)
        or _asks_for_less(old, new)
    )


def _asks_for_less(old: Scope, new: Scope) -> bool:
    if not new.is_narrowed:
        return False
    if not old.is_narrowed or not set(old.persons) <= set(new.persons):
        return True
    # Two searches cannot be compared, so another one may find less.
    return old.search is not None and old.search != new.search


def _fewer(old: Collection[str], new: Collection[str]) -> bool:
    return bool(new) and (not old or not set(old) <= set(new))


def _later(old: date | None, new: date | None) -> bool:
    return new is not None and (old is None or new > old)


def _earlier(old: date | None, new: date | None) -> bool:
    return new is not None and (old is None or new < old)


def _check_known(matter: str, what: str, named: Collection[str], known: Collection[str]) -> None:
    for name in named:
        if name not in known:
            raise HoldError(f"matter {matter}: {what}: expected one of {', '.join(sorted(known))}; found {name!r}")
