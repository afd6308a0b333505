from __future__ import annotations

import codecs
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.records.agency import Platform
from muniment.records.page import Purpose
from muniment.records.rows import PageFault, ParsedPage, SubscriberRow
from muniment.records.series import SUBSCRIBER_LISTS
from tests.unit.parsing.pages import account_of, page_of, parse

COLUMNS = {"address": "Email Address", "display_name": "Name", "status": "Status", "subscribed_at": "Subscribed"}
HEADER = "Email Address,Name,Status,Subscribed\n"
ANA = "ana@people.example,Ana Ruiz,active,2026-11-01T08:00:00-08:00\n"
BEN = "ben@people.example,Ben Ólafs,unsubscribed,\n"


def read(body: bytes | str, *, columns: dict[str, str] = COLUMNS, encoding: str | None = None) -> ParsedPage:
    account = account_of(Platform.NEWSLETTER, csv_columns=columns, csv_encoding=encoding)
    page = page_of(
        body.encode() if isinstance(body, str) else body, Purpose.SUBSCRIBERS, headers={"Content-Type": "text/csv"}
    )
    return parse(page, Platform.NEWSLETTER, SUBSCRIBER_LISTS, account=account)


def rows(parsed: ParsedPage) -> list[SubscriberRow]:
    return [row for row in parsed.rows if isinstance(row, SubscriberRow)]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "expected a line of headers, found an empty file"),
        ("\n\n", "expected a line of headers, found an empty file"),
        (ANA + BEN, "expected a header 'Email Address' for address, found none"),
        ("Email Address,Name,Status\n", "expected a header 'Subscribed' for subscribed_at, found none"),
        (
            "Email Address,Name,email  address,Status,Subscribed\n" + "a@b.example,A,b@b.example,x,\n",
            "expected one header for address, found 2: 'Email Address', 'email  address'",
        ),
        (HEADER + ANA + "x\0y,,,\n", "line 3: expected text, found a NUL byte"),
        ((HEADER + BEN).encode("cp1252"), "expected utf-8 text, found byte 60 is not"),
        ((HEADER + ANA).encode("utf-16-le"), "line 1: expected text, found a NUL byte"),
        (codecs.BOM_UTF16_LE + HEADER.encode("utf-16-le")[:-1], "expected utf-16-le text, found byte"),
        (b"<!DOCTYPE html><html>Sign in", "expected a header 'Email Address' for address, found none"),
    ],
)
def test_a_file_that_is_no_such_list_is_one_fault_without_rows_or_people(body: bytes | str, message: str) -> None:
    parsed = read(body)

    [fault] = parsed.faults
    assert (fault.code, parsed.rows) == ("G001", [])
    assert message in fault.detail
    assert "example" not in fault.detail


def test_each_broken_row_is_set_aside_and_named_by_its_line_alone() -> None:
    body = (
        HEADER
        + ANA
        + "cyn@people.example,Cyn\n"
        + BEN
        + "dee@people.example,Dee,active,,surplus\n"
        + '"eve"x@people.example,,,\n'
        + ANA
    )

    parsed = read(body)

    assert [row.address for row in rows(parsed)] == ["ana@people.example", "ben@people.example", "ana@people.example"]
    assert parsed.faults == [
        PageFault(7, "S003", "subscriber list, line 3: expected 4 cells, found 2"),
        PageFault(7, "S003", "subscriber list, line 5: expected 4 cells, found 5"),
        PageFault(7, "S003", "subscriber list, line 6: expected quotes that close within a cell, found others"),
    ]


def test_a_quote_that_never_closes_is_a_fault_where_it_opens() -> None:
    parsed = read(HEADER + ANA + '"ben@people.example,Ben,active,\n' + ANA)

    assert len(parsed.rows) == 1
    assert [fault.detail for fault in parsed.faults] == [
        "subscriber list, line 3: expected quotes that close within a cell, found others"
    ]


def test_a_row_says_what_its_cells_say() -> None:
    [ana, ben] = rows(read(HEADER + ANA + BEN))

    assert ana._replace(raw=b"") == SubscriberRow(
        subscriber_id="ana@people.example",
        handle=None,
        display_name="Ana Ruiz",
        address="ana@people.example",
        status="active",
        list_name=None,
        subscribed_at=datetime(2026, 11, 1, 16, tzinfo=UTC),
        subscribed_text="2026-11-01T08:00:00-08:00",
        page=7,
        raw=b"",
    )
    assert (ben.status, ben.subscribed_at, ben.subscribed_text) == ("unsubscribed", None, None)
    assert json.loads(ana.raw) == {
        "Email Address": "ana@people.example",
        "Name": "Ana Ruiz",
        "Status": "active",
        "Subscribed": "2026-11-01T08:00:00-08:00",
    }


