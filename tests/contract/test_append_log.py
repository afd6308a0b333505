"""The log on a real store: from an agency's files to a proof that openssl and a dozen lines check."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from muniment.custody.buckets import create_bucket
from muniment.custody.client import connect
from muniment.custody.doctor import examine
from muniment.custody.log_tip import read_from, read_key_records
from muniment.custody.store_checks import record_check
from muniment.custody.vault import Vault
from muniment.embedded.seaweed import REGION, SeaweedFS
from muniment.errors import ConfigurationError, LogError
from muniment.evidence.checkpoint import open_checkpoint
from muniment.evidence.layout import LOG_HEAD, MANIFEST, SnapshotAddress, VolumeAddress, log_checkpoint_key
from muniment.evidence.log_audit import audit_tree
from muniment.evidence.log_records import parse_entry
from muniment.records.names import AccountId, SeriesId, SnapshotId, VolumeId
from muniment.settings import Settings, read_settings
from muniment.workflows.append_log import append_log
from muniment.workflows.log_keys import list_keys, make_key, rotate_key
from muniment.workflows.log_place import open_log
from muniment.workflows.log_prove import hand_out_proof, show_log
from tests.unit.evidence.vault_folder import build_manifest

AGENCY, FOREVER = "claremont", datetime.now(UTC) + timedelta(days=2)
VOLUME = VolumeAddress(SeriesId("official-posts"), AccountId("bluesky-city"), VolumeId("2026-11"))


@pytest.fixture
def place(store: SeaweedFS, tmp_path: Path) -> Settings:
    """Return the settings of an agency whose store passed, whose log has a key, and which sealed nothing yet."""
    prefix = f"t{abs(hash(tmp_path)) % 10**10}-"
    settings = read_settings(
        {
            "MUNIMENT_HOME": str(tmp_path / "home"),
            "MUNIMENT_S3_ENDPOINT": store.endpoint,
            "MUNIMENT_S3_CREDENTIALS": str(store.credentials_file("operator")),
            "MUNIMENT_S3_ADMINISTRATOR": str(store.credentials_file("administrator")),
            "MUNIMENT_BUCKET_PREFIX": prefix,
        }
    )
    administrator = connect(store.endpoint, REGION, *store.credentials("administrator"))
    operator = connect(store.endpoint, REGION, *store.credentials("operator"))
    create_bucket(administrator, settings.store.bucket(AGENCY))
    report = examine(operator, settings.store.bucket(AGENCY))
    record_check(operator, report, lock_until=FOREVER)
    make_key(AGENCY, settings)
    return settings


def vault_of(settings: Settings) -> Vault:
    client = connect(settings.store.endpoint, REGION, *settings.store.credentials())
    return Vault(client, settings.store.bucket(AGENCY))


def seal_manifests(settings: Settings, numbers: range) -> list[str]:
    """Seal a manifest for each of *numbers*; return their keys."""
    vault, keys = vault_of(settings), []
    for number in numbers:
        address = SnapshotAddress(VOLUME, SnapshotId(f"20261121T12{number:04}.000000Z-0123abcd"))
        objects = tuple(
            vault.seal_bytes(address.key(name), name.encode(), lock_until=FOREVER, content_type="x/y")
            for name in ("pages.parquet", "rows.parquet")
        )
        manifest = build_manifest(address, tuple(replace(item, locked_until="2028-12-01T08:00:00.000000Z")
                                                 for item in objects), None)  # fmt: skip
        key = address.key(MANIFEST)
        vault.seal_bytes(key, manifest.to_bytes(), lock_until=FOREVER, content_type="application/json")
        keys.append(key)
    return keys


def entries_of(settings: Settings) -> Iterator[str]:
    log = open_log(AGENCY, settings)
    tip = log.settle()
    audit = audit_tree(read_from(log.vault), tip.checkpoint.size, tip.checkpoint.root)
    assert (audit.sound, audit.faults) == (True, ())
    return (parse_entry(entry).key for entry in audit.entries if entry is not None)


def test_without_a_key_nothing_is_logged(place: Settings) -> None:
    (place.log_keys / f"{AGENCY}.key").unlink()
    with pytest.raises(ConfigurationError, match="expected the key that signs the log, found no file"):
        append_log(AGENCY, place)
    assert list(vault_of(place).list_keys("log/")) == []


def test_a_key_that_others_may_read_is_refused(place: Settings) -> None:
    (place.log_keys / f"{AGENCY}.key").chmod(0o644)
    with pytest.raises(ConfigurationError, match="expected a file that only its owner reads, found mode 644"):
        append_log(AGENCY, place)


def test_a_schedule_without_a_row_for_the_log_is_refused(place: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "agencies" / AGENCY
    folder.mkdir(parents=True)
    for path in (place.agencies / AGENCY).iterdir():
        text = path.read_text("utf-8")
        if path.name == "retention.yaml":
            text = text[: text.index("  - id: CA-SM-12")]
        (folder / path.name).write_text(text, "utf-8")
    with pytest.raises(ConfigurationError, match="series log: expected a row in the agency's schedule, found none"):
        append_log(AGENCY, replace(place, agencies=tmp_path / "agencies"))


def test_everything_sealed_is_logged_once_and_locked_by_the_schedule(place: Settings) -> None:
    keys = seal_manifests(place, range(3))
    first, again = append_log(AGENCY, place), append_log(AGENCY, place)
    more = seal_manifests(place, range(3, 5))
    later = append_log(AGENCY, place)

    assert (first["appended"], again["appended"], later["appended"]) == (5, 0, 2)  # a key and a store check besides
    assert first["findings"] == later["findings"] == []
    logged = list(entries_of(place))
    assert logged[0].startswith("log/keys/claremont-example-muniment-claremont-")
    assert [key for key in logged if key.startswith("records/")] == keys + more
    assert len([key for key in logged if key.startswith("registers/store-checks/")]) == 1
    vault = vault_of(place)
    locks = {key: vault.lock_of(key) for key in vault.list_keys("log/") if key != LOG_HEAD}
    assert all(lock is not None and lock.mode == "COMPLIANCE" for lock in locks.values())
    assert {lock.until.year - datetime.now(UTC).year for lock in locks.values() if lock} <= {7, 8}
    assert vault.read(LOG_HEAD)


def test_what_is_not_sealed_or_no_manifest_is_refused_by_name_and_the_rest_logged(
    place: Settings, operator_client
) -> None:
    keys = seal_manifests(place, range(1))
    stray = SnapshotAddress(VOLUME, SnapshotId("20261121T130000.000000Z-0123abcd")).key(MANIFEST)
    operator_client.put_object(Bucket=place.store.bucket(AGENCY), Key=stray, Body=b"{}")
    broken = SnapshotAddress(VOLUME, SnapshotId("20261121T140000.000000Z-0123abcd")).key(MANIFEST)
    vault_of(place).seal_bytes(broken, b"{}", lock_until=FOREVER, content_type="application/json")

    done = append_log(AGENCY, place)

    assert [(code, key) for code, key, _ in done["findings"]] == [("L001", stray), ("L001", broken)]
    logged = list(entries_of(place))
    assert keys[0] in logged
    assert not {stray, broken} & set(logged)


def test_the_private_key_is_in_its_file_and_nowhere_else(place: Settings) -> None:
    seal_manifests(place, range(1))
    append_log(AGENCY, place)
    path = place.log_keys / f"{AGENCY}.key"
    secret = path.read_text("utf-8").strip().split("+", 4)[4].encode()  # base64, in which a + may stand too

    assert len(secret) == 44
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    vault = vault_of(place)
    assert not [key for key in vault.list_keys("") if secret in vault.read(key)]
    assert not [item for item in (place.home / "log-seen").rglob("*") if item.is_file() and secret in item.read_bytes()]


def test_a_new_key_takes_over_and_every_checkpoint_stays_verifiable(place: Settings) -> None:
    seal_manifests(place, range(2))
    append_log(AGENCY, place)
    old = (place.log_keys / f"{AGENCY}.key").read_text("utf-8")
    new = rotate_key(AGENCY, place)
    seal_manifests(place, range(2, 4))
    append_log(AGENCY, place)

    assert old not in [path.read_text("utf-8") for path in place.log_keys.iterdir()]
    assert [key.signs for key in list_keys(AGENCY, place)] == [False, True]
    known = [record.verifier for record in read_key_records(vault_of(place))]
    notes = [vault_of(place).read(log_checkpoint_key(seq)) for seq in range(3)]
    signed_by = [{key.id for key in open_checkpoint(note, known).signed_by} for note in notes]
    assert [new.id in found for found in signed_by] == [False, True, True]
    assert [len(found) for found in signed_by] == [1, 2, 1]


@pytest.mark.parametrize("step", ["seal_key_record", "append", "promote"])
def test_a_rotation_that_broke_off_is_finished(place: Settings, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    from muniment.custody.log_key_files import LogKeyFiles
    from muniment.custody.log_writer import LogWriter

    seal_manifests(place, range(1))
    append_log(AGENCY, place)
    owner = LogKeyFiles if step == "promote" else LogWriter

    def die(*args: object, **named: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(owner, step, die)
        with pytest.raises(KeyboardInterrupt):
            rotate_key(AGENCY, place)
    seal_manifests(place, range(1, 2))
    append_log(AGENCY, place)
    new = rotate_key(AGENCY, place)

    assert [(key.record.verifier.id, key.signs) for key in list_keys(AGENCY, place)][1:] == [(new.id, True)]
    assert sorted(path.name for path in place.log_keys.iterdir()) == [f"{AGENCY}.key"]
    list(entries_of(place))


def test_a_log_that_is_not_the_one_seen_before_is_not_continued(place: Settings) -> None:
    seal_manifests(place, range(2))
    append_log(AGENCY, place)
    empty = replace(place, store=replace(place.store, bucket_prefix=f"{place.store.bucket_prefix}b-"))
    administrator = connect(place.store.endpoint, REGION, *(place.store.administrator_or_none() or ("", "")))
    create_bucket(administrator, empty.store.bucket(AGENCY))
    operator = connect(place.store.endpoint, REGION, *place.store.credentials())
    record_check(operator, examine(operator, empty.store.bucket(AGENCY)), lock_until=FOREVER)
    seen = place.home / "log-seen"
    (seen / place.store.bucket(AGENCY)).rename(seen / empty.store.bucket(AGENCY))  # as if the bucket were put back
    with pytest.raises(LogError, match="expected it to continue what"):
        append_log(AGENCY, empty)


def test_a_proof_is_checked_with_openssl_and_the_dozen_lines_of_its_note(place: Settings, tmp_path: Path) -> None:
    keys = seal_manifests(place, range(9))
    append_log(AGENCY, place)
    folder = tmp_path / "proof"
    handed = hand_out_proof(AGENCY, keys[4].split("snapshot=")[1].removesuffix(f"/{MANIFEST}"), folder, place)
    note = (folder / "READ-ME.txt").read_text("utf-8")
    command = next(line for line in note.split("\n") if line.startswith("openssl "))
    lines = note[note.index("from base64") :]

    assert handed.key == keys[4]
    done = subprocess.run(command.split(), cwd=folder, capture_output=True, text=True, check=True)
    assert "Verified Successfully" in done.stdout
    assert len(re.findall(r"\n", lines)) <= 16

    def check() -> str:
        done = subprocess.run([sys.executable, "-c", lines], cwd=folder, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    assert check() == "proved"
    entry = json.loads((folder / "entry.json").read_bytes())
    (folder / "entry.json").write_text(json.dumps(entry | {"sha256": "0" * 64}), "utf-8")
    assert check() == "NOT PROVED"


def test_a_proof_of_what_is_not_logged_is_refused(place: Settings, tmp_path: Path) -> None:
    seal_manifests(place, range(1))
    append_log(AGENCY, place)
    with pytest.raises(ConfigurationError, match="found none among 3"):
        hand_out_proof(AGENCY, "20991121T120000.000000Z-0123abcd", tmp_path / "proof", place)


def test_show_tells_what_waits(place: Settings) -> None:
    with pytest.raises(ConfigurationError, match="expected a log, found none yet"):
        show_log(AGENCY, place)
    seal_manifests(place, range(1))
    append_log(AGENCY, place)
    seal_manifests(place, range(1, 3))

    shown = show_log(AGENCY, place).to_json()

    assert (shown["size"], shown["not_logged_yet"], shown["batches_without_checkpoint"]) == (3, 2, 0)


def _append_in_process(settings: Settings) -> None:
    append_log(AGENCY, settings)


@pytest.mark.parametrize("acts", [4, pytest.param(100, marks=pytest.mark.real)])
def test_two_processes_with_kills_in_between_make_one_history(place: Settings, acts: int) -> None:
    spawn = multiprocessing.get_context("forkserver")
    spawn.set_forkserver_preload(["muniment.workflows.append_log"])
    keys: list[str] = []
    for act in range(acts):
        keys += seal_manifests(place, range(act * 3, act * 3 + 3))
        writers = [spawn.Process(target=_append_in_process, args=(place,)) for _ in range(2)]
        for writer in writers:
            writer.start()
        writers[0].join(0.02 + act % 20 * 0.03)
        if writers[0].pid and writers[0].is_alive():
            os.kill(writers[0].pid, signal.SIGKILL)
        for writer in writers:
            writer.join()
        assert writers[1].exitcode == 0
    append_log(AGENCY, place)

    assert [key for key in entries_of(place) if key.startswith("records/")] == keys


def test_the_command_says_what_it_did_and_exits_accordingly(
    place: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from muniment.cli.main import main

    for name, value in place.as_environment().items():
        monkeypatch.setenv(name, value)
    keys = seal_manifests(place, range(2))

    def run(*words: str) -> tuple[int, str]:
        code = main(["log", *words, "--agency", AGENCY])
        return code, capsys.readouterr().out

    assert run("append") == (0, "4 appended; the log of claremont.example/muniment/claremont has 4 entries.\n")
    code, said = run("show", "--json")
    assert (code, json.loads(said)["size"], json.loads(said)["not_logged_yet"]) == (0, 4, 0)
    assert run("prove", keys[0], "--to", str(tmp_path / "proof"))[0] == 0
    assert [item["signs"] for item in json.loads(run("keys", "list", "--json")[1])] == [True]
    code, said = run("keys", "rotate")
    assert (code, said.splitlines()[1].split("+")[0]) == (0, "claremont.example/muniment/claremont")
    assert run("keys", "new")[0] == 2  # there is one
    stray = SnapshotAddress(VOLUME, SnapshotId("20261121T140000.000000Z-0123abcd")).key(MANIFEST)
    vault_of(place).seal_bytes(stray, b"{}", lock_until=FOREVER, content_type="application/json")
    code, said = run("append")
    assert (code, said.splitlines()[1].split(":")[0]) == (1, f"L001 {stray}")
