"""A web page as the blocks that a reader reads: headings, paragraphs, items of lists. Furniture is left out.

Where the page marks its main part, nothing outside of it is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser

from muniment.errors import ParseError
from muniment.parsing.list_marks import list_mark_or_none
from muniment.parsing.page_furniture import UNREAD, Attributes, Furniture, find_furniture

_VOID = frozenset(
    ("br", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "area", "base", "col", "embed")
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset(
    ("p", "div", "li", "tr", "dt", "dd", "blockquote", "pre", "section", "article", "main", "table", "ul", "ol", "dl")
) | frozenset((*_HEADINGS, "body", "html", "figure", "figcaption", "details", "summary", "address", "td", "th"))
_LISTS = frozenset(("ul", "ol"))
_CELLS = frozenset(("td", "th"))
_CLOSES = {"p": _BLOCKS, "li": frozenset(("li",)), "tr": frozenset(("tr",)), "dt": frozenset(("dt", "dd"))}
_BOLD = frozenset(("b", "strong"))
_BOLD_HEADING = 80  # characters: a whole paragraph in bold that is shorter stands for a heading
PSEUDO_LEVEL = 7  # below every heading that HTML has


@dataclass(frozen=True, slots=True)
class Block:
    """One block: its text as written, its heading's level (0: none), how deep in lists, and the list's own mark."""

    text: str
    level: int = 0
    depth: int = 0
    mark: str | None = None


@dataclass(frozen=True, slots=True)
class PageBlocks:
    """What a page says, in its order, and what it links to; and the words that surround it."""

    blocks: tuple[Block, ...]
    links: tuple[str, ...]
    surroundings: tuple[str, ...] = ()


def read_blocks(html: str) -> PageBlocks:
    """Read the words of *html*, its furniture left out.

    Raises:
        ParseError: the standard library's parser refuses it.
    """
    reader = _Reader()
    try:
        reader.feed(html)
        reader.close()
    except (AssertionError, RecursionError):  # html.parser asserts on some broken declarations
        raise ParseError("HTML: expected markup, found a broken declaration") from None
    reader.flush()
    own = _choose_own(reader.found)
    inside = [found for found in own if found.main] or own
    chosen = {id(found) for found in inside}
    return PageBlocks(
        blocks=tuple(found.block for found in inside),
        links=tuple(dict.fromkeys(link for found in inside for link in found.links)),
        surroundings=tuple(found.block.text for found in reader.found if id(found) not in chosen),
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """A block, its links, and where it stood; `form` counts the forms of the page."""

    block: Block
    links: tuple[str, ...]
    main: bool
    furniture: Furniture
    form: int


def _choose_own(found: list[_Found]) -> list[_Found]:
    """Leave the furniture out. A form that has headings holds the page: some servers put one around all of it."""
    form, name = Furniture.FORM, Furniture.NAME
    holding = {each.form for each in found if each.furniture is form and 0 < each.block.level <= 3}
    own = [each for each in found if not each.furniture or (each.furniture is form and each.form in holding)]
    # A page that is named after its furniture has words all the same.
    return own or [each for each in found if each.furniture in {form, name}]


@dataclass(slots=True)
class _Open:
    """An element that is open. `items` counts the items of a list so far."""

    tag: str
    attributes: Attributes
    furniture: Furniture
    enters: bool  # the outermost of its furniture
    form: int
    unread: bool
    main: bool
    items: int = 0


_OUTSIDE = _Open("", {}, furniture=Furniture.NONE, enters=False, form=0, unread=False, main=False)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[_Found] = []
        self._open: list[_Open] = []
        self._text: list[str] = []
        self._links: list[str] = []
        self._plain = False  # whether some of the text is not in bold
        self._mark: str | None = None
        self._forms = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "br":
            self.flush()
        if tag in _VOID:
            return
        self._close_implied(tag)
        around = self._open[-1] if self._open else _OUTSIDE
        is_main = tag == "main" or attributes.get("role") == "main"
        # A form around the main part does not make it furniture.
        anew = is_main and around.furniture < Furniture.PART
        furniture = Furniture.NONE if anew else max(around.furniture, find_furniture(tag, attributes))
        if furniture is not around.furniture or (tag in _BLOCKS and tag not in _CELLS):
            self.flush()
        if tag in _CELLS:
            self._text.append(" ")
        if tag == "li":
            self._mark = self._next_mark(attributes)
        if tag == "a" and attributes.get("href"):
            self._links.append(attributes["href"] or "")
        self._forms += tag == "form"
        self._open.append(
            _Open(
                tag,
                attributes,
                furniture=furniture,
                enters=furniture is not around.furniture,
                form=self._forms if tag == "form" else around.form,
                unread=tag in UNREAD or around.unread,
                main=is_main or around.main,
            )
        )

    def handle_endtag(self, tag: str) -> None:
        if not any(each.tag == tag for each in self._open):
            return
        while self._open:
            last = self._open[-1]
            if last.enters or (last.tag in _BLOCKS and last.tag not in _CELLS):
                self.flush()
            if self._open.pop().tag == tag:
                return

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1].unread:
            return
        if data.strip() and not any(each.tag in _BOLD for each in self._open):
            self._plain = True
        self._text.append(data)

    def flush(self) -> None:
        """End the block in hand."""
        text = " ".join("".join(self._text).split())
        if text:
            depth = sum(each.tag in _LISTS for each in self._open)
            block = Block(text, self._level(text), depth, self._mark)
            around = self._open[-1] if self._open else _OUTSIDE
            self.found.append(_Found(block, tuple(self._links), around.main, around.furniture, around.form))
            self._mark = None
            self._links.clear()
        self._text.clear()
        self._plain = False

    def _level(self, text: str) -> int:
        headed = next((_HEADINGS[each.tag] for each in reversed(self._open) if each.tag in _HEADINGS), 0)
        if headed or self._plain or len(text) > _BOLD_HEADING:
            return headed
        return PSEUDO_LEVEL

    def _close_implied(self, tag: str) -> None:
        # HTML lets these ends be left out: section 13.1.2.4.
        if tag == "li":
            self._close_back_to("li", _LISTS)
        elif self._open and tag in _CLOSES.get(self._open[-1].tag, ()):
            self.handle_endtag(self._open[-1].tag)

    def _close_back_to(self, tag: str, walls: frozenset[str]) -> None:
        for each in reversed(self._open):
            if each.tag == tag:
                self.handle_endtag(tag)
                return
            if each.tag in walls:
                return

    def _next_mark(self, attributes: Attributes) -> str | None:
        holder = next((each for each in reversed(self._open) if each.tag in _LISTS), None)
        if holder is None or holder.tag != "ol":
            return None
        value = attributes.get("value") or ""
        if value.isdecimal():
            holder.items = int(value)
        elif holder.items == 0 and (holder.attributes.get("start") or "").isdecimal():
            holder.items = int(holder.attributes["start"] or "1")
        else:
            holder.items += 1
        style = f"{attributes.get('style') or ''} {holder.attributes.get('style') or ''}"
        return list_mark_or_none(holder.items, attributes.get("type") or holder.attributes.get("type"), style)
