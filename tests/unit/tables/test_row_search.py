"""What a hold's persons and words are found in, and what they are not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from muniment.errors import ParseError
from muniment.records.series import RowKind
from muniment.tables.row_search import SEARCHED, count_matches
from muniment.tables.schemas import ITEMS, SUBSCRIBERS
from muniment.tables.some_columns import copy_columns

POST = {
    "text": "The WATER main broke at Café Ole\u0301",
    "author_handle": "Ann.example",
    "author_name": "Ann of the Fountain",
    "author_id": "did:plc:ABC",
    "links": ["https://city.example/notice"],
    "media": [{"media_id": "m", "url": "u", "kind": "image", "alt": "A broken Hydrant"}],
    "versions": [{"at": None, "text": "An older wording", "raw": None}],
    "raw": '{"record": {"hidden": "gazebo"}}',
}
SUBSCRIBER = {"subscriber_id": "S1", "handle": "bo@social.example", "display_name": "Bo", "address": "Bo@mail.example"}


def items(folder: Path, *rows: dict[str, Any]) -> Path:
    named = [dict.fromkeys(ITEMS.names) | {"item_id": str(n), "row_state": "new"} | row for n, row in enumerate(rows)]
    pq.write_table(pa.Table.from_pylist(named, ITEMS), folder / "rows.parquet")
    return folder / "rows.parquet"


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("main water", 1),
        ("WATER", 1),
        ("wat", 1),  # within a word
        ("caf\u00e9", 1),
        ("cafe\u0301 ol\u00e9", 1),  # however Unicode spells the letters
        ("hydrant", 1),
        ("older wording", 1),
        ("fountain", 1),
        ("city.example/notice", 1),
        ("water hydrant", 1),
        ("water gazebo", 0),  # the raw item is not searched
        ("cafe ole", 0),  # another letter
        ("100%", 0),
        ("_ater", 0),  # no wildcard
    ],
)
def test_a_row_is_found_when_it_has_every_word_somewhere(tmp_path: Path, search: str, found: int) -> None:
    path = items(tmp_path, POST, {"text": "nothing of it"}, {"row_state": "gone"})

    assert count_matches(path, RowKind.ITEMS, persons=(), search=search) == found


@pytest.mark.parametrize(
    ("person", "found"),
    [("ann.example", 1), ("@ANN.example", 1), ("did:plc:abc", 1), ("ann", 0), ("Ann of the Fountain", 0)],
)
def test_a_person_is_found_by_handle_or_id_whole(tmp_path: Path, person: str, found: int) -> None:
    assert count_matches(items(tmp_path, POST), RowKind.ITEMS, persons=(person,), search=None) == found


def test_a_row_counts_once_for_a_person_or_the_words(tmp_path: Path) -> None:
    path = items(tmp_path, POST, {"text": "water"}, {"author_id": "did:plc:abc"})

    assert count_matches(path, RowKind.ITEMS, persons=("did:plc:abc",), search="water") == 3


@pytest.mark.parametrize("person", ["s1", "bo@social.example", "BO@mail.example"])
def test_a_subscriber_is_found_by_id_handle_or_address(tmp_path: Path, person: str) -> None:
    row = dict.fromkeys(SUBSCRIBERS.names) | {"row_state": "new"} | SUBSCRIBER
    pq.write_table(pa.Table.from_pylist([row], SUBSCRIBERS), tmp_path / "rows.parquet")

    assert count_matches(tmp_path / "rows.parquet", RowKind.SUBSCRIBERS, persons=(person,), search=None) == 1


def test_a_file_with_only_the_columns_that_are_searched_is_enough(tmp_path: Path) -> None:
    whole = items(tmp_path, POST).read_bytes()

    def read(first: int, count: int) -> bytes:
        return whole[first : first + count]

    copy_columns(read, len(whole), tmp_path / "some.parquet", SEARCHED[RowKind.ITEMS])

    assert count_matches(tmp_path / "some.parquet", RowKind.ITEMS, persons=("@ann.example",), search="hydrant") == 1


def test_a_file_that_is_no_table_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "rows.parquet").write_bytes(b"no Parquet")

    with pytest.raises(ParseError):
        count_matches(tmp_path / "rows.parquet", RowKind.ITEMS, persons=("ann",), search=None)
