"""What in a post looks like somebody's personal data (claremont-social B.12, C.1). It looks, and alters nothing.

Made to be believed rather than complete: a shape is reported only with what makes it likely (a
check digit, a label, a word for a home), for a list of false alarms is soon not read. Names are
not looked for: an official post may name anybody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from muniment.evidence.digest import sha256_hex


class Kind(StrEnum):
    """What a match looks like. Where two fit one piece of text, the earlier in `_worth_a_look` has it."""

    CARD = "card-number"
    SSN = "social-security-number"
    BIRTH_DATE = "date-of-birth"
    EMAIL = "e-mail-address"
    TELEPHONE = "telephone-number"
    ADDRESS = "home-address"


# What counts as personal differs from one jurisdiction to another: a profile is the set of kinds that do.
ALL_KINDS = "all-kinds"
PII_PROFILES: Mapping[str, frozenset[Kind]] = {ALL_KINDS: frozenset(Kind)}


@dataclass(frozen=True, slots=True)
class Match:
    """Where a piece of text looks like personal data. The piece itself is not kept, so that nobody prints it."""

    kind: Kind
    start: int
    end: int
    hash: str  # of the kind and the piece as compared: 64 lower hex digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a scan lets stand: the agency's own addresses and telephones, and what a person allowed."""

    domains: frozenset[str]  # lower case; what lies under them is the agency's too
    mail: frozenset[str] = frozenset()  # single addresses elsewhere, lower case
    telephones: frozenset[str] = frozenset()  # as `fold_telephone` spells them
    allowed: frozenset[str] = frozenset()  # hashes of matches
    kinds: frozenset[Kind] = field(default_factory=lambda: PII_PROFILES[ALL_KINDS])


def match_hash(kind: Kind, piece: str) -> str:
    """Name a match for the list of false alarms.

    Of a short number the hash can be found by trying: it is for what a person let stand, never for the rest.
    """
    return sha256_hex(f"{kind}\0{piece}".encode("utf-8", "surrogatepass"))


def fold_telephone(text: str) -> str:
    """Return the digits of a telephone number; of one in North America (NANP) the last ten."""
    digits = "".join(letter for letter in text if letter.isdecimal())
    return digits[1:] if len(digits) == 11 and digits[0] == "1" else digits


def find_personal_data(text: str | None, rules: Rules) -> tuple[Match, ...]:
    """Return what in *text* looks like personal data under *rules*, by place; no piece of it twice."""
    if not text:
        return ()
    found: list[Match] = []
    for kind in _worth_a_look(text):
        if kind in rules.kinds:
            for start, end, piece in _DETECTORS[kind](text, rules):
                match = Match(kind, start, end, match_hash(kind, piece))
                if match.hash not in rules.allowed and not any(_overlap(match, other) for other in found):
                    found.append(match)
    return tuple(sorted(found, key=lambda match: match.start))


def _overlap(one: Match, other: Match) -> bool:
    return one.start < other.end and other.start < one.end


# What most texts do not have is looked for first: nine digits near each other, a word that is part of a label.
_DIGIT = re.compile(r"\d")
_NINE_DIGITS = re.compile(r"\d(?:\D{0,2}\d){8}")
_BIRTH_WORDS = ("dob", "d.o.b", "birth", "born", "nac")
_HOME_WORDS = ("liv", "resid", "home", "house", "ap", "unit")


def _worth_a_look(text: str) -> Iterator[Kind]:
    low = text.casefold()
    if _DIGIT.search(text):
        if _NINE_DIGITS.search(text):
            yield from (Kind.CARD, Kind.SSN, Kind.TELEPHONE)
        if any(word in low for word in _BIRTH_WORDS):
            yield Kind.BIRTH_DATE
        if any(word in low for word in _HOME_WORDS):
            yield Kind.ADDRESS
    if "@" in text:
        yield Kind.EMAIL


_Piece = tuple[int, int, str]

# No letter of an address before it, so that each is tried from its beginning only, in linear time;
# and no at sign: @name@server is a handle.
_MAIL = re.compile(r"(?<![\w.%+@/-])[\w.%+-]{1,64}@((?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24})(?![\w@])")


def _find_mail(text: str, rules: Rules) -> Iterator[_Piece]:
    for match in _MAIL.finditer(text):
        domain, address = match[1].casefold(), match[0].casefold()
        if not _is_own(domain, rules.domains) and address not in rules.mail:
            yield match.start(), match.end(), address


@lru_cache(maxsize=1024)
def _is_own(domain: str, domains: frozenset[str]) -> bool:
    return any(domain == own or domain.endswith(f".{own}") for own in domains)


# Three groups, parted: ten digits in a row are as likely a case number, unless a word says telephone.
_TELEPHONE = re.compile(
    r"(?<![\w.+-])(?:\+?1[ .-]?)?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[ .-])[2-9]\d{2}[ .-]\d{4}(?![\w-])"
    r"|(?<![\w+])\+[2-9]\d{0,2}(?:[ .-]?\d{2,4}){2,4}(?![\w-])"
    r"|(?<!\w)([2-9]\d{2}[2-9]\d{6})(?!\w)"
)
_TELEPHONE_WORD = re.compile(r"\b(?:tel|phone|call|text|cell|mobile|tel[eé]fono|llame al)[:. ]{1,3}$", re.IGNORECASE)
_SHORTEST = 9  # digits, country code and all
# Numbers that nobody has at home: 800 and its successors (NANP, easily recognizable codes).
_TOLL_FREE = ("800", "833", "844", "855", "866", "877", "888")


