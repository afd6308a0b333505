from __future__ import annotations

import pytest

from muniment.errors import ConfigurationError
from muniment.settings import ParseSettings, read_settings


@pytest.mark.parametrize("text", ["0", "-1", "two", "", "²", "1.5"])
@pytest.mark.parametrize("variable", ["MUNIMENT_PARSE_WORKERS", "MUNIMENT_PARSE_SHARE_BYTES"])
def test_what_is_no_count_is_refused(variable: str, text: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{variable}: expected a whole number from 1"):
        read_settings({variable: text})


def test_how_to_parse_is_handed_on_to_the_services() -> None:
    chosen = read_settings({"MUNIMENT_PARSE_WORKERS": "3", "MUNIMENT_PARSE_SHARE_BYTES": "1000"})

    assert chosen.parsing == ParseSettings(workers=3, share_bytes=1000)
    assert read_settings(chosen.as_environment()).parsing == chosen.parsing


def test_unless_told_there_are_no_more_workers_than_cores_or_four() -> None:
    assert 1 <= read_settings({}).parsing.workers <= 4
