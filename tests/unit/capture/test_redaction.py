import pytest
from hypothesis import given
from hypothesis import strategies as st

from muniment.capture.redaction import SECRET_HEADERS, SECRET_PARAMETERS, redact, redact_headers, redact_url


@pytest.mark.parametrize("name", sorted(SECRET_HEADERS))
@pytest.mark.parametrize("spell", [str.lower, str.upper, str.title])
def test_no_secret_header_is_kept(name: str, spell) -> None:
    assert redact_headers(((spell(name), "Bearer s3cret"),)) == ((spell(name), redact("Bearer s3cret")),)


@pytest.mark.parametrize("name", sorted(SECRET_PARAMETERS))
def test_no_secret_parameter_is_kept(name: str) -> None:
    assert "s3cret" not in redact_url(f"https://a.example/x?limit=1&{name}=s3cret")


def test_user_and_password_are_not_kept() -> None:
    assert redact_url("https://user:s3cret@a.example/x") == "https://a.example/x"


def test_two_secrets_leave_different_traces() -> None:
    assert redact("one") != redact("two")


@given(st.text(min_size=9))
def test_a_trace_has_no_room_for_the_secret(secret: str) -> None:
    trace = redact(secret)

    assert len(trace) == len("removed, sha256:") + 8


def test_an_address_without_secrets_is_untouched() -> None:
    url = "https://a.example/x?uri=at%3A%2F%2Fdid&b=&a=1+2"

    assert redact_url(url) == url
