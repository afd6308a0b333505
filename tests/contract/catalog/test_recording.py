"""What is sealed enters the catalog by itself, and a catalog that is down costs no snapshot."""

from __future__ import annotations

import json
import logging
import signal
import stat
from contextlib import redirect_stdout
from io import StringIO

import pytest

from muniment.catalog.index import Catalog
from muniment.cli.main import main
from muniment.embedded.ports import pick_free_ports
from muniment.errors import CatalogUnavailableError, ConfigurationError
from muniment.evidence.layout import MANIFEST
from muniment.workflows.catalog_build import compare, prepare_catalog, rebuild
from muniment.workflows.catalog_record import catch_up, record_sealed
from tests.contract.catalog.conftest import AGENCY, Place, address_of

SEALED = [{"account": "city", "series": "official-posts"}]
PAIRS = [("city", "official-posts")]


def log_of(caplog) -> tuple[str, str]:
    (line,) = [record for record in caplog.records if record.name.startswith("muniment")]
    return line.levelname, line.getMessage()


def run(*words: str) -> tuple[int, str]:
    said, handler = StringIO(), signal.getsignal(signal.SIGTERM)
    try:
        with redirect_stdout(said):
            return main(["catalog", *words]), said.getvalue()
    finally:
        signal.signal(signal.SIGTERM, handler)


@pytest.fixture
def down(place: Place) -> str:
    """An address at which nobody answers; the place's own settings name it from now on."""
    address = f"postgresql://muniment:opensesame@127.0.0.1:{pick_free_ports(1)[0]}/airflow"
    place.settings.catalog_file.write_text(address, "utf-8")
    return address


def test_a_catalog_that_is_down_is_said_in_the_log_and_raises_nothing(place, down, caplog):
    place.seal_snapshot(1)

    with caplog.at_level(logging.INFO):
        record_sealed(AGENCY, SEALED)

    level, line = log_of(caplog)
    assert level == "WARNING"
    assert "CatalogUnavailableError" in line
    assert "what was sealed is safe" in line
    assert "`muniment catalog rebuild`" in line
    assert "opensesame" not in line


def test_the_next_run_files_what_an_earlier_one_could_not(place, caplog):
    rebuild(AGENCY, place.settings)
    for number in range(3):
        place.seal_snapshot(number)  # whose runs found the catalog down
    place.seal_snapshot(9, volume="2026-10")

    with caplog.at_level(logging.INFO):
        record_sealed(AGENCY, SEALED)

    assert log_of(caplog) == ("INFO", "catalog of harborview: filed 4 snapshots and entries")
    assert compare(AGENCY, place.settings).comparison.count == 0


def test_without_a_catalog_a_run_says_so_and_goes_on(place, caplog):
    place.settings.catalog_file.unlink()

    with caplog.at_level(logging.INFO):
        record_sealed(AGENCY, SEALED)

    assert log_of(caplog) == ("INFO", "catalog: none is configured")


@pytest.mark.parametrize("text", ["", "opensesame at the usual place"])
def test_a_file_that_names_no_database_is_said_without_its_text(place, caplog, text):
    place.settings.catalog_file.write_text(text, "utf-8")

    record_sealed(AGENCY, SEALED)

    level, line = log_of(caplog)
    assert (level, "ConfigurationError" in line, "opensesame" in line) == ("WARNING", True, False)


def test_a_server_that_refuses_the_password_is_told_from_none_without_it(place):
    refused = place.catalog.address.replace(place.catalog.address.split(":")[2].split("@")[0], "opensesame")

    with pytest.raises(CatalogUnavailableError) as told:
        Catalog(refused).prepare()

    assert "opensesame" not in str(told.value)


def test_what_was_filed_before_is_not_read_again(place):
    place.seal_snapshot(1)
    place.seal(address_of(2).key(MANIFEST), b"none")
    rebuild(AGENCY, place.settings)
    place.seal_snapshot(3)

    assert catch_up(AGENCY, PAIRS, place.settings) == 1
    assert catch_up(AGENCY, PAIRS, place.settings) == 0


def test_only_the_two_latest_volumes_are_caught_up_with(place):
    rebuild(AGENCY, place.settings)
    for number, volume in enumerate(("2026-09", "2026-10", "2026-11")):
        place.seal_snapshot(number, volume=volume)

    assert catch_up(AGENCY, PAIRS, place.settings) == 2


def test_the_commands_tell_and_end_by_what_they_find(place):
    place.seal_snapshot(1)

    assert run("status")[0] == 2  # nothing was ever built
    assert run("rebuild") == (
        0,
        "harborview: 1 snapshots, 2 objects, 2 findings, 2 gaps, 2 declared, 0 entries, 0 unreadable\n",
    )
    assert run("compare") == (0, "harborview: 1 snapshots in the bucket; catalog and bucket: equal\n")
    late = place.seal_snapshot(2)
    code, said = run("compare", "--agency", AGENCY, "--json")
    assert code == 1
    (told,) = json.loads(said)
    assert told["comparison"]["count"] == 9
    assert told["comparison"]["differences"][0] == {
        "table": "snapshots",
        "what": "missing",
        "row": ["official-posts", "city", "2026-11", late.snapshot],
    }
    place.seal(address_of(3).key(MANIFEST), b"none")
    code, said = run("rebuild")
    assert code == 1
    assert f"{address_of(3).key(MANIFEST)}: a manifest not of its form; `muniment verify` says more" in said
    code, said = run("status", "--json")
    assert (code, json.loads(said)["built"][0]["snapshots"]) == (1, 2)


def test_status_names_an_agency_that_is_not_built(place):
    rebuild(AGENCY, place.settings)
    (place.settings.agencies / "claremont").mkdir()

    code, said = run("status")

    assert code == 1
    assert "claremont: not built; run `muniment catalog rebuild --agency claremont`" in said


def test_commands_without_a_database_end_with_2(place, down, capsys):
    assert run("status")[0] == run("rebuild")[0] == run("compare")[0] == 2
    complaints = capsys.readouterr().err
    assert "expected PostgreSQL to answer at 127.0.0.1:" in complaints
    assert "opensesame" not in complaints


def test_nothing_that_waits_for_the_catalog_to_be_made_fails_by_it(place, down):
    assert ["expected PostgreSQL to answer" in note for note in prepare_catalog(place.settings)] == [True]
    place.settings.catalog_file.unlink()
    assert ["expected the catalog's connection string" in note for note in prepare_catalog(place.settings)] == [True]


def test_the_settings_name_a_file_and_never_the_secret(place):
    assert place.catalog.address not in str(place.settings.as_environment())
    place.settings.catalog_file.unlink()

    with pytest.raises(ConfigurationError, match="expected the catalog's connection string, found none"):
        place.settings.catalog_address()


def test_the_embedded_default_writes_an_address_that_only_its_owner_reads(place, postgres):
    from muniment.embedded.supervisor_plan import _prepare_catalog

    place.settings.catalog_file.unlink()
    _prepare_catalog(place.settings, postgres)

    assert stat.S_IMODE(place.settings.catalog_file.stat().st_mode) == 0o600
    assert run("status")[0] == 0
