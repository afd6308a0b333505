"""What the first stamp proved stays proved as long as each is renewed before it ages out, and no longer."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from muniment.errors import ObjectMissingError, TimestampError
from muniment.evidence.digest import sha256_hex
from muniment.evidence.layout import TimestampAddress, log_checkpoint_key
from muniment.evidence.timestamp import make_request, verify_response
from muniment.evidence.timestamp_audit import StampReport, audit_stamps
from muniment.evidence.timestamp_renewals import needed_keys, read_list, write_list
from tests.unit.evidence.stamping import NOW, Authority, make_authority

YEAR = timedelta(days=365)
BRIEF = make_authority(name="brief", years=2)  # ends at the end of 2027
LASTING = make_authority(name="lasting", years=9)


class Log:
    """Checkpoints and stamps, under their keys."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def stamp(self, seq: int, by: Authority = BRIEF, at: datetime = NOW, name: str = "brief") -> TimestampAddress:
        message = f"muniment.example/x\n{seq}\nqTQ=\n\n- sig\n".encode()
        self.objects[log_checkpoint_key(seq)] = message
        return self._put(TimestampAddress(seq, name, 0), message, by, at)

    def renew(
        self, covered: list[TimestampAddress], seq: int, number: int, by: Authority, at: datetime
    ) -> TimestampAddress:
        keys = sorted({key for address in covered for key in needed_keys(address)})
        body = write_list({key: sha256_hex(self.objects[key]) for key in keys})
        address = TimestampAddress(seq, "lasting" if by is LASTING else "brief", number)
        self.objects[address.key("sums")] = body
        return self._put(address, body, by, at)

    def _put(self, address: TimestampAddress, message: bytes, by: Authority, at: datetime) -> TimestampAddress:
        request = make_request(message)
        response = by.answer(request, at)
        self.objects[address.key("tsr")] = response
        self.objects[address.key("chain.pem")] = verify_response(response, request, by.trust).chain
        return address

    def audit(self, now: datetime, trusts: Mapping[str, Authority] | None = None) -> StampReport:
        known = {"brief": BRIEF, "lasting": LASTING} if trusts is None else trusts
        keys = [key for key in self.objects if key.startswith("log/timestamps/")]
        return audit_stamps(keys, self.read, {name: item.trust for name, item in known.items()}, now)

    def read(self, key: str) -> bytes:
        if key not in self.objects:
            raise ObjectMissingError(f"{key}: expected an object, found none")
        return self.objects[key]


def codes(report: StampReport) -> list[tuple[str, str]]:
    return [(finding.code, finding.subject) for finding in report.findings]


def test_a_stamp_that_aged_out_unrenewed_is_a_finding() -> None:
    log = Log()
    address = log.stamp(0)
    assert codes(log.audit(NOW + YEAR)) == []
    assert codes(log.audit(NOW + 2 * YEAR)) == [("T008", address.key("tsr"))]


def test_a_renewal_in_time_carries_a_stamp_past_its_end() -> None:
    log = Log()
    address = log.stamp(0)
    log.renew([address], 0, 1, LASTING, NOW + YEAR)
    report = log.audit(NOW + 5 * YEAR)
    assert codes(report) == []
    assert report.ends[address] == LASTING.signer.certificate.not_valid_after_utc
    assert report.stamped_by(0) == NOW + timedelta(seconds=1)


def test_a_renewal_that_came_too_late_carries_nothing() -> None:
    log = Log()
    address = log.stamp(0)
    log.renew([address], 0, 1, LASTING, NOW + 2 * YEAR)
    assert codes(log.audit(NOW + 3 * YEAR)) == [("T008", address.key("tsr"))]


def test_a_renewal_is_renewed_in_turn() -> None:
    log = Log()
    first = log.stamp(0)
    second = log.renew([first], 0, 1, BRIEF, NOW + timedelta(days=30))
    log.renew([second], 0, 1, LASTING, NOW + YEAR)
    report = log.audit(NOW + 5 * YEAR)
    assert codes(report) == []
    assert report.ends[first] == report.ends[second] == LASTING.signer.certificate.not_valid_after_utc


def test_one_renewal_covers_many_stamps() -> None:
    log = Log()
    stamps = [log.stamp(seq, at=NOW + timedelta(hours=seq)) for seq in range(5)]
    log.renew(stamps, 4, 1, LASTING, NOW + YEAR)
    assert codes(log.audit(NOW + 5 * YEAR)) == []


def test_a_list_without_the_checkpoint_covers_nothing() -> None:
    log = Log()
    address = log.stamp(0)
    checkpoint = log.objects.pop(log_checkpoint_key(0))
    keys = sorted(needed_keys(address) - {log_checkpoint_key(0)})
    renewal = TimestampAddress(0, "lasting", 1)
    body = write_list({key: sha256_hex(log.objects[key]) for key in keys})
    log.objects[log_checkpoint_key(0)] = checkpoint
    log.objects[renewal.key("sums")] = body
    log._put(renewal, body, LASTING, NOW + YEAR)
    assert codes(log.audit(NOW + 3 * YEAR)) == [("T008", address.key("tsr"))]


