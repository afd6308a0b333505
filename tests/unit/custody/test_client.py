"""What becomes of a store's refusals and failures."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ParamValidationError, ReadTimeoutError

from muniment.custody.client import connect, connect_anonymously, error_code, store_errors
from muniment.errors import (
    AlreadySealedError,
    ChecksumError,
    CustodyError,
    ObjectMissingError,
    StoreUnavailableError,
)


def refusal(code: str, status: int) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "PutObject")


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("NoSuchKey", 404, ObjectMissingError),
        ("NoSuchBucket", 404, ObjectMissingError),
        ("404", 404, ObjectMissingError),
        ("BadDigest", 400, ChecksumError),
        ("PreconditionFailed", 412, AlreadySealedError),
        ("ConditionalRequestConflict", 409, AlreadySealedError),
        ("InternalError", 500, StoreUnavailableError),
        ("ServiceUnavailable", 503, StoreUnavailableError),
        ("SlowDown", 429, StoreUnavailableError),
        ("AccessDenied", 403, CustodyError),
        ("InvalidRequest", 400, CustodyError),
    ],
)
def test_each_refusal_is_an_error_of_its_kind_that_names_the_thing(code, status, kind) -> None:
    with (
        pytest.raises(kind, match=f"a/key: seal: the store answered {status} {code}") as caught,
        store_errors("a/key: seal"),
    ):
        raise refusal(code, status)

    assert type(caught.value) is kind
    assert error_code(caught.value) == code


@pytest.mark.parametrize(
    "error", [EndpointConnectionError(endpoint_url="http://x"), ReadTimeoutError(endpoint_url="http://x")]
)
def test_a_store_that_does_not_answer_is_unavailable(error) -> None:
    with pytest.raises(StoreUnavailableError, match="expected an answer"), store_errors("a"):
        raise error


def test_a_fault_of_ours_is_never_taken_for_a_refusal() -> None:
    with pytest.raises(ParamValidationError), store_errors("a"):
        raise ParamValidationError(report="x")


def test_the_clients_settings_suit_every_store() -> None:
    config = connect("http://127.0.0.1:1", "us-east-1", "key", "secret").meta.config

    assert config.s3 == {"addressing_style": "path", "payload_signing_enabled": False}
    assert config.request_checksum_calculation == "when_required"
    assert config.response_checksum_validation == "when_required"
    assert config.signature_version == "s3v4"


def test_a_strangers_client_signs_nothing(monkeypatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")

    client = connect_anonymously("http://127.0.0.1:1", "us-east-1")

    assert "Signature" not in client.generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "k"})
