from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from benchmarks.retention_document import TITLE, render_section
from benchmarks.retention_figures import Timing, ratios_of, rows_of
from benchmarks.retention_vault import OBJECTS, PER_VOLUME, list_addresses, make_parcels
from benchmarks.sections import put_section, read_section, rewrite
from muniment.evidence.layout import is_manifest_key, parse_record_key
from muniment.evidence.manifest import parse_manifest

UNTIL = datetime(2026, 12, 1, tzinfo=UTC)


def timing(objects: int, wall_s: float, what: str = "an act") -> Timing:
    return Timing(what=what, objects=objects, volumes=1, wall_s=wall_s, cpu_s=wall_s / 2)


def test_one_size_has_no_ratio() -> None:
    assert list(ratios_of([timing(1000, 1)])) == []


def test_the_ratio_is_of_the_time_per_object_at_the_largest_size_over_the_smallest() -> None:
    timings = [timing(1000, 1), timing(10_000, 30), timing(100, 0.2), timing(100, 1, "b"), timing(200, 2, "b")]

    assert list(ratios_of(timings)) == [
        ("an act: 10,000 against 100", "x1.50", "x1.50"),
        ("b: 200 against 100", "x1.00", "x1.00"),
    ]


def test_a_row_tells_microseconds_an_object() -> None:
    assert list(rows_of([timing(2000, 1)])) == [("an act", "2,000", "1", "1.00", "500.0", "250.0")]


def test_made_up_volumes_are_different_and_hold_what_they_should() -> None:
    addresses = list(list_addresses(200))
    parcels = {parcel.key: parcel.body for address in addresses[:3] for parcel in make_parcels(address, UNTIL)}

    assert len(set(addresses)) == 200
    assert len(parcels) == 3 * PER_VOLUME
    assert {parse_record_key(key)[0] for key in parcels} == set(addresses[:3])
    manifests = [parse_manifest(body) for key, body in parcels.items() if is_manifest_key(key)]
    assert len(manifests) * OBJECTS == len(parcels)
    assert {sealed.key for manifest in manifests for sealed in manifest.objects} <= parcels.keys()


def test_a_section_takes_the_place_of_the_one_before_and_leaves_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "performance.md"
    path.write_text("# Performance\n\ntext\n")

    put_section(path, f"{TITLE}\n\nold\n")
    put_section(path, f"{TITLE}\n\nnew\n")

    assert path.read_text() == f"# Performance\n\ntext\n\n{TITLE}\n\nnew\n"
    assert read_section(path, TITLE) == f"{TITLE}\n\nnew\n"


def test_a_section_is_replaced_where_it_stands_among_others(tmp_path: Path) -> None:
    path = tmp_path / "performance.md"
    path.write_text(f"# Performance\n\ntext\n\n{TITLE}\n\nold\n\n## Another\n\nstays\n")

    put_section(path, f"{TITLE}\n\nnew\n")

    assert path.read_text() == f"# Performance\n\ntext\n\n{TITLE}\n\nnew\n\n## Another\n\nstays\n"
    assert read_section(path, TITLE) == f"{TITLE}\n\nnew\n"
    assert read_section(path, "## Another") == "## Another\n\nstays\n"


def test_a_document_without_the_section_has_none(tmp_path: Path) -> None:
    (tmp_path / "performance.md").write_text("# Performance\n")

    assert read_section(tmp_path / "performance.md", TITLE) == ""
    assert read_section(tmp_path / "nothing.md", TITLE) == ""


def test_the_section_says_what_else_ran() -> None:
    section = render_section([timing(100, 1), timing(1000, 9)], {"load before": (3.0, 2.0, 1.0), "peer": "x"})

    assert section.startswith(TITLE)
    assert "3.0, 2.0, 1.0" in section
    assert "x0.90" in section


def test_a_document_written_anew_keeps_the_sections_of_other_runs_in_their_order(tmp_path: Path) -> None:
    path = tmp_path / "performance.md"
    rewrite(path, "# Performance\n\n## The run\n\nfirst\n")
    for title in ("## One", "## Another"):
        put_section(path, f"{title}\n\nstays\n")

    rewrite(path, "# Performance\n\n## The run\n\nsecond\n")

    assert path.read_text() == "# Performance\n\n## The run\n\nsecond\n\n## One\n\nstays\n\n## Another\n\nstays\n"
