import os
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.capture.newsletter import RESERVED_DOMAINS, capture_subscribers
from muniment.errors import (
    CaptureError,
    NotFoundError,
    PageTooLargeError,
    PlatformUnavailableError,
    SubscriberListRefusedError,
)
from muniment.records.agency import Platform
from muniment.records.page import Page
from tests.unit.capture.doubles import account

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LIST = b"email,name\r\nann@mail.example,Ann\r\n"


def captured(folder: Path, *, invented: bool = True, limit: int = 1000, encoding: str | None = None) -> list[Page]:
    site = account(Platform.NEWSLETTER, csv_encoding=encoding)
    return list(capture_subscribers(site, folder, clock=lambda: NOW, limit_bytes=limit, invented_people=invented))


def dropped(folder: Path, body: bytes = LIST, name: str = "list.csv") -> Path:
    (folder / name).write_bytes(body)
    return folder


def test_real_people_are_refused_before_the_file_is_opened(tmp_path: Path) -> None:
    with pytest.raises(SubscriberListRefusedError, match="expected privacy rules or invented people, found neither"):
        captured(tmp_path / "not there", invented=False)


@pytest.mark.parametrize(
    "address",
    [
        "ann@city.gov",
        "ann@example.gov",
        "ann@notexample.com",
        "ann@example.com.gov",
        "ann@mail.example.evil",
        "ann@",
        "ann@[10.0.0.1]",
        '"a@b"@mail.example',
        "ann\uff20city.gov",
        "ann@city\uff0egov",
    ],
)
def test_one_address_at_a_domain_that_somebody_can_own_refuses_the_whole_list(tmp_path: Path, address: str) -> None:
    body = LIST + f"{address},Ann\r\n".encode()

    with pytest.raises(SubscriberListRefusedError, match="expected addresses at reserved domains only") as caught:
        captured(dropped(tmp_path, body))

    assert "ann" not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (b"email\r\nj\xe9r\xf4me@mail.example\r\n", None),
        (b"\xff\xfee\x00m", "utf-8"),
        ("email\nann@city.gov\n".encode("utf-16-le"), None),
        (LIST, "no-such-encoding"),
    ],
)
def test_a_file_that_cannot_be_read_as_text_is_refused(tmp_path: Path, body: bytes, encoding: str | None) -> None:
    with pytest.raises(SubscriberListRefusedError):
        captured(dropped(tmp_path, body), encoding=encoding)


def test_an_empty_folder_is_an_error_never_an_empty_list(tmp_path: Path) -> None:
    dropped(tmp_path, name="notes.txt")

    with pytest.raises(NotFoundError, match="expected a CSV file in its drop folder, found none"):
        captured(tmp_path)


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CaptureError):
        captured(tmp_path / "not there")


def test_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PageTooLargeError, match=f"expected at most 10 bytes, found {len(LIST)}"):
        captured(dropped(tmp_path), limit=10)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    outside = dropped(tmp_path) / "list.csv"
    folder = tmp_path / "drop"
    folder.mkdir()
    (folder / "list.csv").symlink_to(outside)

    with pytest.raises(NotFoundError):
        captured(folder)


def test_a_file_that_changes_while_it_is_read_is_not_taken(tmp_path: Path) -> None:
    path = dropped(tmp_path) / "list.csv"

    class Growing(type(path)):
        def open(self, mode: str = "r", *args: object, **options: object) -> IO[bytes]:
            with path.open("ab") as file:
                file.write(b"bob@mail.example,Bob\r\n")
            return super().open(mode, *args, **options)

    with pytest.raises(PlatformUnavailableError, match="expected a finished file, it was changing"):
        captured(Growing(tmp_path))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_tells_the_encoding(tmp_path: Path, encoding: str) -> None:
    body = LIST.decode().encode(encoding)

    assert captured(dropped(tmp_path, body))[0].body == body


def test_the_encoding_of_the_register_is_used(tmp_path: Path) -> None:
    body = "email,name\r\nann@mail.example,Zoë\r\n".encode("cp1252")

    assert captured(dropped(tmp_path, body), encoding="cp1252")[0].body == body


@pytest.mark.parametrize(
    "row",
    [b"not an address,Ann\r\n", b"a,b,c,d,e\r\n", b'"open,\r\n', b"\x00,Ann\r\n"],
    ids=["word", "wide", "open", "nul"],
)
def test_a_malformed_row_is_kept_as_it_is_for_the_checks_that_follow(tmp_path: Path, row: bytes) -> None:
    assert captured(dropped(tmp_path, LIST + row))[0].body == LIST + row


def test_the_newest_file_is_taken(tmp_path: Path) -> None:
    dropped(tmp_path, LIST, "a.csv")
    dropped(tmp_path, LIST + LIST, "b.CSV")
    os.utime(tmp_path / "a.csv", (2_000_000_000, 2_000_000_000))

    (page,) = captured(tmp_path)

    assert (page.body, page.url, page.method) == (LIST, "drop:newsletter-city/a.csv", "READ")
    assert page.header("last-modified") == "Wed, 18 May 2033 03:33:20 GMT"


@given(st.sampled_from(RESERVED_DOMAINS), st.from_regex(r"[a-z]{1,8}", fullmatch=True))
def test_every_reserved_domain_and_every_name_below_it_is_taken(
    tmp_path_factory: pytest.TempPathFactory, domain: str, name: str
) -> None:
    folder = tmp_path_factory.mktemp("drop")
    body = f"email\r\nann@{domain}\r\nANN@{name}.{domain.upper()}\r\n<ann@{domain}>;ann@{domain}.\r\n".encode()

    assert captured(dropped(folder, body))[0].body == body
