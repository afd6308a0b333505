"""Checkpoints stamped and renewed on a real store: nothing waits for a clock, nothing is stamped twice."""

from __future__ import annotations

import socket
import stat
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from muniment.custody.vault import Vault
from muniment.embedded.time_authority_answers import answer
from muniment.errors import AlreadySealedError, TimeAuthorityError
from muniment.evidence.layout import TimestampAddress, log_batch_key, log_checkpoint_key
from muniment.evidence.timestamp import Trust
from muniment.evidence.timestamp_audit import StampReport, audit_stamps
from muniment.records.agency import TimeAuthority
from muniment.register.load import load_agency
from muniment.settings import read_settings
from muniment.workflows.renew_timestamps import renew_with
from muniment.workflows.stamp_checkpoints import find_newest, lock_until, stamp_checkpoint, stamp_with
from muniment.workflows.stamp_doors import Door, Timekeeping, local_root
from muniment.workflows.wiring import Workplace
from tests.unit.evidence.stamping import Authority, make_authority

CLAREMONT = Path(__file__).parents[2] / "include" / "agencies" / "claremont"
NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
YEAR = timedelta(days=365)
LOCAL = TimeAuthority(name="local", local=True, required=True)
FIRST = TimeAuthority(name="first", url="http://first.example/", roots=("first.pem",), required=True)
SECOND = TimeAuthority(name="second", url="http://second.example/", roots=("second.pem",), required=False)


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def place(vault: Vault, tmp_path: Path) -> Workplace:
    settings = read_settings({"MUNIMENT_HOME": str(tmp_path / "home"), "MUNIMENT_AGENCIES": str(CLAREMONT.parent)})
    return Workplace(settings, load_agency(CLAREMONT, simulator=None), vault)


def naming(place: Workplace, *authorities: TimeAuthority) -> Workplace:
    return replace(place, agency=replace(place.agency, time_authorities=authorities))


def door(named: TimeAuthority, authority: Authority, clock: Clock) -> Door:
    return Door(named, lambda request: answer(request, authority.signer, clock()), authority.trust)


def failing(named: TimeAuthority, authority: Authority) -> Door:
    def fail(_: bytes) -> bytes:
        raise TimeAuthorityError(f"authority {named.name}: expected an answer, found TimeoutError")

    return Door(named, fail, authority.trust)


def keep(place: Workplace, clock: Clock, *doors: Door) -> Timekeeping:
    named = naming(place, *(item.authority for item in doors))
    return Timekeeping(named, doors, clock=clock, pause_s=0)


def checkpoint(place: Workplace, seq: int) -> bytes:
    note = f"claremont.example/muniment/claremont\n{seq + 1}\nqTQ=\n\n- a signature\n".encode()
    until = lock_until(place.agency, NOW)
    place.vault.seal_bytes(log_batch_key(seq), b"{}", lock_until=until, content_type="application/json")
    place.vault.seal_bytes(log_checkpoint_key(seq), note, lock_until=until, content_type="text/plain")
    return note


def audit(place: Workplace, now: datetime, **trusts: Trust) -> StampReport:
    return audit_stamps(place.vault.list_keys("log/timestamps/"), place.vault.read, trusts, now)


def test_a_required_authority_that_fails_is_a_finding_and_stops_nobody(place: Workplace) -> None:
    clock, first, second = Clock(), make_authority(name="first"), make_authority(name="second")
    checkpoint(place, 0)
    done = stamp_with(keep(place, clock, failing(FIRST, first), door(SECOND, second, clock)), 0)
    assert [(item.code, item.subject) for item in done.findings] == [("T006", "time authority first")]
    assert list(done.stamps) == ["second"]
    assert sorted(place.vault.list_keys("log/timestamps/")) == [
        TimestampAddress(0, "second", 0).key("chain.pem"),
        TimestampAddress(0, "second", 0).key("tsr"),
    ]


def test_an_authority_that_is_not_required_fails_without_a_finding(place: Workplace) -> None:
    checkpoint(place, 0)
    done = stamp_with(keep(place, Clock(), failing(SECOND, make_authority())), 0)
    assert done.findings == []
    assert list(done.failed) == ["second"]


def test_a_stamp_that_is_not_to_be_believed_is_not_kept(place: Workplace) -> None:
    clock = Clock()
    liar = door(FIRST, make_authority(), clock)
    checkpoint(place, 0)
    done = stamp_with(keep(place, clock, replace(liar, trust=make_authority().trust)), 0)
    assert [item.code for item in done.findings] == ["T006"]
    assert list(place.vault.list_keys("log/timestamps/")) == []


