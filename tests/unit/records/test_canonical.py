"""RFC 8785, held to the RFC's own examples where they need no floating point."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.errors import EvidenceError
from muniment.records.canonical import MAX_INTEGER, canonical_json

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-MAX_INTEGER, MAX_INTEGER)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=20,
)


@pytest.mark.parametrize(
    "value", [1.0, float("nan"), 2**53, -(2**53), {"a": 1.5}, [object()], {1: "a"}, "\ud800", {"\udfff": 1}, b"bytes"]
)
def test_what_implementations_differ_on_is_refused(value: object) -> None:
    with pytest.raises(EvidenceError):
        canonical_json(value)  # type: ignore[arg-type]


def test_keys_sort_by_utf16_code_units_as_in_rfc_8785_section_3_2_3() -> None:
    value = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }

    keys = list(json.loads(canonical_json(value)))

    assert keys == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


def test_strings_escape_as_in_rfc_8785_section_3_2_2_2() -> None:
    value = "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/"

    assert canonical_json(value) == b'"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'


def test_literals_and_nesting_have_no_spaces() -> None:
    assert canonical_json({"b": [None, True, False], "a": {}}) == b'{"a":{},"b":[null,true,false]}'


@given(VALUES)
def test_a_value_survives_the_round_trip(value: object) -> None:
    assert json.loads(canonical_json(value)) == value  # type: ignore[arg-type]


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.integers(0, 9)))
def test_the_order_of_insertion_does_not_show(value: dict[str, int]) -> None:
    backwards = dict(reversed(value.items()))

    assert canonical_json(value) == canonical_json(backwards)
