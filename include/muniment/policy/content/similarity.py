"""Does a post reflect an official source, or is it original (claremont-social B.20)? By words, links and pictures.

A post is compared with the few articles that share its rarest words, never with all. Words are
compared by rapidfuzz (https://rapidfuzz.github.io/RapidFuzz/Usage/fuzz.html), pictures by the
SHA-256 of the files kept: a picture scaled or encoded anew by a platform is not known again.
What stays between the thresholds is `UNDETERMINED`, and is kept as original.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from heapq import nlargest
from itertools import pairwise
from math import log

from rapidfuzz.fuzz import token_set_ratio

from muniment.policy.addresses import fold_address, host_of
from muniment.policy.content.words import NO_BOILERPLATE, Boilerplate, has_digit, split_words, tells_apart
from muniment.policy.scene import ItemFact

# The thresholds part the labelled pairs of the tests, with room on both sides; between them a person decides.
# `share`: how much of the post's words, rare ones weighing more, the article has. `pairs`: how much of its pairs
# of neighbouring words; a long article holds many words by chance, few of them side by side. `held`: how much of
# the article's words the post has. `alike`: the token set ratio, to which an inflection or a slip of the key is
# a small difference.
REFLECTS_SHARE = 0.80  # lowest among the pairs that reflect: 0.85; highest among those that do not: 0.74
REFLECTS_PAIRS = 0.50  # lowest among the pairs that reflect: 0.54; highest among those that do not: 0.47
REFLECTS_ALIKE = 0.80
MIXED_HELD = 0.60  # the article, or most of it, stands in the post, beside other things
ORIGINAL_SHARE = 0.45  # below it, and not alike either, nothing is shared but the town's vocabulary
LINKED_SHARE = 0.35  # for an article that the post itself names as its source
LEAST_WORDS = 4  # telling words in common; fewer are a coincidence
CANDIDATES = 5  # articles compared in full: the sixth best by rare words was never the one, in the labelled pairs
RAREST = 12  # words of the post that are looked up
COMMON = 100  # a word in more articles than this finds nothing


class Label(StrEnum):
    """What a post is to the official sources."""

    ORIGINAL = "original"
    REFLECTS = "reflects-official-source"
    MIXED = "mixed"  # partly from an article; kept as original
    UNDETERMINED = "undetermined"  # kept as original


class Method(StrEnum):
    """What the label rests on."""

    TEXT = "text"
    LINK = "link"
    PICTURE = "picture"
    REVIEWER = "reviewer"
    NOTHING = "nothing"  # nothing to compare, or nothing alike


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A post's label, the article it rests on, and how much of the post's words that has (0 to 1)."""

    label: Label
    method: Method
    score: float = 0.0
    article: ItemFact | None = None


@dataclass(frozen=True, slots=True)
class _Entry:
    item: ItemFact
    words: frozenset[str]
    joined: str


@dataclass(frozen=True, slots=True)
class ArticleIndex:
    """The articles of the official sources, found by word, address and picture."""

    entries: Sequence[_Entry]
    by_word: Mapping[str, Sequence[int]]
    by_address: Mapping[str, int]
    by_picture: Mapping[str, Sequence[int]]
    weights: Mapping[str, float]
    unseen: float  # the weight of a word that no article has
    hosts: frozenset[str]  # of the official website


def index_articles(articles: Iterable[ItemFact], hosts: Iterable[str] = ()) -> ArticleIndex:
    """Make the index of *articles*; *hosts* are those of the official website."""
    entries: list[_Entry] = []
    found: dict[str, list[int]] = {}
    by_address: dict[str, int] = {}
    by_picture: dict[str, list[int]] = {}
    for place, item in enumerate(articles):
        words = split_words(item.text)
        entries.append(_Entry(item, frozenset(words), " ".join(words)))
        for word in entries[-1].words:
            found.setdefault(word, []).append(place)
        for address in (item.url, item.item_id):
            if address:
                by_address.setdefault(fold_address(address), place)
        for picture in item.media:
            by_picture.setdefault(picture, []).append(place)
    weights = {word: log(1 + len(entries) / len(places)) for word, places in found.items()}
    by_word = {word: places for word, places in found.items() if len(places) <= COMMON}
    unseen = log(1 + max(len(entries), 1))
    return ArticleIndex(entries, by_word, by_address, by_picture, weights, unseen, frozenset(map(host_of, hosts)))


