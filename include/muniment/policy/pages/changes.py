"""What changed in a watched page from clause to clause, and which controls go by what changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from muniment.evidence.digest import sha256_hex
from muniment.policy.scene import PageChange
from muniment.records.canonical import canonical_json
from muniment.records.policy import Clause, WatchedPage
from muniment.records.rows import WHOLE_PAGE

APPEARED, CHANGED, GONE = "appeared", "changed", "gone"

_SUBLABEL = re.compile(r"(?:[.(]|\s+(?:\d{1,3}|[ivxl]{1,8}|[a-z]|[A-Z])(?:$|[\s.(]))")
_NUMBERED = re.compile(r"(?:[A-Z]\.)?\d+.*|[A-Z]")
_RANGE = re.compile(r"\s*(?:\([a-z0-9]+\)\s*-\s*\([a-z0-9]+\)|[ivxl]+\s*-\s*[ivxl]+)$")
_CODE = re.compile(r"^(?:MCA|GC|PRC)\s+")  # a page does not name the code whose section it quotes


def digest_clauses(clauses: Mapping[str, str]) -> str:
    """Return the SHA-256 (64 lower hex digits) of a page's text: of its clauses' hashes by label, in canonical JSON.

    The order of the sections is no part of it, nor is what surrounds them.
    """
    return sha256_hex(canonical_json(dict(clauses)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A page as it was read once: its digest, and the SHA-256 of each clause's text by label.

    Where it could not be read by clauses there are none, and the digest is of what it was kept as.
    """

    sha256: str
    clauses: Mapping[str, str]


def diff_readings(page: str, before: Reading, after: Reading, *, seen_at: datetime) -> tuple[PageChange, ...]:
    """Compare two readings of *page*; one that could not be read by clauses has changed whole."""
    if before.clauses and after.clauses:
        return diff_clauses(page, before.clauses, after.clauses, seen_at=seen_at)
    if before.sha256 == after.sha256:
        return ()
    whole = PageChange(
        page=page,
        label=WHOLE_PAGE,
        kind=CHANGED,
        before_sha256=before.sha256,
        after_sha256=after.sha256,
        seen_at=seen_at,
    )
    return (whole,)


def diff_clauses(
    page: str, before: Mapping[str, str], after: Mapping[str, str], *, seen_at: datetime
) -> tuple[PageChange, ...]:
    """Compare two readings of *page*: label to SHA-256 of the clause's text. By label."""
    return tuple(
        PageChange(
            page=page,
            label=label,
            kind=APPEARED if label not in before else GONE if label not in after else CHANGED,
            before_sha256=before.get(label),
            after_sha256=after.get(label),
            seen_at=seen_at,
        )
        for label in sorted(before.keys() | after.keys())
        if before.get(label) != after.get(label)
    )


def affected(
    clauses: Sequence[Clause], changes: Sequence[PageChange], pages: Iterable[WatchedPage]
) -> tuple[tuple[PageChange, Clause], ...]:
    """Return each of *changes* with each of *clauses* that goes by what changed, in the order of both.

    A clause goes by its own label and by those below it: R-C7 by ``C.7 vii``. Where a page could
    not be read by clauses, every clause of its policy goes by it.
    """
    policies = {page.id: page.policy for page in pages}
    found: list[tuple[PageChange, Clause]] = []
    for change in changes:
        policy = policies.get(change.page)
        if policy is not None:
            found += [(change, clause) for clause in clauses if cites(clause.clause, policy, change.label)]
    return tuple(found)


def cites(citation: str, policy: str, label: str) -> bool:
    """Tell whether *citation* (``claremont-social B.3, B.8``) names the clause *label* of *policy*, or one above it."""
    name, _, rest = citation.partition(" ")
    if name != policy:
        return False
    return label == WHOLE_PAGE or any(_covers(cited, _fold(label), whole) for cited, whole in _cited(rest))


def _cited(rest: str) -> Iterator[tuple[str, bool]]:
    """Yield what *rest* may cite, and whether it is a whole part of it.

    Parts are separated by semicolons. A comma separates numbers, and a heading from a remark, and
    stands in headings too: each reading is tried, and only a whole part may be a heading cut short.
    """
    for part in rest.split(";"):
        yield _label(part), True
        pieces = part.split(",")
        for number in range(1, len(pieces)):
            yield _label(",".join(pieces[:number])), False
            if _NUMBERED.fullmatch(pieces[number].strip()):
                yield _label(pieces[number]), False


def _covers(cited: str, label: str, whole: bool) -> bool:
    if not cited:
        return False
    if label == cited:
        return True
    if not label.startswith(cited):
        return False
    rest = label[len(cited) :]
    return _SUBLABEL.match(rest) is not None or (whole and rest[:1] in {" ", ","} and not _NUMBERED.fullmatch(cited))


def _label(text: str) -> str:
    return _fold(_RANGE.sub("", _CODE.sub("", text.strip().replace("–", "-"))))


def _fold(label: str) -> str:
    return re.sub(r"\s+([,;:.])", r"\1", " ".join(label.replace("’", "'").split())).casefold()
