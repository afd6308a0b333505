"""A capture enters the catalog by itself, and the catalog names nobody."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg2
import pytest

from muniment.embedded.seaweed import SeaweedFS
from muniment.workflows.catalog_build import compare, prepare_catalog
from tests.end_to_end.city import AGENCY, City, Simulator, open_city

ALL = ("capture", "--agency", AGENCY, "--account", "bluesky-city", "--account", "newsletter-weekly")
NAMES_SOMEBODY = re.compile(r"[\w.+-]+@[\w-]+\.\w+|did:plc:\w+|[\w-]+\.example\b")


@pytest.fixture
def listed(store: SeaweedFS, tmp_path: Path, simulator: Simulator, catalog_address: str) -> City:
    """The city with a catalog."""
    city = open_city(store, tmp_path, simulator)
    address = tmp_path / "catalog.url"
    address.write_text(catalog_address, "utf-8")
    city = replace(city, settings=replace(city.settings, catalog_file=address))
    assert prepare_catalog(city.settings) == []
    city.drop_newsletter()
    return city


def cells(address: str) -> Iterator[str]:
    with closing(psycopg2.connect(address)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'muniment'")
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT each::text FROM muniment.{table} AS each")
            yield from (row for (row,) in cursor.fetchall())


def test_a_capture_is_in_the_catalog_when_it_ends_and_names_nobody(listed: City, catalog_address: str) -> None:
    done = listed.run(*ALL)

    assert done.returncode == 0, done.stdout + done.stderr
    found = compare(AGENCY, listed.settings)
    assert (found.snapshots, found.comparison.count) == (4, 0)
    rows = list(cells(catalog_address))
    assert any("subscriber-lists" in row for row in rows)
    # What is looked for is there to be found, in the vault.
    assert any(NAMES_SOMEBODY.search(manifest.origin.address) for manifest in listed.manifests())
    assert [found[0] for row in rows if (found := NAMES_SOMEBODY.search(row))] == []


@pytest.mark.real
def test_a_list_says_the_same_from_the_catalog_from_the_bucket_and_from_both(
    listed: City, catalog_address: str
) -> None:
    assert listed.run(*ALL).returncode == 0
    listed.advance(3600)
    listed.drop_newsletter()
    assert listed.run(*ALL).returncode == 0
    bare = replace(listed, settings=replace(listed.settings, catalog_file=Path("/nowhere")))
    (last, *_) = listed.manifests("bluesky-city", "official-posts")
    lists = [
        ("snapshots", "list", "--agency", AGENCY, *more)
        for more in ((), ("--json",), ("--account", "bluesky-city"), ("--series", "official-posts"))
    ]
    from_bucket = [bare.run(*words) for words in lists]

    from_catalog = [listed.run(*words) for words in lists]
    with closing(psycopg2.connect(catalog_address)) as connection, connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM muniment.snapshots WHERE snapshot = %s", (last.snapshot,))
    from_both = [listed.run(*words) for words in lists]
    listed.settings.catalog_file.write_text("postgresql://muniment:x@127.0.0.1:9/airflow", "utf-8")
    while_down = [listed.run(*words).stdout for words in lists]

    assert len(json.loads(from_bucket[1].stdout)) == 8
    assert from_catalog == from_both == from_bucket
    assert while_down == [done.stdout for done in from_bucket]


@pytest.mark.real
def test_a_list_reads_no_manifest_that_the_catalog_has_and_showing_one_does(listed: City, catalog_address: str) -> None:
    assert listed.run(*ALL[:3], "--account", "newsletter-weekly").returncode == 0
    (manifest,) = listed.manifests()
    with closing(psycopg2.connect(catalog_address)) as connection, connection, connection.cursor() as cursor:
        cursor.execute("UPDATE muniment.snapshots SET gaps = 77")
    which = ("--account", manifest.account, "--series", manifest.series, "--snapshot", manifest.snapshot)

    told = json.loads(listed.run("snapshots", "list", "--agency", AGENCY, "--json").stdout)
    shown = json.loads(listed.run("snapshots", "show", "--agency", AGENCY, *which, "--json").stdout)

    assert (told[0]["gaps"], shown["gaps"]) == (77, [])
    assert compare(AGENCY, listed.settings).comparison.differences[0].what == "differs"


@pytest.mark.real
def test_a_capture_is_sealed_while_the_catalog_is_down_and_filed_by_the_next(
    listed: City, catalog_address: str
) -> None:
    listed.settings.catalog_file.write_text("postgresql://muniment:x@127.0.0.1:9/airflow", "utf-8")
    one = (*ALL[:3], "--account", "newsletter-weekly", "--json")
    down = listed.run(*one)
    listed.settings.catalog_file.write_text(catalog_address, "utf-8")

    assert down.returncode == 0, down.stderr
    assert json.loads(down.stdout)["sealed"][0]["verdict"] == "accepted"
    assert compare(AGENCY, listed.settings).comparison.count > 0
    assert listed.run(*one).returncode == 0
    found = compare(AGENCY, listed.settings)
    assert (found.snapshots, found.comparison.count) == (2, 0)