def classify(post: ItemFact, index: ArticleIndex, boilerplate: Boilerplate = NO_BOILERPLATE) -> Match:
    """Say what *post* is to the articles of *index*."""
    words = split_words(post.text, boilerplate)
    links = [fold_address(link) for link in post.links]
    linked = [index.by_address[link] for link in links if link in index.by_address]
    if linked:
        return _by_link(words, linked, index)
    match = _by_text(words, _candidates(words, index), index, post.published_at)
    if match.label is Label.REFLECTS:
        return match
    pictured = [place for picture in post.media for place in index.by_picture.get(picture, ())]
    if pictured:
        return _by_picture(words, pictured, index)
    if match.label is Label.ORIGINAL and (_is_wordless(words) or any(host_of(link) in index.hosts for link in links)):
        # Nothing to compare by, or a page of the website that is not among what was captured.
        method = Method.NOTHING if _is_wordless(words) else Method.LINK
        return Match(label=Label.UNDETERMINED, method=method, score=match.score)
    return match


def _candidates(words: Sequence[str], index: ArticleIndex) -> list[int]:
    known = sorted((word for word in set(words) if word in index.by_word), key=lambda word: len(index.by_word[word]))
    scores: Counter[int] = Counter()
    for word in known[:RAREST]:
        weight = index.weights[word]
        for place in index.by_word[word]:
            scores[place] += weight  # type: ignore[assignment]
    return nlargest(CANDIDATES, scores, key=lambda place: scores[place])


def _share(words: frozenset[str], entry: _Entry, index: ArticleIndex) -> float:
    total = shared = 0.0
    for word in words:
        weight = index.weights.get(word, index.unseen)
        total += weight
        if word in entry.words:
            shared += weight
    return shared / total if total else 0.0


def _by_text(words: Sequence[str], places: Sequence[int], index: ArticleIndex, at: datetime | None) -> Match:
    said = frozenset(words)
    best: tuple[float, float, int] | None = None
    for place in places:
        entry = index.entries[place]
        if sum(map(tells_apart, said & entry.words)) >= LEAST_WORDS:
            rank = (_share(said, entry, index), -_apart(entry.item.published_at, at), place)
            best = rank if best is None else max(best, rank)
    if best is None:
        return Match(label=Label.ORIGINAL, method=Method.NOTHING)
    entry = index.entries[best[2]]
    return Match(label=_label(words, entry, best[0]), method=Method.TEXT, score=round(best[0], 3), article=entry.item)


def _label(words: Sequence[str], entry: _Entry, share: float) -> Label:
    said, pairs = frozenset(words), frozenset(pairwise(words))
    alike = token_set_ratio(" ".join(words), entry.joined) / 100
    in_place = len(pairs.intersection(pairwise(entry.joined.split()))) / len(pairs) if pairs else 0.0
    if share >= REFLECTS_SHARE and in_place >= REFLECTS_PAIRS and alike >= REFLECTS_ALIKE:
        # A number that the article does not have is another fact, however alike the rest.
        return Label.MIXED if _strays(said, entry) else Label.REFLECTS
    if len(said & entry.words) / len(entry.words) >= MIXED_HELD:
        return Label.MIXED
    is_other = share < ORIGINAL_SHARE and alike < REFLECTS_ALIKE
    return Label.ORIGINAL if is_other else Label.UNDETERMINED


def _strays(said: frozenset[str], entry: _Entry) -> bool:
    return any(has_digit(word) for word in said - entry.words)


def _apart(one: datetime | None, other: datetime | None) -> float:
    return abs((one - other).total_seconds()) if one is not None and other is not None else float("inf")


def _by_link(words: Sequence[str], places: Sequence[int], index: ArticleIndex) -> Match:
    said = frozenset(words)
    score, place = max((_share(said, index.entries[place], index), place) for place in places)
    entry = index.entries[place]
    whole = _is_wordless(words) or (score >= LINKED_SHARE and not _strays(said, entry))
    label = Label.REFLECTS if whole else Label.MIXED
    return Match(label=label, method=Method.LINK, score=round(score, 3), article=entry.item)


def _by_picture(words: Sequence[str], places: Sequence[int], index: ArticleIndex) -> Match:
    said = frozenset(words)
    score, place = max((_share(said, index.entries[place], index), place) for place in places)
    # The picture is from the website; the words beside it are not, or it would have been found by them.
    label = Label.REFLECTS if _is_wordless(words) else Label.MIXED
    return Match(label=label, method=Method.PICTURE, score=round(score, 3), article=index.entries[place].item)


def _is_wordless(words: Sequence[str]) -> bool:
    return sum(map(tells_apart, frozenset(words))) < LEAST_WORDS
