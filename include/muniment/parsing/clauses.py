"""A page's blocks as clauses: each with the label that a reader cites it by, and its words, normalised.

Labels are made of what the page numbers and heads: ``A.1``, ``C.7 vii``, ``2-17-552(2)(a)``,
``Criteria 1``, ``Public Disclosure``. What stands before the first of them is the preamble. Two
pages that differ in layout, typography or furniture alone give the same clauses.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from muniment.parsing.list_marks import Mark, MarkKind, follows, read_mark_or_none
from muniment.parsing.page_blocks import PSEUDO_LEVEL, Block

PREAMBLE = "Preamble"

_SPELLINGS = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»″", '"'),
        **dict.fromkeys("‘’‚‛‹›′`", "'"),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", None),
    }
)
_BULLET = re.compile(r"^(?:[•·◦▪‣●○■*-]\s+)+")
_PAGE_NUMBER = re.compile(r"(?:page\s+|-\s*)?\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?(?:\s*-)?", re.IGNORECASE)
_LABEL_LENGTH = 120  # of a heading that serves as a label
_HEADING_LENGTH, _HEADING_WORDS = 80, 10  # of a line that stands alone in plain text and is taken for a heading
_RANKS = {MarkKind.WHOLE: 0, MarkKind.UPPER: 0, MarkKind.NUMBER: 1}


class PageClause(NamedTuple):
    """One clause: its label, unique in its page, and its words."""

    label: str
    text: str


def normalise(text: str) -> str:
    """Return *text* in one spelling: spaces, quotation marks, dashes and what cannot be seen."""
    return " ".join(unicodedata.normalize("NFKC", text.translate(_SPELLINGS)).translate(_SPELLINGS).split())


def read_clauses(blocks: Iterable[Block]) -> tuple[PageClause, ...]:
    """Read *blocks* as clauses, in the page's order; each has words."""
    blocks = [block for block in blocks if not _PAGE_NUMBER.fullmatch(normalise(block.text))]
    outline, title = _Outline(), _find_title(blocks)
    for number, block in enumerate(blocks):
        if number == title:
            outline.open_title()
        else:
            outline.add(block)
    return outline.clauses()


def split_plain(text: str) -> tuple[Block, ...]:
    """Cut plain *text* into blocks: at empty lines, at marks that continue a numbering, at lines that are headings."""
    found: list[Block] = []
    last: dict[MarkKind, str] = {}
    for paragraph in re.split(r"\n[ \t\f]*\n", text.replace("\r\n", "\n").replace("\f", "\n\n")):
        lines = [_bare(line) for line in paragraph.split("\n") if line.strip()]
        if len(lines) == 1 and _is_heading(lines[0]):
            found.append(Block(lines[0].removesuffix(":"), PSEUDO_LEVEL))
            _note_mark(lines[0], last)
        else:
            found.extend(Block(text) for text in _cut(lines, last))
    return tuple(found)


def _cut(lines: Sequence[str], last: dict[MarkKind, str]) -> Iterator[str]:
    held: list[str] = []
    for line in lines:
        mark = read_mark_or_none(line, _previous(last))
        # In the middle of a paragraph a line may begin with a number by chance.
        if held and mark is not None and follows(mark, last.get(mark.kind)):
            yield " ".join(held)
            held.clear()
        if not held:
            _note_mark(line, last)
        held.append(line)
    if held:
        yield " ".join(held)


def _note_mark(line: str, last: dict[MarkKind, str]) -> None:
    mark = read_mark_or_none(line, _previous(last))
    if mark is not None:
        rank = _RANKS.get(mark.kind, 2)
        for kind in [kind for kind in last if _RANKS.get(kind, 2) > rank]:
            del last[kind]
        last[mark.kind] = mark.value


def _previous(last: dict[MarkKind, str]) -> Mark | None:
    return Mark(MarkKind.LOWER, last[MarkKind.LOWER], "") if MarkKind.LOWER in last else None


def _is_heading(line: str) -> bool:
    mark = read_mark_or_none(line)
    words = (line if mark is None else mark.rest).removesuffix(":")
    short = len(line) <= _HEADING_LENGTH and 0 < len(words.split()) <= _HEADING_WORDS
    return short and words[:1].isupper() and words[-1:].isalnum() and "@" not in words


def _bare(text: str) -> str:
    return _BULLET.sub("", normalise(text))


