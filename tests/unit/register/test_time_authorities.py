"""Which time authorities an agency's file may name, and what each fault in the list is told as."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from muniment.records.agency import TimeAuthority
from muniment.register.load import find_faults, load_agency

Write = Callable[..., Path]
VECTORS = Path(__file__).parents[2] / "vectors" / "time-stamps"
ANCHOR = "notices:\n"
LOCAL = "time_authorities:\n  - name: local\n    local: true\n    required: true\n"
PUBLIC = """\
time_authorities:
  - name: example
    url: http://time.example/rfc3161
    roots: [example-root.pem]
    required: false
"""


def told(folder: Path) -> list[tuple[str, int, str, str]]:
    return [(fault.where, fault.line, fault.expected, fault.found) for fault in find_faults(folder)]


def write_public(write: Write, *changes: tuple[str, str], body: bytes | None = None) -> Path:
    text = PUBLIC
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    folder = write((ANCHOR, text + ANCHOR))
    root = (VECTORS / "digicert-2018.root.pem").read_bytes() if body is None else body
    (folder / "example-root.pem").write_bytes(root)
    return folder


def test_a_public_and_a_local_authority_are_read(write: Write) -> None:
    folder = write_public(
        write, ("    required: false\n", "    required: false\n  - name: own\n    local: true\n    required: true\n")
    )
    assert load_agency(folder, simulator=None).time_authorities == (
        TimeAuthority(name="example", url="http://time.example/rfc3161", roots=("example-root.pem",), required=False),
        TimeAuthority(name="own", local=True, required=True),
    )


def test_an_agency_may_name_none(write: Write) -> None:
    assert load_agency(write(), simulator=None).time_authorities == ()


@pytest.mark.parametrize(
    "url",
    [
        "ftp://time.example/",
        "http://user:secret@time.example/",
        "time.example",
        "http:///x",
        "http://time.example:x/",
        "http://t.example/#x",
    ],
)
def test_an_address_that_is_none_is_told_without_its_text(write: Write, url: str) -> None:
    ((where, line, expected, found),) = told(write_public(write, ("http://time.example/rfc3161", f'"{url}"')))
    assert (where, line) == ("time_authorities[#1].url", 14)
    assert expected.startswith("an http or https address")
    assert found == "other text"


def test_an_authority_without_an_address_is_told(write: Write) -> None:
    assert told(write_public(write, ("    url: http://time.example/rfc3161\n", ""))) == [
        ("time_authorities[#1].url", 13, "the address of the authority, or local: true", "nothing")
    ]


def test_an_authority_without_roots_is_told(write: Write) -> None:
    ((where, line, _, found),) = told(write_public(write, ("[example-root.pem]", "[]")))
    assert (where, line, found) == ("time_authorities[#1].roots", 15, "none")


@pytest.mark.parametrize("name", ["missing.pem", "../accounts.yaml", "/etc/hostname", "example-root.key"])
def test_a_file_that_is_not_in_the_folder_is_told(write: Write, name: str) -> None:
    ((where, line, _, found),) = told(write_public(write, ("example-root.pem", name)))
    assert (where, line, found) == ("time_authorities[#1].roots[#1]", 15, repr(name))


@pytest.mark.parametrize(
    "body", [b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_a_file_without_certificates_is_told(write: Write, body: bytes) -> None:
    assert told(write_public(write, body=body)) == [
        ("time_authorities[#1].roots", 15, "X.509 certificates in PEM", "other bytes")
    ]


def test_a_local_authority_with_an_address_is_told(write: Write) -> None:
    ((where, line, _, found),) = told(write((ANCHOR, LOCAL + "    url: http://127.0.0.1/\n" + ANCHOR)))
    assert (where, line, found) == ("time_authorities[#1].url", 16, "a value")


def test_a_second_local_authority_and_a_repeated_name_are_told(write: Write) -> None:
    again = LOCAL.partition("\n")[2]
    faults = told(write((ANCHOR, LOCAL + again + ANCHOR)))
    assert [(where, line) for where, line, *_ in faults] == [
        ("time_authorities[#2].name", 16),
        ("time_authorities[#2].local", 17),
    ]


@pytest.mark.parametrize(("days", "sound"), [("0", False), ("1", True), ("3650", True), ("3651", False)])
def test_the_time_before_renewal_has_bounds(write: Write, days: str, sound: bool) -> None:
    folder = write((ANCHOR, LOCAL + f"    renew_days_before: {days}\n" + ANCHOR))
    assert (told(folder) == []) is sound


def test_a_name_that_is_no_identifier_is_told(write: Write) -> None:
    ((where, *_),) = told(write((ANCHOR, LOCAL.replace("name: local", "name: Our Clock") + ANCHOR)))
    assert where == "time_authorities[#1].name"
