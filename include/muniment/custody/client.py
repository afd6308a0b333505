"""The S3 client, with the settings that AWS S3, SeaweedFS and Ceph RGW all understand.

Bodies are sent with their checksums in signed headers and are not hashed again for the
signature: a store that checks them refuses altered bytes, and where one does not check
them the vault reads back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, ParamValidationError
from botocore.exceptions import ConnectionError as StoreConnectionError
from urllib3.exceptions import HTTPError

from muniment.errors import (
    AlreadySealedError,
    ChecksumError,
    CustodyError,
    ObjectMissingError,
    StoreUnavailableError,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# AWS S3 API, "List of error codes"; Ceph RGW answers 404 to a HEAD without a code.
_MISSING = frozenset({"NoSuchKey", "NoSuchVersion", "NoSuchBucket", "NotFound", "404"})
_WRONG_BYTES = frozenset({"BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch"})
_EXISTS = frozenset({"PreconditionFailed", "412", "ConditionalRequestConflict"})
_UNAVAILABLE_STATUS = 500


def connect(
    endpoint: str, region: str, access_key: str, secret_key: str, *, attempts: int = 5, timeout_s: float = 60
) -> S3Client:
    """Build a client of the store at *endpoint* that signs with the key given.

    Args:
        endpoint: the store's address, http or https.
        region: the store's region; SeaweedFS and Ceph RGW take any.
        access_key: the key's public half.
        secret_key: the key's secret half.
        attempts: how often a request is tried in all.
        timeout_s: seconds to wait for an answer's next bytes.
    """
    config = _config(attempts, timeout_s).merge(Config(signature_version="s3v4"))
    return _session().client(
        "s3",
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        config=config,
    )


def connect_anonymously(endpoint: str, region: str) -> S3Client:
    """Build a client that signs nothing, to see what a stranger may do."""
    config = _config(2, 30).merge(Config(signature_version=UNSIGNED))
    return _session().client("s3", endpoint_url=endpoint, region_name=region, config=config)


@cache
def _session() -> boto3.session.Session:
    # A session reads megabytes of service descriptions, once; a client of it takes a tenth of the time.
    return boto3.session.Session()


def _config(attempts: int, timeout_s: float) -> Config:
    return Config(
        s3={"addressing_style": "path", "payload_signing_enabled": False},
        # Ceph RGW 16 answers 411 to the trailing checksums that boto3 sends by default.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        retries={"mode": "standard", "total_max_attempts": attempts},
        connect_timeout=min(timeout_s, 10),
        read_timeout=timeout_s,
        max_pool_connections=32,
    )


@contextmanager
def store_errors(what: str) -> Iterator[None]:
    """Translate the client's errors; *what* names the thing and the act.

    Raises:
        ObjectMissingError: there is no such object, version or bucket.
        ChecksumError: the store found other bytes than the checksums say.
        AlreadySealedError: the store refused to write over what is there.
        StoreUnavailableError: the store did not answer, or failed.
        CustodyError: the store refused for another reason; the message has its code.
    """
    try:
        yield
    except ClientError as error:
        raise _translate(error, what) from error
    except ParamValidationError:
        raise  # a fault of ours, which must not pass for a refusal by the store
    except (StoreConnectionError, HTTPClientError, HTTPError) as error:
        raise StoreUnavailableError(f"{what}: expected an answer, found {type(error).__name__}") from error
    except BotoCoreError as error:
        raise CustodyError(f"{what}: {type(error).__name__}: {error}") from error


def error_code(error: BaseException | None) -> str:
    """Return the store's own code of a translated or raw *error*, or the error's type."""
    if isinstance(error, CustodyError) and error.__cause__ is not None:
        return error_code(error.__cause__)
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "unknown"))
    return type(error).__name__


def _translate(error: ClientError, what: str) -> CustodyError:
    code = error_code(error)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    message = f"{what}: the store answered {status} {code}"
    if code in _MISSING:
        return ObjectMissingError(message)
    if code in _WRONG_BYTES:
        return ChecksumError(message)
    if code in _EXISTS:
        return AlreadySealedError(message)
    if status >= _UNAVAILABLE_STATUS or code == "SlowDown":
        return StoreUnavailableError(message)
    return CustodyError(message)