@pytest.mark.parametrize(
    ("prefix", "encoding", "configured"),
    [
        (b"", "utf-8", None),
        (codecs.BOM_UTF8, "utf-8", None),
        (codecs.BOM_UTF8, "utf-8", "cp1252"),
        (codecs.BOM_UTF16_LE, "utf-16-le", None),
        (codecs.BOM_UTF16_BE, "utf-16-be", None),
        (codecs.BOM_UTF32_LE, "utf-32-le", None),
        (b"", "cp1252", "cp1252"),
        (b"", "latin-1", "iso-8859-1"),
    ],
)
def test_a_list_is_read_in_the_encoding_of_its_mark_or_of_the_register(
    prefix: bytes, encoding: str, configured: str | None
) -> None:
    parsed = read(prefix + (HEADER + BEN).encode(encoding), encoding=configured)

    assert [row.display_name for row in rows(parsed)] == ["Ben Ólafs"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_delimiter_is_the_one_that_parts_the_headers(delimiter: str, end: str) -> None:
    lines = [delimiter.join(line.split(",")) for line in (HEADER + ANA + BEN).splitlines()]

    parsed = read(end.join(lines) + end)

    assert [row.address for row in rows(parsed)] == ["ana@people.example", "ben@people.example"]


def test_the_same_person_twice_is_two_rows() -> None:
    assert len(read(HEADER + ANA + ANA).rows) == 2


def test_an_id_of_the_services_own_is_kept_and_an_address_serves_without_one() -> None:
    columns = {"subscriber_id": "ID", "address": "Mail"}

    parsed = read("ID,Mail\n77,Ana@People.example\n,Ben@People.example\n,\n x ,\n", columns=columns)

    assert [(row.subscriber_id, row.address) for row in rows(parsed)] == [
        ("77", "Ana@People.example"),
        ("ben@people.example", "Ben@People.example"),
        ("x", None),
    ]


@pytest.mark.parametrize("text", ["11/12/2026", "2026-11-01", "2026-11-01 08:00:00", "Nov 1, 2026", "1793520000"])
def test_a_date_that_could_mean_two_things_stays_text(text: str) -> None:
    [row] = rows(read(f'{HEADER}a@people.example,A,active,"{text}"\n'))

    assert (row.subscribed_at, row.subscribed_text) == (None, text)


def test_two_headers_alike_that_nobody_asked_for_are_both_in_the_raw_row() -> None:
    [row] = rows(read("Email Address,Tag,Tag\na@people.example,x,y\n", columns={"address": "Email Address"}))

    assert json.loads(row.raw) == {"Email Address": "a@people.example", "Tag": "x", "Tag (2)": "y"}


def test_line_ends_and_delimiters_within_quotes_are_part_of_the_cell() -> None:
    [row] = rows(
        read(
            'Email Address,Name\na@people.example,"Ruiz,\nAna ""A"""\n',
            columns={"address": "Email Address", "display_name": "Name"},
        )
    )

    assert row.display_name == 'Ruiz,\nAna "A"'


@given(st.binary(max_size=300), st.sampled_from([None, "cp1252", "utf-7", "no-such"]))
def test_no_bytes_make_the_list_reader_raise(body: bytes, encoding: str | None) -> None:
    for text in (body, HEADER.encode() + body):
        read(text, encoding=encoding)


@given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=12)), max_size=6))
def test_roundtrip_of_any_cells_written_by_rfc_4180(cells: list[tuple[str, str]]) -> None:
    def quoted(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"'

    wanted: list[Any] = [each for each in cells if "\0" not in "".join(each)]
    body = "A,B\r\n" + "".join(f"{quoted(a)},{quoted(b)}\r\n" for a, b in wanted)

    parsed = read(body.encode("utf-8", "surrogatepass"), columns={"subscriber_id": "A"})

    if not parsed.faults:
        assert [tuple(json.loads(row.raw).values()) for row in parsed.rows] == [each for each in wanted if any(each)]
