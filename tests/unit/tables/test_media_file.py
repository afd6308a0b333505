from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from muniment.errors import ParseError
from muniment.records.page import GapReason, MediaExchange
from muniment.tables.media_file import read_media, write_media
from tests.unit.tables.samples import NOON, write_pages

KEPT = MediaExchange(
    media_id="1",
    url="https://cdn.example/1",
    fetched_at=NOON,
    status=200,
    content_type="image/png",
    sha256="a" * 64,
    size_bytes=10,
    gap_reason=None,
    detail=None,
)
MISSED = MediaExchange(
    media_id="2",
    url="https://cdn.example/2",
    fetched_at=NOON,
    status=None,
    content_type=None,
    sha256=None,
    size_bytes=None,
    gap_reason=GapReason.TOO_LARGE,
    detail="expected at most 5 bytes, found 6",
)


def test_media_come_back_in_order(tmp_path: Path) -> None:
    assert write_media(tmp_path / "media.parquet", iter([KEPT, MISSED])) == 2
    assert list(read_media(tmp_path / "media.parquet")) == [KEPT, MISSED]


def test_no_media_is_a_file_too(tmp_path: Path) -> None:
    assert write_media(tmp_path / "media.parquet", []) == 0
    assert list(read_media(tmp_path / "media.parquet")) == []


def test_a_failure_leaves_no_file(tmp_path: Path) -> None:
    def fetched() -> Iterator[MediaExchange]:
        yield KEPT
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_media(tmp_path / "media.parquet", fetched())
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_pages_is_no_file_of_media(tmp_path: Path) -> None:
    with pytest.raises(ParseError, match="expected Parquet of media/1, found pages/1"):
        list(read_media(write_pages(tmp_path / "pages.parquet")))