def test_an_authority_is_asked_again_and_then_believed(place: Workplace) -> None:
    clock, first, asked = Clock(), make_authority(), []

    def ask(request: bytes) -> bytes:
        asked.append(request)
        if len(asked) == 1:
            raise TimeAuthorityError("authority first: expected an answer, found TimeoutError")
        return answer(request, first.signer, clock())

    checkpoint(place, 0)
    done = stamp_with(keep(place, clock, Door(FIRST, ask, first.trust)), 0)
    assert (list(done.stamps), done.findings, len(asked)) == (["first"], [], 2)
    assert asked[0] != asked[1]  # a nonce is used once


def test_a_stamp_is_locked_as_the_log_is_and_asked_for_once(place: Workplace) -> None:
    clock, first = Clock(), make_authority()
    note = checkpoint(place, 0)
    stamp_with(keep(place, clock, door(FIRST, first, clock)), 0)
    key = TimestampAddress(0, "first", 0).key("tsr")
    lock = place.vault.lock_of(key)
    assert lock is not None
    assert lock.until == lock_until(place.agency, NOW)
    body = place.vault.read(key)

    again = stamp_with(keep(place, clock, failing(FIRST, first)), 0)

    assert (list(again.stamps), again.failed) == (["first"], {})
    assert place.vault.read(key) == body
    assert audit(place, NOW, first=first.trust).findings == ()
    assert place.vault.read(log_checkpoint_key(0)) == note


def test_a_crash_between_response_and_chain_is_mended_by_the_next_run(place: Workplace) -> None:
    clock, first = Clock(), make_authority()
    checkpoint(place, 0)
    keeping = keep(place, clock, door(FIRST, first, clock))
    stamped = stamp_with(keeping, 0).stamps["first"]
    body = place.vault.read(TimestampAddress(0, "first", 0).key("tsr"))
    note = place.vault.read(log_checkpoint_key(0))
    until = lock_until(place.agency, NOW)
    place.vault.seal_bytes(log_checkpoint_key(1), note, lock_until=until, content_type="text/plain")
    key = TimestampAddress(1, "first", 0).key("tsr")
    place.vault.seal_bytes(key, body, lock_until=until, content_type="application/timestamp-reply")

    done = stamp_with(keep(place, clock, failing(FIRST, first)), 1)

    assert done.stamps["first"] == stamped
    assert place.vault.read(TimestampAddress(1, "first", 0).key("chain.pem")) == stamped.chain


def test_the_first_of_two_writers_counts_and_the_other_keeps_its_stamp(place: Workplace) -> None:
    clock, first = Clock(), make_authority()
    checkpoint(place, 0)
    key = TimestampAddress(0, "first", 0).key("tsr")
    rival: list[bytes] = []

    def ask(request: bytes) -> bytes:
        if not rival:
            rival.append(b"")
            stamp_with(keep(place, clock, door(FIRST, first, clock)), 0)
            rival[0] = place.vault.read(key)
        return answer(request, first.signer, clock() + timedelta(seconds=9))

    done = stamp_with(keep(place, clock, Door(FIRST, ask, first.trust)), 0)

    assert place.vault.read(key) == rival[0]
    assert (done.stamps["first"].time, done.findings) == (NOW, [])


def test_clocks_that_are_far_apart_are_a_finding_and_the_stamp_is_kept(place: Workplace) -> None:
    clock, first = Clock(), make_authority()
    checkpoint(place, 0)
    ahead = Clock(NOW + timedelta(minutes=6))
    done = stamp_with(keep(place, clock, door(FIRST, first, ahead)), 0)
    assert [item.code for item in done.findings] == ["T007"]
    assert list(done.stamps) == ["first"]


def test_only_the_newest_checkpoint_is_to_be_stamped(place: Workplace) -> None:
    assert find_newest(place.vault) is None
    for seq in range(3):
        checkpoint(place, seq)
    until = lock_until(place.agency, NOW)
    place.vault.seal_bytes(log_batch_key(3), b"{}", lock_until=until, content_type="application/json")
    assert find_newest(place.vault) == 2


def test_what_ages_out_is_renewed_before_and_verifies_years_later(place: Workplace) -> None:
    clock, brief, lasting = Clock(), make_authority(years=2), make_authority(years=9)
    for seq in range(3):
        checkpoint(place, seq)
        clock.now = NOW + timedelta(hours=seq)
        stamp_with(keep(place, clock, door(FIRST, brief, clock)), seq)
    assert renew_with(keep(place, Clock(NOW + timedelta(days=10)), door(FIRST, brief, clock))).renewals == []

    clock.now = NOW + timedelta(days=60)  # within 365 days of the end of 2027
    done = renew_with(keep(place, clock, replace(door(FIRST, lasting, clock), trust=both(brief, lasting))))

    assert [(address, count) for address, _, count in done.renewals] == [(TimestampAddress(2, "first", 1), 3)]
    assert (done.findings, done.waiting) == ([], 0)
    report = audit(place, NOW + 5 * YEAR, first=both(brief, lasting))
    assert report.findings == ()
    assert report.stamped_by(0) == NOW + timedelta(seconds=1)
    again = renew_with(keep(place, clock, replace(door(FIRST, lasting, clock), trust=both(brief, lasting))))
    assert (again.renewals, again.findings) == ([], [])