def _find_title(blocks: Sequence[Block]) -> int | None:
    """Return which block is the page's title: the one heading above all others."""
    levels = [(block.level, number) for number, block in enumerate(blocks) if 0 < block.level < PSEUDO_LEVEL]
    if not levels:
        return None
    highest = min(level for level, _ in levels)
    first_level, first = levels[0]
    alone = first_level == highest and [level for level, _ in levels].count(highest) == 1
    return first if alone and read_mark_or_none(_bare(blocks[first].text)) is None else None


@dataclass(slots=True)
class _Entry:
    """A heading or item that is open; `kind` None is a heading without a mark."""

    kind: MarkKind | None
    value: str
    label: str
    level: int
    depth: int


@dataclass(slots=True)
class _Outline:
    """The headings and items that are open, and the words of each clause so far."""

    _open: list[_Entry] = field(default_factory=list)
    _texts: dict[str, list[str]] = field(default_factory=lambda: {PREAMBLE: []})

    def clauses(self) -> tuple[PageClause, ...]:
        return tuple(PageClause(label, " ".join(texts)) for label, texts in self._texts.items() if texts)

    def open_title(self) -> None:
        self._open.clear()

    def add(self, block: Block) -> None:
        text = _bare(block.text)
        mark = read_mark_or_none(text, self._previous())
        if mark is None and block.mark is not None:
            mark = read_mark_or_none(f"{block.mark} {text}", self._previous())
        if mark is not None:
            self._open_marked(mark, block)
            text = mark.rest
        elif block.level:
            self._open_heading(text.removesuffix(":").strip(), block)
            return
        else:
            while self._open and self._open[-1].depth > block.depth:
                self._open.pop()
        if text:
            self._texts[self._open[-1].label if self._open else PREAMBLE].append(text)

    def _open_heading(self, text: str, block: Block) -> None:
        while self._open and (self._open[-1].level == 0 or self._open[-1].level >= block.level):
            self._open.pop()
        above = self._open[-1] if self._open else None
        label = text[:_LABEL_LENGTH] if above is None or above.kind is None else f"{above.label} {text}"[:_LABEL_LENGTH]
        self._push(_Entry(None, text, label, block.level, block.depth))

    def _open_marked(self, mark: Mark, block: Block) -> None:
        sibling = self._find_sibling(mark, block)
        if sibling is not None:
            del self._open[sibling:]
        else:
            self._close_below(mark, block)
        above = self._open[-1] if self._open else None
        label = mark.value if above is None or mark.kind is MarkKind.WHOLE else _join(above, mark)
        self._push(_Entry(mark.kind, mark.value, label, block.level, block.depth))

    def _find_sibling(self, mark: Mark, block: Block) -> int | None:
        same = [number for number, entry in enumerate(self._open) if entry.kind is mark.kind]
        level = next((number for number in reversed(same) if self._open[number].depth == block.depth), None)
        if level is not None or not same:
            return level
        begins_within = block.depth > self._open[same[-1]].depth and follows(mark, None)
        return None if begins_within else same[-1]

    def _close_below(self, mark: Mark, block: Block) -> None:
        """Close what cannot hold *mark*: deeper lists, lower ranks, and for a section the headings without a mark."""
        rank = _RANKS.get(mark.kind, 2)
        section = bool(block.level) or mark.kind is MarkKind.UPPER
        while self._open:
            last = self._open[-1]
            lower = last.kind is not None and _RANKS.get(last.kind, 2) > rank
            if not (lower or last.depth > block.depth or (section and last.kind is None)):
                return
            self._open.pop()

    def _push(self, entry: _Entry) -> None:
        wanted, times = entry.label, 1
        while entry.label in self._texts:
            times += 1
            entry.label = f"{wanted} ({times})"
        self._texts[entry.label] = []
        self._open.append(entry)

    def _previous(self) -> Mark | None:
        letters = (MarkKind.LOWER, MarkKind.IN_LOWER)
        last = next((entry for entry in reversed(self._open) if entry.kind in letters), None)
        return None if last is None or last.kind is None else Mark(last.kind, last.value, "")


def _join(above: _Entry, mark: Mark) -> str:
    if mark.kind in {MarkKind.IN_NUMBER, MarkKind.IN_LOWER}:
        return f"{above.label}({mark.value})"
    if mark.kind is MarkKind.NUMBER and above.kind is not None:
        return f"{above.label}.{mark.value}"
    return f"{above.label} {mark.value}"
