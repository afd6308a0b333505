"""One record explained: found in its volume by its id, or in any volume by its address."""

from __future__ import annotations

import json

from tests.contract.keeping import AGENCY, Keeping

VOLUME = "official-posts/city/2026-11"


def test_a_record_is_found_in_its_volume_and_explained_by_it(keeping: Keeping) -> None:
    done = keeping.run("explain", f"{VOLUME}#item-1", "--agency", AGENCY, "--json")
    told = json.loads(done.stdout)

    assert (told["kind"], told["volume"]) == (
        "record",
        f"records/series=official-posts/account=city/volume={VOLUME[-7:]}/",
    )
    assert told["due_at"] == "2028-12-01T08:00:00.000000Z"
    assert told["due_local"] == "2028-12-01 00:00:00 PST (America/Los_Angeles)"
    # Nothing was copied to the second store yet, and that is said.
    vault, second = told["locks"]
    assert (vault["copy"], vault["objects_read"], vault["until"]) == ("vault", 7, "2028-12-01T08:00:00.000000Z")
    assert second["copy"] == "second"
    assert second["fault"] is not None
    assert done.returncode == 1


def test_a_record_that_its_volume_does_not_list_is_not_explained(keeping: Keeping) -> None:
    for target in (f"{VOLUME}#item-9", "at://did:plc:nobody/app.bsky.feed.post/1"):
        done = keeping.run("explain", target, "--agency", AGENCY)
        assert done.returncode == 2
        assert "in the vault; found none by" in done.stderr