def both(one: Authority, other: Authority) -> Trust:
    return Trust((*one.trust.roots, *other.trust.roots))


def test_another_authority_renews_when_the_first_fails(place: Workplace) -> None:
    clock, brief, lasting = Clock(), make_authority(years=2), make_authority(years=9)
    checkpoint(place, 0)
    stamp_with(keep(place, clock, door(FIRST, brief, clock)), 0)
    clock.now = NOW + timedelta(days=60)
    done = renew_with(keep(place, clock, failing(FIRST, brief), door(SECOND, lasting, clock)))
    assert [address for address, *_ in done.renewals] == [TimestampAddress(0, "second", 1)]
    assert audit(place, NOW + 5 * YEAR, first=brief.trust, second=lasting.trust).findings == ()


def test_a_renewal_that_would_not_last_is_a_finding_and_is_not_kept(place: Workplace) -> None:
    clock, brief = Clock(), make_authority(years=2)
    checkpoint(place, 0)
    stamp_with(keep(place, clock, door(FIRST, brief, clock)), 0)
    clock.now = NOW + timedelta(days=60)
    done = renew_with(keep(place, clock, door(FIRST, brief, clock)))
    assert [(item.code, item.subject) for item in done.findings] == [("T012", "time authority first")]
    assert (done.renewals, done.waiting) == ([], 1)
    assert len(list(place.vault.list_keys("log/timestamps/"))) == 2


def test_what_aged_out_already_is_a_finding_and_is_not_renewed(place: Workplace) -> None:
    clock, brief, lasting = Clock(), make_authority(years=2), make_authority(years=9)
    checkpoint(place, 0)
    stamp_with(keep(place, clock, door(FIRST, brief, clock)), 0)
    clock.now = NOW + 2 * YEAR
    done = renew_with(keep(place, clock, door(SECOND, lasting, clock)))
    assert [item.code for item in done.findings] == ["T008"]
    assert done.renewals == []


def test_the_local_authority_stamps_and_every_report_says_that_it_is_local(place: Workplace) -> None:
    checkpoint(place, 0)
    done = stamp_checkpoint(naming(place, LOCAL), 0)
    (stamp,) = done["stamps"]
    assert stamp["local"] is True
    assert "proves nothing to an outsider" in stamp["note"]
    assert "for demonstration only" in stamp["signed_by"]
    assert (done["failed"], done["findings"]) == ({}, [])
    keys = local_root(place.settings).parent
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys.iterdir()} == {0o600}


def test_an_authority_that_nobody_runs_is_told_and_nothing_is_raised(
    place: Workplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    folder = tmp_path / "agencies" / "claremont"
    folder.mkdir(parents=True)
    (folder / "first.pem").write_bytes(
        (Path(__file__).parents[1] / "vectors/time-stamps/digicert-2018.root.pem").read_bytes()
    )
    settings = replace(place.settings, agencies=folder.parent)
    checkpoint(place, 0)
    done = stamp_checkpoint(naming(replace(place, settings=settings), replace(FIRST, url=url)), 0)
    assert done["stamps"] == []
    assert done["failed"] == {"first": "authority first: expected an answer, found ConnectionRefusedError"}
    assert [code for code, *_ in done["findings"]] == ["T006"]


def test_a_local_authority_that_does_not_start_is_told_and_nothing_is_raised(place: Workplace) -> None:
    checkpoint(place, 0)
    folder = local_root(place.settings).parent
    folder.parent.mkdir(parents=True)
    folder.write_text("in the way")
    done = stamp_checkpoint(naming(place, LOCAL), 0)
    assert done["failed"] == {"local": "local time authority: expected its address, found that it did not start"}
    assert [code for code, *_ in done["findings"]] == ["T006"]


def test_certificates_that_are_gone_are_told_and_nothing_is_raised(place: Workplace) -> None:
    checkpoint(place, 0)
    done = stamp_checkpoint(naming(place, FIRST), 0)
    assert "expected its certificates" in done["failed"]["first"]


def test_other_bytes_at_a_stamps_key_are_never_written_over(place: Workplace) -> None:
    clock, first = Clock(), make_authority()
    checkpoint(place, 0)
    key, until = TimestampAddress(0, "first", 0).key("tsr"), lock_until(place.agency, NOW)
    place.vault.seal_bytes(key, b"not a stamp", lock_until=until, content_type="text/plain")
    done = stamp_with(keep(place, clock, door(FIRST, first, clock)), 0)
    assert [item.code for item in done.findings] == ["T006"]
    assert place.vault.read(key) == b"not a stamp"
    with pytest.raises(AlreadySealedError):
        place.vault.seal_bytes(key, b"other", lock_until=until, content_type="text/plain")
