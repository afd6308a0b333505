"""The README's reader, with no code of Muniment's, reads posts across snapshots from the real bucket."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from tests.end_to_end.city import City

README = Path(__file__).resolve().parents[2] / "README.md"


def snippet() -> str:
    found = re.search(r"<!-- snippet: read-posts -->\n```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def test_the_readmes_reader_uses_no_code_of_ours() -> None:
    assert "muniment" not in snippet().lower()


def test_the_readmes_reader_reads_every_post_of_every_snapshot(city: City) -> None:
    for _ in range(2):
        done = city.run("capture", "--agency", "claremont", "--series", "official-posts", "--account", "website-news")
        assert done.returncode == 0, done.stderr
        city.advance(7200)
    key = json.loads(city.settings.store.credentials_file.read_text("utf-8"))
    environment = {
        **os.environ,
        "AWS_ENDPOINT_URL": city.settings.store.endpoint,
        "AWS_ACCESS_KEY_ID": key["access_key"],
        "AWS_SECRET_ACCESS_KEY": key["secret_key"],
        "BUCKET": city.settings.store.bucket("claremont"),
    }

    done = subprocess.run(
        [sys.executable, "-c", snippet()], env=environment, capture_output=True, text=True, timeout=120, check=False
    )

    assert done.returncode == 0, done.stderr
    wanted = [
        f"website-news {manifest.snapshot} {state} {count}"
        for manifest in city.manifests("website-news", "official-posts")
        for state in ("new", "changed", "unchanged", "gone")
        if (count := getattr(manifest.rows, state))
    ]
    assert sorted(done.stdout.splitlines()) == sorted(wanted)
    assert any(" gone " in line for line in wanted)
