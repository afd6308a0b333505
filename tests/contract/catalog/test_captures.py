"""What the catalog says of captures is what their manifests say."""

from __future__ import annotations

import pytest

from muniment.catalog.captures import FiledCapture, read_filed_captures
from muniment.errors import CatalogMissingError
from muniment.records.names import parse_instant
from muniment.workflows.catalog_build import rebuild
from tests.contract.catalog.conftest import AGENCY, Place


def test_a_catalog_that_was_never_built_says_so(place: Place) -> None:
    with pytest.raises(CatalogMissingError):
        read_filed_captures(place.catalog, AGENCY, first="2", after="3")


def test_what_it_says_of_captures_is_what_their_manifests_say_within_the_span_asked_about(place: Place) -> None:
    manifests = [place.seal_snapshot(number) for number in range(3)]
    rebuild(AGENCY, place.settings)

    found = read_filed_captures(place.catalog, AGENCY, first=manifests[1].snapshot[:22], after="3")

    assert (
        found
        == {
            manifest.address: FiledCapture(
                began_at=parse_instant(manifest.began_at),
                ended_at=parse_instant(manifest.ended_at),
                verdict=manifest.verdict.outcome,
                codes=("P011",),  # P002 stops no seal
                gaps=(("media", "not-found", 2), ("media", "timeout", 2)),
            )
            for manifest in manifests[1:]
        }
    )
