import pytest

from muniment.capture.scopes import check_scopes
from muniment.errors import TokenRefusedError


@pytest.mark.parametrize(
    "scope", ["write", "write:statuses", "follow", "push", "admin:read", "admin:write", "readwrite", "READ", ""]
)
def test_a_token_that_could_do_more_than_read_is_refused(scope: str) -> None:
    with pytest.raises(TokenRefusedError, match="expected scopes that only read"):
        check_scopes(["read", scope], "mastodon-city")


def test_a_token_without_a_scope_is_refused() -> None:
    with pytest.raises(TokenRefusedError, match="found none"):
        check_scopes([], "mastodon-city")


def test_a_token_that_only_reads_is_taken() -> None:
    check_scopes(["read", "read:statuses", "profile"], "mastodon-city")
