from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.evidence.finding_types import CATALOGUE
from muniment.parsing.context import REFERENCE_PURPOSES
from muniment.parsing.platforms import PARSER_VERSIONS, PARSERS
from muniment.records.agency import Platform
from muniment.records.page import Purpose
from tests.unit.parsing.pages import page_of, parse

_NAMES = [
    "id",
    "account",
    "content",
    "feed",
    "post",
    "uri",
    "record",
    "thread",
    "replies",
    "value",
    "text",
    "x",
    "followers",
    "descendants",
    "ancestors",
    "author",
    "did",
    "embed",
    "$type",
    "visibility",
    "acct",
    "posts",
    "labels",
    "reason",
    "by",
    "poll",
    "options",
    "quote",
    "reblog",
    "media_attachments",
    "verificationMethod",
]
_json = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(_NAMES),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=12,
)


def test_every_platform_says_the_version_of_its_parser() -> None:
    assert {platform for platform, _ in PARSERS} == set(Platform) == set(PARSER_VERSIONS)
    assert len(set(PARSER_VERSIONS.values())) == len(PARSER_VERSIONS)


@pytest.mark.parametrize("key", PARSERS, ids=lambda key: "-".join(key) if isinstance(key, tuple) else str(key))
@given(body=st.binary(max_size=120), coding=st.sampled_from(["identity", "gzip", "br"]))
def test_no_bytes_make_a_parser_raise(key: tuple[Platform, str], body: bytes, coding: str) -> None:
    for purpose in Purpose:
        parsed = parse(page_of(body, purpose, headers={"Content-Encoding": coding}), *key)  # type: ignore[arg-type]

        assert parsed.rows or parsed.faults or body
        assert all(fault.code in CATALOGUE and fault.page == 7 for fault in parsed.faults)


@pytest.mark.parametrize("key", PARSERS, ids=lambda key: "-".join(key) if isinstance(key, tuple) else str(key))
@given(value=_json)
def test_no_json_makes_a_parser_raise(key: tuple[Platform, str], value: object) -> None:
    for purpose in Purpose:
        parse(page_of(json.dumps(value).encode(), purpose), *key)  # type: ignore[arg-type]


def test_what_parsers_refer_to_is_small() -> None:
    assert {Purpose.ACCOUNT, Purpose.DID_DOCUMENT} == REFERENCE_PURPOSES
