from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.errors import ParseError
from muniment.tables.page_shares import list_holders, split_pages
from muniment.tables.parquet_parts import JoinedFile
from tests.unit.tables.samples import gap, page, write_pages

SIZES = st.lists(st.integers(1, 50), min_size=1, max_size=12)


def write_groups(folder: Path, sizes: list[int]) -> Path:
    with JoinedFile(folder / "pages") as whole:
        for number, size in enumerate(sizes):
            whole.append(write_pages(folder / "part", page(number, b"x" * size)))
    return folder / "pages"


@given(SIZES, st.integers(1, 100))
def test_shares_are_all_row_groups_in_order_and_none_is_larger_than_need_be(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], share_bytes: int
) -> None:
    shares = split_pages(write_groups(tmp_path_factory.mktemp("pages"), sizes), share_bytes=share_bytes)

    assert [group for share in shares for group in share] == list(range(len(sizes)))
    assert all(sum(sizes[group] for group in share) >= share_bytes for share in shares[:-1])
    assert all(sum(sizes[group] for group in share[:-1]) < share_bytes for share in shares)


def test_a_capture_of_gaps_alone_is_one_share(tmp_path: Path) -> None:
    assert split_pages(write_pages(tmp_path / "pages", gap()), share_bytes=1) == [(0,)]


def test_a_capture_of_nothing_has_no_share(tmp_path: Path) -> None:
    assert split_pages(write_pages(tmp_path / "pages"), share_bytes=1) == []


def test_the_snapshots_that_hold_bodies_are_each_listed_once(tmp_path: Path) -> None:
    known = {sha256(body).digest(): holder for body, holder in ((b"1", "b"), (b"2", "a"), (b"3", "b"))}
    pages = [page(number, str(number).encode()) for number in range(5)]
    assert list_holders(write_pages(tmp_path / "pages", *pages, gap(), known=known)) == ["a", "b"]
    assert list_holders(write_pages(tmp_path / "own", *pages)) == []


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pages").write_bytes(b"PAR1")
    with pytest.raises(ParseError):
        split_pages(tmp_path / "pages", share_bytes=1)
