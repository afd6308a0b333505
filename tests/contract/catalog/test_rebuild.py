"""The catalog comes out of the bucket alone, and comes out the same."""

from __future__ import annotations

import threading
import time

import psycopg2
import pytest

from muniment.catalog.staging import open_staging
from muniment.errors import CatalogMissingError, CatalogUnavailableError, CatalogVersionError
from muniment.evidence.digest import sha256_hex
from muniment.evidence.layout import MANIFEST, register_key
from muniment.records.names import VolumeId
from muniment.workflows import catalog_walk
from muniment.workflows.catalog_build import compare, prepare_catalog, read_status, rebuild
from muniment.workflows.catalog_record import catch_up
from tests.contract.catalog.conftest import AGENCY, TABLES, Place, address_of, manifest_of

PAIRS = [("city", "official-posts")]


def fill(place: Place) -> None:
    for number in range(3):
        place.seal_snapshot(number)
    place.seal_snapshot(3, volume="2026-10")
    place.seal_snapshot(4, account="harbor")
    place.seal(register_key("store-checks", VolumeId("2026-11"), "20261121-1"), b'{"passed":true}')
    place.seal("log/batches/0000000000.json", b"{}")
    place.seal(address_of(9).key(MANIFEST), b"no manifest")


def test_a_catalog_deleted_and_rebuilt_is_equal_row_by_row(place):
    fill(place)
    rebuild(AGENCY, place.settings)
    before = place.everything()
    for table in (*TABLES, "agencies", "catalog"):
        place.ask(f"DROP TABLE muniment.{table}")

    rebuild(AGENCY, place.settings)

    assert place.everything() == before
    assert {table: len(rows) for table, rows in before.items()} == {
        "snapshots": 5, "objects": 10, "findings": 10, "gaps": 10, "declared": 10, "entries": 2, "unreadable": 1,
    }  # fmt: skip


def test_what_was_filed_one_by_one_is_what_a_rebuild_makes(place):
    rebuild(AGENCY, place.settings)
    manifests = [place.seal_snapshot(number) for number in range(3)]
    for manifest in (*manifests, manifests[1]):
        place.catalog.record(manifest, manifest.sha256())
    filed = place.everything()

    rebuild(AGENCY, place.settings)

    assert place.everything() == filed
    assert len(filed["snapshots"]) == 3


def test_a_row_says_what_the_manifest_says(place):
    manifest = place.seal_snapshot(1)

    rebuild(AGENCY, place.settings)

    (row,) = place.ask(
        "SELECT account, manifest_sha256, began_at AT TIME ZONE 'UTC', locked_until AT TIME ZONE 'UTC', gaps, verdict,"
        " schedule_row, authority, size_bytes, rows_new, previous_snapshot FROM muniment.snapshots"
    )
    assert [str(value) for value in row] == [
        "city", sha256_hex(manifest.to_bytes()), "2026-11-21 12:00:00", "2028-12-01 08:00:00", "4", "quarantined",
        "CA-SM-01", "['GC 34090']", "14", "1", "None",
    ]  # fmt: skip
    assert place.ask("SELECT position, code, count, stops_seal FROM muniment.findings ORDER BY 1") == [
        (0, "P002", 3, False),
        (1, "P011", 3, True),
    ]
    assert place.ask("SELECT key, size_bytes, sha256 FROM muniment.objects ORDER BY 1") == [
        (sealed.key, 7, "ab" * 32) for sealed in sorted(manifest.objects, key=lambda sealed: sealed.key)
    ]


@pytest.mark.parametrize("wrong", ["text", "another agency's", "another place's", "a text with U+0000"])
def test_a_manifest_that_is_none_is_reported_and_stops_no_other(place, wrong):
    good = place.seal_snapshot(1)
    address = address_of(2)
    body = {
        "text": b"{",
        "another agency's": manifest_of(address).to_bytes().replace(b'"harborview"', b'"claremont"'),
        "another place's": manifest_of(address_of(3)).to_bytes(),
        "a text with U+0000": manifest_of(address).to_bytes().replace(b'"everything"', b'"every\\u0000thing"'),
    }[wrong]
    place.seal(address.key(MANIFEST), body)

    done = rebuild(AGENCY, place.settings)

    fault = "of another place" if "another" in wrong else "not of its form"
    assert done.unreadable == ((address.key(MANIFEST), fault),)
    assert place.ask("SELECT snapshot FROM muniment.snapshots") == [(good.snapshot,)]
    assert place.rows("unreadable") == [(AGENCY, address.key(MANIFEST), sha256_hex(body), fault)]
    assert compare(AGENCY, place.settings).comparison.count == 0


