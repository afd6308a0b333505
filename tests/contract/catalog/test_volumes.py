"""The volumes of an agency, as the vault and as the catalog tell of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from muniment.evidence.layout import MANIFEST, VolumeAddress
from muniment.records.names import AccountId, SeriesId, VolumeId
from muniment.workflows.catalog_build import rebuild
from muniment.workflows.volumes import read_volumes, read_volumes_of_catalog
from tests.contract.catalog.conftest import AGENCY, Place, address_of, manifest_of

OCTOBER, NOVEMBER = (
    VolumeAddress(SeriesId("official-posts"), AccountId("city"), VolumeId(volume)) for volume in ("2026-10", "2026-11")
)


def seal_two_volumes(place: Place) -> None:
    """Two snapshots of November, of which the later is locked for longer, and one of October."""
    place.seal_snapshot(1)
    later = manifest_of(address_of(2))
    until = "2030-12-01T08:00:00.000000Z"
    objects = tuple(replace(sealed, locked_until=until) for sealed in later.objects)
    later = replace(later, retention=replace(later.retention, locked_until=until), objects=objects)
    place.seal(later.address.key(MANIFEST), later.to_bytes())
    place.seal_snapshot(3, volume="2026-10")


def test_the_vault_and_the_catalog_tell_the_same_of_each_volume(place: Place) -> None:
    seal_two_volumes(place)
    rebuild(AGENCY)

    filed = list(read_volumes_of_catalog(place.catalog, AGENCY))
    found = list(read_volumes(place.vault))

    for states in (filed, found):
        assert [state.address for state in states] == [OCTOBER, NOVEMBER]
        assert [state.snapshots for state in states] == [1, 2]
        assert [state.sealed_until for state in states] == [
            datetime(2028, 12, 1, 8, tzinfo=UTC),
            datetime(2030, 12, 1, 8, tzinfo=UTC),
        ]
        assert [state.first_taken for state in states] == [
            datetime(2026, 11, 21, 12, 0, 3, tzinfo=UTC),
            datetime(2026, 11, 21, 12, 0, 1, tzinfo=UTC),
        ]
        assert states[1].last_taken == datetime(2026, 11, 21, 12, 0, 2, tzinfo=UTC)
    # The catalog counts what manifests name and the manifests; in this vault only the manifests are sealed.
    assert [state.objects for state in filed] == [3, 6]
    assert [state.objects for state in found] == [1, 2]
    assert [a.size_bytes - b.size_bytes for a, b in zip(filed, found, strict=True)] == [14, 28]


def test_a_manifest_that_is_none_is_named_and_holds_back_no_other_volume(place: Place) -> None:
    seal_two_volumes(place)
    broken = address_of(4).key(MANIFEST)
    place.seal(broken, b"{}")

    october, november = read_volumes(place.vault)

    assert october.unreadable == ()
    assert november.unreadable == (broken,)
    assert november.sealed_until == datetime(2030, 12, 1, 8, tzinfo=UTC)
