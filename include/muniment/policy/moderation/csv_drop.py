"""A CSV file as records with their lines. Nothing of it is dropped: what cannot be read is handed back as it stood."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from muniment.errors import ModerationError

REFUSED_LINE, REFUSED_BECAUSE = "refused_line", "refused_because"
_MOST_BYTES = 20_000_000
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record: the line it begins on (from 1), its cells as they stood, and what is wrong with its form."""

    line: int
    cells: tuple[str, ...]
    values: Mapping[str, str]  # by column of ours, blanks left out
    fault: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """A file: its header as it stood, its records, and the columns that nobody reads."""

    header: tuple[str, ...]
    records: tuple[Record, ...]
    unread: tuple[str, ...]


def read_drop(
    name: str, body: bytes, *, columns: tuple[str, ...], headers: Mapping[str, str], encoding: str | None
) -> Drop:
    """Read the file *name*; *headers* maps a column of ours to the file's own word for it.

    A byte order mark names the encoding; else it is *encoding*, or UTF-8.

    Raises:
        ModerationError: it is too large, not of its encoding, or its header lacks every column, or has one twice.
    """
    text = _decode(name, body, encoding)
    records = _records(text)
    _, header, broken = next((one for one in records if any(map(str.strip, one[1]))), (1, [], "nothing"))
    if broken is not None:
        raise ModerationError(name, [f"header: expected the names of columns, found {broken}"])
    names = [cell.strip() for cell in header]
    places = _places(name, names, columns, headers)
    unread = [cell for index, cell in enumerate(names) if index not in places.values() and cell not in _OURS]
    filled = (one for one in records if any(map(str.strip, one[1])))
    found = tuple(_record(line, cells, fault, places, len(names)) for line, cells, fault in filled)
    return Drop(header=tuple(header), records=found, unread=tuple(unread))


def write_refused(header: tuple[str, ...], refused: Mapping[int, tuple[tuple[str, ...], str]]) -> bytes:
    """Return the refused records as CSV, by line: the line and the reason first, then the cells as they stood.

    The file can be mended and imported again: the two columns before the header's own are not read.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    skipped = sum(cell.strip() in _OURS for cell in header)
    writer.writerow([REFUSED_LINE, REFUSED_BECAUSE, *header[skipped:]])
    for line, (cells, reason) in sorted(refused.items()):
        writer.writerow([line, reason, *cells[skipped:]])
    return out.getvalue().encode("utf-8-sig")


_OURS = frozenset({REFUSED_LINE, REFUSED_BECAUSE})


def _decode(name: str, body: bytes, encoding: str | None) -> str:
    if len(body) > _MOST_BYTES:
        raise ModerationError(name, [f"expected at most {_MOST_BYTES} bytes, found {len(body)}"])
    marked = next((known for bom, known in _BOMS if body.startswith(bom)), None)
    chosen = marked or encoding or "utf-8"
    try:
        return body.decode(chosen)
    except LookupError:
        raise ModerationError(name, [f"encoding: expected the name of one, found {chosen!r}"]) from None
    except UnicodeError as error:
        before = body[: getattr(error, "start", 0)]
        line = before.count(b"\n") + 1
        raise ModerationError(
            name, [f"line {line}: expected {chosen}, found other bytes; --encoding names it"]
        ) from None


def _records(text: str) -> Iterator[tuple[int, list[str], str | None]]:
    taken: list[str] = []

    def lines() -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            taken.append(line)
            yield line

    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(lines(), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        taken.clear()
        try:
            yield line, next(reader), None
        except StopIteration:
            return
        except csv.Error as error:
            yield line, ["".join(taken)], f"expected a record of CSV, found a fault: {error}"


def _places(name: str, names: list[str], columns: tuple[str, ...], headers: Mapping[str, str]) -> dict[str, int]:
    folded = [cell.casefold() for cell in names]
    places, faults = dict[str, int](), list[str]()
    for column in columns:
        wanted = headers.get(column, column).strip().casefold()
        if folded.count(wanted) > 1:
            faults.append(f"header: expected {wanted!r} once, found it again")
        elif wanted in folded:
            places[column] = folded.index(wanted)
        elif column in headers:
            faults.append(f"header: expected {headers[column]!r} for {column}, found none")
    if not places and not faults:
        faults.append(f"header: expected some of {', '.join(columns)}; found none of them")
    if faults:
        raise ModerationError(name, faults)
    return places


def _record(line: int, cells: list[str], fault: str | None, places: Mapping[str, int], width: int) -> Record:
    if fault is None and len(cells) != width:
        fault = f"expected {width} cells, found {len(cells)}"
    values = {} if fault else {column: cells[index].strip() for column, index in places.items() if cells[index].strip()}
    return Record(line=line, cells=tuple(cells), values=values, fault=fault)