def test_a_snapshot_without_a_manifest_is_none(place):
    place.seal(address_of(1).key("pages.parquet"), b"pages")

    assert rebuild(AGENCY, place.settings).rows["snapshots"] == 0


def test_comparing_names_what_is_missing_what_is_extra_and_what_differs(place):
    first, second = place.seal_snapshot(1), place.seal_snapshot(2)
    rebuild(AGENCY, place.settings)
    place.catalog.record(manifest_of(address_of(5)), "cd" * 32)
    place.ask(f"DELETE FROM muniment.snapshots WHERE snapshot = '{first.snapshot}'")
    place.ask(f"UPDATE muniment.findings SET count = 4 WHERE snapshot = '{second.snapshot}' AND position = 1")

    found = compare(AGENCY, place.settings).comparison

    where = ("official-posts", "city", "2026-11")
    told = {(each.table, each.what, each.row) for each in found.differences}
    assert ("snapshots", "missing", (*where, first.snapshot)) in told
    assert ("snapshots", "extra", (*where, address_of(5).snapshot)) in told
    assert ("findings", "differs", (*where, second.snapshot, "1")) in told
    # Of what was never sealed: two objects, two findings, two gaps, two counts.
    assert (found.count, len(told)) == (3 + 8, 3 + 8)


def test_an_entry_of_the_log_that_no_run_has_filed_yet_is_filed_and_is_no_difference(place):
    rebuild(AGENCY, place.settings)
    place.seal("log/batches/0000000000.json", b"{}")

    assert compare(AGENCY, place.settings).comparison.count == 0
    assert place.rows("entries") == [(AGENCY, "log/batches/0000000000.json", "log", sha256_hex(b"{}"), 2)]

    place.ask("UPDATE muniment.entries SET sha256 = 'x'")
    (found,) = compare(AGENCY, place.settings).comparison.differences
    assert (found.table, found.what, found.row) == ("entries", "differs", ("log/batches/0000000000.json",))


def test_what_is_sealed_during_a_rebuild_is_in_the_new_catalog(place):
    for number in range(3):
        place.seal_snapshot(number)
    rebuild(AGENCY, place.settings)
    late = []

    def seal_meanwhile(read: int) -> None:
        if not late:  # the snapshots were listed and read, the old rows still stand
            late.append(place.seal_snapshot(30))
            place.catalog.record(late[0], late[0].sha256())
            late.append(place.seal_snapshot(31))  # whose run has not come to the catalog yet

    rebuild(AGENCY, place.settings, progress=seal_meanwhile)

    assert len(late) == 2
    assert len(place.rows("snapshots")) == 5
    assert compare(AGENCY, place.settings).comparison.count == 0


def test_what_is_sealed_at_the_last_moment_waits_for_the_new_rows_and_joins_them(place):
    place.seal_snapshot(1)
    rebuild(AGENCY, place.settings)
    waiting: list[threading.Thread] = []
    reads: list[int] = []

    def seal_meanwhile(read: int) -> None:
        reads.append(read)
        if len(reads) == 1:
            place.seal_snapshot(2)
        elif len(reads) == 2:  # number 2 has been found, while nobody else may file
            last = place.seal_snapshot(3)
            waiting.append(threading.Thread(target=place.catalog.record, args=(last, last.sha256())))
            waiting[0].start()
            waiting[0].join(0.5)
            assert waiting[0].is_alive()

    rebuild(AGENCY, place.settings, progress=seal_meanwhile)
    waiting[0].join(10)

    assert reads == [1, 2]
    assert len(place.rows("snapshots")) == 3
    assert compare(AGENCY, place.settings).comparison.count == 0


