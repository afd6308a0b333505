"""What a store does with checksums and with a second writer."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from hashlib import md5, sha256

from muniment.custody.client import store_errors
from muniment.custody.probes.bench import BODY, Bench, is_refused
from muniment.evidence.findings import Finding

_OTHER = b"other bytes"


def find_unchecked_bytes(bench: Bench) -> Iterator[Finding]:
    """D012: a wrong SHA-256 is refused; or (D014) at least not vouched for, so that reading back finds it."""
    wrong = b64encode(sha256(_OTHER).digest()).decode("ascii")
    key = bench.key("checksum-sha256")
    if is_refused(bench.operator.put_object, Bucket=bench.bucket, Key=key, Body=BODY, ChecksumSHA256=wrong):
        return
    with store_errors(f"{key}: read the headers"):
        head = bench.operator.head_object(Bucket=bench.bucket, Key=key, ChecksumMode="ENABLED")
    if head.get("ChecksumSHA256") == wrong:
        yield Finding("D012", bench.bucket, "a wrong SHA-256 was accepted and is stated as the object's")
    else:
        yield Finding("D014", bench.bucket, "SHA-256 is not checked on arrival: the vault reads every object back")


def find_unchecked_md5(bench: Bench) -> Iterator[Finding]:
    """D014: a wrong Content-MD5 is refused."""
    wrong = b64encode(md5(_OTHER, usedforsecurity=False).digest()).decode("ascii")
    key = bench.key("checksum-md5")
    if not is_refused(bench.operator.put_object, Bucket=bench.bucket, Key=key, Body=BODY, ContentMD5=wrong):
        yield Finding("D014", bench.bucket, "Content-MD5 is not checked on arrival")


def find_second_writer(bench: Bench) -> Iterator[Finding]:
    """D014: a second write under If-None-Match is refused; else the vault takes the oldest version."""
    key = bench.key("create-once")

    def write() -> object:
        return bench.operator.put_object(Bucket=bench.bucket, Key=key, Body=BODY, IfNoneMatch="*")

    with store_errors(f"{key}: put a throwaway"):
        write()
    if not is_refused(write):
        yield Finding("D014", bench.bucket, "If-None-Match is not honoured: the oldest version is the record")
