from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.tables.body_column import body_column

LARGE = 1 << 16

bodies = st.one_of(
    st.none(),
    st.binary(max_size=40),
    st.integers(min_value=LARGE - 1, max_value=LARGE + 1).map(lambda size: b"a" * size),
)


def test_text_is_refused() -> None:
    with pytest.raises((TypeError, pa.ArrowException)):
        body_column([b"what was said", 7])  # type: ignore[list-item]


def test_no_bodies_are_a_column_without_rows() -> None:
    column = body_column([])

    assert len(column) == 0
    assert column.type == pa.large_binary()


@given(st.lists(bodies, max_size=8))
def test_every_body_comes_out_as_it_went_in_and_in_its_place(said: list[bytes | None]) -> None:
    column = body_column(said)

    column.validate(full=True)
    assert column.to_pylist() == said


def test_a_large_body_is_lent_and_not_copied() -> None:
    body = b"b" * LARGE
    before = pa.total_allocated_bytes()

    column = body_column([body, body])

    assert column.num_chunks == 2
    assert pa.total_allocated_bytes() - before < LARGE


def test_many_small_bodies_are_one_array() -> None:
    assert body_column([b"c"] * 1000 + [None]).num_chunks == 1
