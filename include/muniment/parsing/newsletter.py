"""A subscriber list dropped as CSV, as rows.

RFC 4180, as services really export it: comma, semicolon or tab; UTF-8, UTF-16 by its byte
order mark, or the encoding that the register names. A row that does not fit is set aside and
reported by its line; no cell of it enters a report.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from functools import partial

from muniment.errors import ParseError
from muniment.parsing.context import ParseContext, parse_by_purpose
from muniment.parsing.decoding import decode_body
from muniment.parsing.times import time_or_none
from muniment.records.page import Page, Purpose
from muniment.records.rows import PageFault, ParsedPage, Row, SubscriberRow

DELIMITERS = (",", ";", "\t")
COLUMNS = ("subscriber_id", "handle", "display_name", "address", "status", "list_name", "subscribed_at")

# The longer mark first: UTF-32's little-endian mark begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LINE_END = re.compile(r"\r\n|\r|\n")
_CELL_MAX = 1 << 20  # a quote left open must not read the rest of a list as one cell


def _parse_list(page: Page, context: ParseContext) -> ParsedPage:
    text = _decode(decode_body(page), context.account.csv_encoding)
    delimiter = _delimiter(text, context.account.csv_columns)
    faults: list[PageFault] = []
    lines = _read_lines(text, delimiter, page, faults)
    header = next((cells for _, cells in lines), None)
    if header is None:
        raise ParseError("subscriber list: expected a line of headers, found an empty file")
    places = _places(header, context.account.csv_columns)
    names = _unique(header)
    rows: list[Row] = []
    for line, cells in lines:
        if len(cells) == len(header):
            rows.append(_row(cells, places, names, page.sequence))
        else:
            detail = f"subscriber list, line {line}: expected {len(header)} cells, found {len(cells)}"
            faults.append(PageFault(page.sequence, "S003", detail))
    return ParsedPage(rows, [], frozenset(), faults)


def _decode(body: bytes, configured: str | None) -> str:
    mark, encoding = next(
        ((mark, name) for mark, name in _MARKS if body.startswith(mark)), (b"", configured or "utf-8")
    )
    try:
        text = body[len(mark) :].decode(encoding)
    except LookupError:
        raise ParseError("subscriber list: expected a known encoding in csv_encoding, found another") from None
    except UnicodeDecodeError as error:
        where = f"byte {error.start + len(mark)}"
        raise ParseError(f"subscriber list: expected {encoding} text, found {where} is not") from None
    except UnicodeError:
        raise ParseError(f"subscriber list: expected {encoding} text, found bytes that are not") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise ParseError(f"subscriber list, line {line}: expected text, found a NUL byte")
    return text


def _delimiter(text: str, columns: Mapping[str, str]) -> str:
    first = _LINE_END.split(text.lstrip("\r\n"), maxsplit=1)[0]
    wanted = {_folded(name) for name in columns.values()}

    def headers_read(delimiter: str) -> tuple[int, int]:
        cells = {_folded(cell) for cell in next(csv.reader([first], delimiter=delimiter), [])}
        return len(cells & wanted), len(cells)

    try:
        return max(DELIMITERS, key=headers_read)
    except csv.Error:
        raise ParseError("subscriber list: expected a line of headers, found one that is no CSV") from None


def _read_lines(text: str, delimiter: str, page: Page, faults: list[PageFault]) -> Iterator[tuple[int, list[str]]]:
    """Yield each line that has cells, with the number of its first line; a broken one becomes a fault."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            detail = f"subscriber list, line {line}: expected quotes that close within a cell, found others"
            faults.append(PageFault(page.sequence, "S003", detail))
            continue
        if max(map(len, cells), default=0) > _CELL_MAX:
            detail = (
                f"subscriber list, line {line}: expected cells of at most {_CELL_MAX} characters, found a longer one"
            )
            faults.append(PageFault(page.sequence, "S003", detail))
        elif any(cells):
            yield line, cells


def _places(header: list[str], columns: Mapping[str, str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for column, name in columns.items():
        found = [place for place, cell in enumerate(header) if _folded(cell) == _folded(name)]
        if len(found) > 1:
            spelled = ", ".join(repr(header[place]) for place in found)
            raise ParseError(f"subscriber list: expected one header for {column}, found {len(found)}: {spelled}")
        if not found:
            raise ParseError(f"subscriber list: expected a header {name!r} for {column}, found none")
        places[column] = found[0]
    if not places.keys() & {"subscriber_id", "address"}:
        raise ParseError("subscriber list: expected a header for subscriber_id or address, found neither configured")
    return places


def _row(cells: list[str], places: Mapping[str, int], names: list[str], page: int) -> SubscriberRow:
    value = {column: cells[place].strip() or None for column, place in places.items()}
    address = value.get("address")
    return SubscriberRow(
        subscriber_id=value.get("subscriber_id") or (address or "").lower(),
        handle=value.get("handle"),
        display_name=value.get("display_name"),
        address=address,
        status=value.get("status"),
        list_name=value.get("list_name"),
        subscribed_at=time_or_none(value.get("subscribed_at")),
        subscribed_text=value.get("subscribed_at"),
        page=page,
        raw=json.dumps(dict(zip(names, cells, strict=True)), ensure_ascii=False).encode("utf-8", "replace"),
    )


def _unique(header: list[str]) -> list[str]:
    names: dict[str, None] = {}
    for cell in header:
        name, number = cell, 1
        while name in names:
            number += 1
            name = f"{cell} ({number})"
        names[name] = None
    return list(names)


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


parse_subscriber_lists = partial(parse_by_purpose, readers={Purpose.SUBSCRIBERS: _parse_list})
