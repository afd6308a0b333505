"""Reading DER, as far as time stamps need it (ITU-T X.690, section 10; strict: one spelling a value)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OID = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06
GENERALIZED_TIME, SEQUENCE, SET = 0x18, 0x30, 0x31

# RFC 3161 section 2.4.2: whole seconds or a fraction without trailing zeros, and always Z.
_TIME = re.compile(r"([0-9]{14})(?:\.([0-9]{0,5}[1-9]))?Z")


class DerError(Exception):
    """Bytes are not the DER that is expected; the message says where."""


@dataclass(frozen=True, slots=True)
class Element:
    """One value: its tag's octet, its contents, and both with their length as they stand."""

    tag: int
    value: bytes
    encoded: bytes


class Fields:
    """What stands in a constructed value, taken one after the other."""

    def __init__(self, value: bytes, where: str) -> None:
        self._value = value
        self._at = 0
        self._where = where

    def take(self, tag: int, what: str) -> Element:
        """Take the next element, which must have *tag*."""
        found = self.take_or_none(tag)
        if found is None:
            raise DerError(f"{self._where}: expected {what}, found {'another value' if self.more else 'no more'}")
        return found

    def take_or_none(self, tag: int) -> Element | None:
        """Take the next element when it has *tag*."""
        if not self.more or self._value[self._at] != tag:
            return None
        return self.take_any()

    def take_any(self) -> Element:
        """Take the next element, whatever it is."""
        element = _element(self._value, self._at, self._where)
        self._at += len(element.encoded)
        return element

    def end(self) -> None:
        """Return when nothing is left."""
        if self.more:
            raise DerError(f"{self._where}: expected no more, found {len(self._value) - self._at} bytes")

    @property
    def more(self) -> bool:
        """Tell whether something is left."""
        return self._at < len(self._value)


def read_whole(data: bytes, tag: int, where: str) -> Fields:
    """Read *data* as exactly one constructed value of *tag*, and return what stands in it."""
    outer = Fields(data, where)
    element = outer.take(tag, f"a value of tag {tag:#04x}")
    outer.end()
    return Fields(element.value, where)


def inside(element: Element, where: str) -> Fields:
    """Return what stands in the constructed value *element*."""
    return Fields(element.value, where)


def read_integer(element: Element) -> int:
    """Read the value of an INTEGER (X.690 section 8.3)."""
    value = element.value
    if not value or (len(value) > 1 and (value[0], value[1] >> 7) in {(0, 0), (0xFF, 1)}):
        raise DerError("integer: expected the shortest spelling, found another")
    return int.from_bytes(value, "big", signed=True)


def read_oid(element: Element) -> str:
    """Read the value of an OBJECT IDENTIFIER, dotted (X.690 section 8.19)."""
    arcs: list[int] = []
    arc, begun = 0, False
    for octet in element.value:
        if not begun and octet == 0x80:
            raise DerError("identifier: expected the shortest spelling, found another")
        arc, begun = arc << 7 | octet & 0x7F, bool(octet & 0x80)
        if not begun:
            arcs.append(arc)
            arc = 0
    if begun or not arcs:
        raise DerError("identifier: expected whole arcs, found a part")
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))


def read_time(element: Element) -> datetime:
    """Read a GeneralizedTime as RFC 3161 section 2.4.2 has it, to the microsecond; aware UTC."""
    match = _TIME.fullmatch(element.value.decode("ascii", "replace"))
    if match is None:
        raise DerError("time: expected YYYYMMDDhhmmss[.s...]Z, found another spelling")
    try:
        whole = datetime.strptime(match[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        raise DerError("time: expected a time that exists, found one that does not") from None
    return whole + timedelta(microseconds=int((match[2] or "0").ljust(6, "0")))


def _element(data: bytes, at: int, where: str) -> Element:
    begin = at
    if len(data) - at < 2:
        raise DerError(f"{where}: expected a value, found the end")
    tag, length, at = data[at], data[at + 1], at + 2
    if tag & 0x1F == 0x1F:
        raise DerError(f"{where}: expected a tag of one octet, found a longer one")
    if length >= 0x80:
        octets = length & 0x7F
        spelled = data[at : at + octets]
        length, at = int.from_bytes(spelled, "big"), at + octets
        if not 1 <= octets <= 4 or len(spelled) < octets or spelled[0] == 0 or length < 0x80:
            raise DerError(f"{where}: expected a length in its shortest spelling, found another")
    if at + length > len(data):
        raise DerError(f"{where}: expected {length} bytes, found {len(data) - at}")
    return Element(tag, data[at : at + length], data[begin : at + length])