def test_an_altered_list_is_found_at_the_renewal_and_no_longer_covers() -> None:
    log = Log()
    address = log.stamp(0)
    renewal = log.renew([address], 0, 1, LASTING, NOW + YEAR)
    body = log.objects[renewal.key("sums")]
    log.objects[renewal.key("sums")] = body.replace(body[:1], b"0" if body[:1] != b"0" else b"1", 1)
    assert codes(log.audit(NOW + YEAR)) == [("T002", renewal.key("tsr"))]


def test_a_covered_object_that_is_gone_is_a_finding() -> None:
    log = Log()
    first, second = log.stamp(0), log.stamp(1)
    renewal = log.renew([first, second], 1, 1, LASTING, NOW + YEAR)
    del log.objects[first.key("tsr")]
    assert codes(log.audit(NOW + 3 * YEAR)) == [("T009", renewal.key("sums"))]


@pytest.mark.parametrize("part", ["tsr", "chain.pem", "message"])
def test_one_altered_object_of_a_stamp_is_blamed_once(part: str) -> None:
    log = Log()
    log.stamp(0)
    address = log.stamp(1, at=NOW + timedelta(hours=1))
    log.renew([address], 1, 1, LASTING, NOW + timedelta(days=1))
    key = log_checkpoint_key(1) if part == "message" else address.key(part)
    altered = bytearray(log.objects[key])
    altered[20] ^= 1
    log.objects[key] = bytes(altered)
    ((code, subject),) = codes(log.audit(NOW + timedelta(days=2)))
    assert subject == address.key("tsr")
    assert code in {"tsr": {"T001"}, "chain.pem": {"T004"}, "message": {"T002"}}[part]


def test_stamps_swapped_between_checkpoints_are_found() -> None:
    log = Log()
    one, two = log.stamp(0), log.stamp(1)
    for part in ("tsr", "chain.pem"):
        log.objects[one.key(part)], log.objects[two.key(part)] = log.objects[two.key(part)], log.objects[one.key(part)]
    assert codes(log.audit(NOW)) == [("T002", one.key("tsr")), ("T002", two.key("tsr"))]


def test_a_clock_set_back_between_checkpoints_is_found() -> None:
    log = Log()
    log.stamp(0)
    set_back = log.stamp(1, at=NOW - timedelta(days=1))
    log.stamp(2, at=NOW - timedelta(hours=23))
    assert codes(log.audit(NOW)) == [("T010", set_back.key("tsr"))]


def test_a_stamp_of_a_stranger_is_not_anchored_and_says_so() -> None:
    log = Log()
    address = log.stamp(0)
    report = log.audit(NOW, {})
    assert (codes(report), report.unanchored) == ([], frozenset([address]))


def test_a_newest_checkpoint_without_a_required_stamp_is_a_finding() -> None:
    log = Log()
    log.stamp(0)
    report = log.audit(NOW)
    assert [item.code for item in report.unstamped(1, ["brief"])] == ["T006"]
    assert list(report.unstamped(0, ["brief"])) == []


def test_a_later_stamp_proves_an_earlier_checkpoint_too() -> None:
    log = Log()
    log.stamp(3, at=NOW + timedelta(hours=1))
    log.stamp(5, at=NOW + timedelta(hours=2))
    log.stamp(5, LASTING, NOW + timedelta(hours=3), name="lasting")
    report = log.audit(NOW + timedelta(hours=4))
    hours = {seq: report.stamped_by(seq) for seq in range(7)}
    first, second = (NOW + timedelta(hours=hour, seconds=1) for hour in (1, 2))
    assert hours == {0: first, 1: first, 2: first, 3: first, 4: second, 5: second, 6: None}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n",
        b"0" * 64 + b"  log/checkpoints/0000000001",
        b"0" * 64 + b" *log/checkpoints/0000000001\n",
        b"0" * 64 + b"  log/checkpoints/0000000002\n" + b"0" * 64 + b"  log/checkpoints/0000000001\n",
        b"0" * 64 + b"  records/x\n",
    ],
)
def test_a_list_of_another_form_is_refused(body: bytes) -> None:
    with pytest.raises(TimestampError):
        read_list(body)


def test_a_list_reads_as_it_was_written() -> None:
    digests = {log_checkpoint_key(7): "ab" * 32, TimestampAddress(7, "a-b-2", 0).key("tsr"): "cd" * 32}
    assert read_list(write_list(digests)) == digests


def test_sha256sum_and_openssl_check_a_renewal_by_hand(tmp_path: Path) -> None:
    log = Log()
    renewal = log.renew([log.stamp(0), log.stamp(1)], 1, 1, LASTING, NOW + YEAR)
    for key, body in log.objects.items():
        path = tmp_path / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    at = str(int(NOW.timestamp()))
    sums, response, chain = (renewal.key(part) for part in ("sums", "tsr", "chain.pem"))

    def run(*command: str) -> int:
        return subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode

    assert run("sha256sum", "--check", "--strict", sums) == 0
    assert run("openssl", "ts", "-verify", "-data", sums, "-in", response, "-CAfile", chain, "-attime", at) == 0
    (tmp_path / log_checkpoint_key(0)).write_bytes(b"another")
    assert run("sha256sum", "--check", "--strict", sums) == 1