def _find_telephones(text: str, rules: Rules) -> Iterator[_Piece]:
    for match in _TELEPHONE.finditer(text):
        if match[1] and not _TELEPHONE_WORD.search(text[max(0, match.start() - 20) : match.start()]):
            continue
        digits = fold_telephone(match[0])
        is_public = len(digits) < _SHORTEST or (len(digits) == 10 and digits.startswith(_TOLL_FREE))
        if digits not in rules.telephones and not is_public:
            yield match.start(), match.end(), digits


# Numbers that were never given: area 000, 666 and 900 to 999, group 00, serial 0000 (SSA, POMS RM 10201.035).
_SSN = re.compile(r"(?<![\w-])(?!000|666|9)\d{3}([- ])(?!00)\d{2}\1(?!0000)\d{4}(?![\w-])")


def _find_ssn(text: str, _rules: Rules) -> Iterator[_Piece]:
    for match in _SSN.finditer(text):
        yield match.start(), match.end(), "".join(letter for letter in match[0] if letter.isdecimal())


# Payment cards begin with 2 to 6 and have 13 to 19 digits, the last of which checks the rest (ISO/IEC 7812-1).
_CARD = re.compile(r"(?<![\w-])[2-6]\d{3}(?:[ -]?\d{1,6}){2,4}(?![\w-])")


def _find_cards(text: str, _rules: Rules) -> Iterator[_Piece]:
    for match in _CARD.finditer(text):
        digits = "".join(letter for letter in match[0] if letter.isdecimal())
        if 13 <= len(digits) <= 19 and is_luhn(digits):
            yield match.start(), match.end(), digits


def is_luhn(digits: str) -> bool:
    """Tell whether the last of *digits* checks the others (ISO/IEC 7812-1 Annex B)."""
    total = 0
    for place, letter in enumerate(reversed(digits)):
        number = int(letter) * (1 + place % 2)
        total += number - 9 if number > 9 else number
    return total % 10 == 0


_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|ene|abr|ago|dic)[^\W\d_]{0,9}\.?"
_DATE = (
    r"(?:\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}"
    rf"|{_MONTH} \d{{1,2}},? \d{{4}}|\d{{1,2}}\.? (?:de )?{_MONTH} (?:de )?\d{{4}})"
)
_BIRTH = re.compile(
    rf"\b(?:dob|d\.o\.b\.|date of birth|birth ?date|born(?: on)?|fecha de nacimiento|nacid[oa] el)[: ]{{1,3}}({_DATE})",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\d{4}")
_OLDEST = 1930  # who was born before is nearly always told of as history


def _find_birth_dates(text: str, _rules: Rules) -> Iterator[_Piece]:
    for match in _BIRTH.finditer(text):
        year = _YEAR.search(match[1])
        if year is None or int(year[0]) >= _OLDEST:
            yield match.start(), match.end(), " ".join(match[1].casefold().split())


# A number and a street are on every notice of a road closed. An address is somebody's only where a
# word says so: that a person lives there, or that it is a flat.
_STREET = (
    r"\d{1,6} (?:[^\W\d_][\w'.-]{0,30} ){1,4}"
    r"(?:street|st|avenue|ave|road|rd|boulevard|blvd|drive|dr|lane|ln|way|court|ct|place|pl|circle|cir|terrace|ter)\b\.?"
)
_HOME = re.compile(
    r"\b(?:(?:lives?|living|lived|resides?|residing|resident|resides?) (?:at|of)|home address(?: is)?:?"
    rf"|(?:his|her|their|whose) (?:home|house|apartment) (?:at|is at|is)) ({_STREET})"
    rf"|\b({_STREET},? (?:apt|apartment|unit)\b\.? ?#? ?\w{{1,5}})",
    re.IGNORECASE,
)


def _find_addresses(text: str, _rules: Rules) -> Iterator[_Piece]:
    for match in _HOME.finditer(text):
        yield match.start(), match.end(), " ".join((match[1] or match[2]).casefold().split())


_DETECTORS: Mapping[Kind, Callable[[str, Rules], Iterator[_Piece]]] = {
    Kind.CARD: _find_cards,
    Kind.SSN: _find_ssn,
    Kind.BIRTH_DATE: _find_birth_dates,
    Kind.EMAIL: _find_mail,
    Kind.TELEPHONE: _find_telephones,
    Kind.ADDRESS: _find_addresses,
}


def rules_for(
    *,
    domains: Collection[str],
    mail: Collection[str] = (),
    telephones: Collection[str] = (),
    allowed: Collection[str] = (),
    pii_profile: str = ALL_KINDS,
) -> Rules:
    """Make the rules of a scan, everything spelled as it is compared.

    Raises:
        KeyError: there is no such profile of kinds.
    """
    return Rules(
        domains=frozenset(domain.casefold() for domain in domains),
        mail=frozenset(address.casefold() for address in mail),
        telephones=frozenset(map(fold_telephone, telephones)),
        allowed=frozenset(allowed),
        kinds=PII_PROFILES[pii_profile],
    )