def test_captures_and_rebuilds_side_by_side_lose_nothing(place):
    rebuild(AGENCY, place.settings)
    faults: list[BaseException] = []

    def guarded(work):
        def run() -> None:
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - told by the test
                faults.append(error)

        return threading.Thread(target=run)

    def capture() -> None:
        for number in range(12):
            manifest = place.seal_snapshot(number)
            place.catalog.record(manifest, manifest.sha256())

    threads = [guarded(capture), *(guarded(lambda: rebuild(AGENCY, place.settings)) for _ in range(2))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert faults == []
    assert len(place.rows("snapshots")) == 12
    assert compare(AGENCY, place.settings).comparison.count == 0


def test_readers_see_the_old_rows_until_the_new_ones_stand(place):
    place.seal_snapshot(1)
    rebuild(AGENCY, place.settings)
    place.seal_snapshot(2)

    with open_staging(place.catalog, AGENCY) as staging:
        for batch in catalog_walk.walk_vault(
            place.vault, AGENCY, filed=staging.shelf.list_snapshots, entries=staging.shelf.list_entries
        ):
            staging.add(batch)
        during = len(place.rows("snapshots"))
        staging.swap()

    assert (during, len(place.rows("snapshots"))) == (1, 2)


def test_a_rebuild_that_dies_leaves_the_old_rows_and_nothing_else(place):
    place.seal_snapshot(1)
    rebuild(AGENCY, place.settings)
    before = place.everything()
    place.seal_snapshot(2)

    def die(read: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(AGENCY, place.settings, progress=die)

    assert place.everything() == before
    assert place.ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == [(0,)]


def test_tables_of_another_version_are_refused_by_name_and_rebuilt(place):
    manifest = place.seal_snapshot(1)
    rebuild(AGENCY, place.settings)
    place.ask("UPDATE muniment.catalog SET version = 0")
    place.ask("ALTER TABLE muniment.snapshots DROP COLUMN scope")

    for use in (
        lambda: place.catalog.record(manifest, manifest.sha256()),
        lambda: compare(AGENCY, place.settings),
        lambda: read_status(place.settings),
        place.catalog.prepare,
    ):
        with pytest.raises(CatalogVersionError, match=r"expected tables of version 1, found \[0\]; `muniment catalog"):
            use()

    rebuild(AGENCY, place.settings)
    assert compare(AGENCY, place.settings).comparison.count == 0


def test_a_catalog_that_was_never_built_says_so_and_names_the_command(place):
    manifest = place.seal_snapshot(1)

    with pytest.raises(CatalogMissingError, match="`muniment catalog rebuild` makes them"):
        place.catalog.record(manifest, manifest.sha256())
    place.catalog.prepare()
    with pytest.raises(CatalogMissingError, match="`muniment catalog rebuild --agency harborview` builds it"):
        catch_up(AGENCY, PAIRS, place.settings)


def test_an_empty_vault_has_its_catalog_made_and_a_full_one_is_left_to_the_operator(place):
    assert prepare_catalog(place.settings) == []
    assert [status.snapshots for status in read_status(place.settings)] == [0]

    place.seal_snapshot(1)
    place.ask("DELETE FROM muniment.agencies")
    (note,) = prepare_catalog(place.settings)
    assert "`muniment catalog rebuild --agency harborview`" in note


def test_another_agencys_rows_stay_as_they_are(place):
    rebuild(AGENCY, place.settings)
    place.ask("INSERT INTO muniment.entries VALUES ('claremont', 'k', 'register', 'x', 1)")
    place.seal_snapshot(1)

    rebuild(AGENCY, place.settings)

    assert compare(AGENCY, place.settings).comparison.count == 0
    assert [row[0] for row in place.rows("entries")] == ["claremont"]


def test_the_catalogs_owner_may_not_read_airflows_tables(place, postgres):
    import psycopg2.errors

    owner = psycopg2.connect(postgres.url().replace("+psycopg2", ""))
    try:
        with owner, owner.cursor() as cursor:
            cursor.execute("CREATE TABLE IF NOT EXISTS of_airflow (secret text)")
    finally:
        owner.close()

    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        place.ask("SELECT * FROM public.of_airflow")


def test_whoever_holds_the_lock_too_long_keeps_a_capture_waiting_for_seconds_only(place):
    rebuild(AGENCY, place.settings)
    manifest = place.seal_snapshot(1)
    holder = psycopg2.connect(place.catalog.address)
    try:
        with holder.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", (0x6D756E69,))
        began = time.monotonic()
        with pytest.raises(CatalogUnavailableError, match="LockNotAvailable"):
            place.catalog.record(manifest, manifest.sha256())
    finally:
        holder.close()

    assert time.monotonic() - began < 10
