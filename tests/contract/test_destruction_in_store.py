"""Volumes whose locks have ended, destroyed in a real store: what is left verifies, and confirms nothing of them."""

from __future__ import annotations

import json
import random
import time
from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import md5, sha1, sha256, sha512
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from botocore.exceptions import ClientError

from muniment.custody.buckets import create_bucket
from muniment.custody.client import connect, error_code
from muniment.custody.doctor import examine
from muniment.custody.log_tip import read_from
from muniment.custody.store_checks import record_check
from muniment.custody.vault import Vault
from muniment.embedded.seaweed import REGION, SeaweedFS
from muniment.errors import ProofError
from muniment.evidence.checkpoint import open_checkpoint
from muniment.evidence.checks.log import BroughtCheckpoint
from muniment.evidence.commitments import (
    KEY_BYTES,
    SECRET_BYTES,
    State,
    commit_field,
    commit_row,
    derive_key,
    encode_value,
    field_label,
    state_of,
)
from muniment.evidence.disclosures import Shown, check_disclosure, parse_disclosure
from muniment.evidence.layout import MANIFEST, PAGES, ROWS, SnapshotAddress, VolumeAddress, snapshot_id, taken_at_of
from muniment.evidence.log_proof import LogProof, check_continues, check_log_proof
from muniment.evidence.manifest import Manifest, Previous, SealedObject, parse_manifest
from muniment.evidence.merkle import check_inclusion, inclusion_proof, leaf_hash
from muniment.evidence.notes import VerifierKey
from muniment.evidence.report import VerificationReport
from muniment.evidence.row_commitment import Commitment
from muniment.evidence.row_fields import SCHEME, Scalar, fields_of
from muniment.evidence.verify import LOCKS, LOGGED, ROOTS, Means, verify
from muniment.records.agency import Agency
from muniment.records.names import AccountId, SnapshotId, VolumeId, format_instant
from muniment.records.rows import ItemRow
from muniment.records.series import PUBLIC_COMMENTS
from muniment.retention.locks import compute_volume_lock
from muniment.settings import Settings, read_settings
from muniment.tables.parse_notes import ParseNotes
from muniment.tables.row_commitments import read_commitment
from muniment.tables.row_roots import disclose_row, hash_rows, recompute_root
from muniment.workflows.append_log import append_log
from muniment.workflows.log_keys import make_key
from muniment.workflows.log_place import open_log
from muniment.workflows.log_prove import prove_each
from muniment.workflows.planning import open_agency
from tests.unit.evidence.vault_folder import build_manifest
from tests.unit.tables.samples import Volume as Capturing
from tests.unit.tables.samples import item, page, write_pages

pytestmark = pytest.mark.real  # minutes together, all of them waiting for a store

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

AGENCY, SCHEMA = "claremont", "items/1"
ACCOUNTS = (AccountId("bluesky-city"), AccountId("mastodon-city"))
MONTHS = range(1, 6)  # of 2022, kept for two years by the schedule
SHARE, SEED = 0.3, 20261122
LOCKED = timedelta(seconds=10)  # time enough to seal everything and to be refused
Row = Mapping[str, Any]


@dataclass
class City:
    """An agency's vault, and what people outside took along before anything was destroyed."""

    settings: Settings
    agency: Agency
    vault: Vault
    administrator: S3Client
    folder: Path
    log_key: VerifierKey
    manifests: dict[SnapshotAddress, Manifest] = field(default_factory=dict)
    pages: dict[SnapshotAddress, Path] = field(default_factory=dict)
    rows: dict[SnapshotAddress, Path] = field(default_factory=dict)
    notes: dict[SnapshotAddress, ParseNotes] = field(default_factory=dict)
    disclosures: dict[SnapshotAddress, bytes] = field(default_factory=dict)
    proofs: dict[str, LogProof] = field(default_factory=dict)

    def draft(self, volume: VolumeAddress) -> None:
        """Write two snapshots of *volume* with the writers of a capture: a baseline, and what changed of it."""
        home = self.folder / volume.account / volume.volume
        home.mkdir(parents=True)
        captured = Capturing(home)
        for day, names in ((10, ("first", "second", "third")), (20, ("first", "second", "fourth"))):
            taken_at = datetime(int(volume.volume[:4]), int(volume.volume[5:]), day, 20, tzinfo=UTC)
            address = SnapshotAddress(volume, snapshot_id("run", taken_at, volume.series, volume.account))
            texts = {name: text_of(volume, name, day if name == "second" else 10) for name in names}
            captured.capture(address.snapshot, *(row_of(volume, name, text) for name, text in texts.items()))
            self.rows[address] = captured.files[address.snapshot]
            self.notes[address] = captured.notes[address.snapshot]
            write_pages(home / f"{day}-{PAGES}", page(body=json.dumps(texts).encode()))
            self.pages[address] = home / f"{day}-{PAGES}"

    def seal(self, address: SnapshotAddress, until: datetime) -> None:
        """Seal a draft. Its date sum is the schedule's and long past; its lock reaches beyond it, to *until*."""
        files = ((PAGES, self.pages[address]), (ROWS, self.rows[address]))
        objects = tuple(
            self.vault.seal_file(address.key(name), path, lock_until=until, content_type="application/octet-stream")
            for name, path in files
        )
        manifest = self.build(address, objects)
        key, body = address.key(MANIFEST), manifest.to_bytes()
        self.vault.seal_bytes(key, body, lock_until=until, content_type="application/json")
        self.manifests[address] = parse_manifest(body)

    def build(self, address: SnapshotAddress, objects: tuple[SealedObject, ...]) -> Manifest:
        """Build the manifest of a draft, linked to the one before it, be that of another volume."""
        notes, committed = self.notes[address], read_commitment(self.rows[address], SCHEMA)
        root = Commitment(scheme=SCHEME, rows=committed.rows, root=committed.root.hex())
        before = [made for made in self.manifests.values() if made.account == address.volume.account][-1:]
        links = [Previous(volume=made.volume, snapshot=made.snapshot, manifest_sha256=made.sha256()) for made in before]
        instant = format_instant(taken_at_of(address.snapshot))
        return replace(
            build_manifest(address, objects, None, root),
            agency=AGENCY,
            zone=self.agency.zone,
            began_at=instant,
            ended_at=instant,
            sealed_at=instant,
            rows=notes.rows,
            retention=compute_volume_lock(address.volume.volume, address.volume.series, self.agency),
            reads=tuple(SnapshotId(name) for name in sorted(notes.reads)),
            previous=links[0] if links else None,
        )

    def take_along(self) -> None:
        """Hand out a disclosure of every snapshot, and a proof from the log of every manifest."""
        for address, path in self.rows.items():
            self.disclosures[address] = disclose_row(path, SCHEMA, 0, show=frozenset({"text"})).to_bytes()
        self.proofs = self.prove()

    def prove(self) -> dict[str, LogProof]:
        keys = [address.key(MANIFEST) for address in self.manifests]
        return prove_each(self.vault, keys, self.settings).proofs

    def verify(self, *checkpoints: BroughtCheckpoint) -> VerificationReport:
        means = Means(log_keys=(self.log_key,), checkpoints=checkpoints, row_root=recompute_root)
        return verify(self.vault, means=means)

    def versions(self, prefix: str) -> list[dict[str, Any]]:
        """List every version under *prefix*, and every delete marker."""
        pages = self.administrator.get_paginator("list_object_versions").paginate(
            Bucket=self.vault.bucket, Prefix=prefix
        )
        return [version for found in pages for kind in ("Versions", "DeleteMarkers") for version in found.get(kind, [])]

    def delete(self, version: Mapping[str, Any]) -> str:
        """Delete *version* as the administrator, with every right to; return the store's refusal, if any."""
        name = {"Bucket": self.vault.bucket, "Key": version["Key"], "VersionId": version["VersionId"]}
        try:
            self.administrator.delete_object(**name, BypassGovernanceRetention=True)
        except ClientError as refusal:
            return error_code(refusal)
        return ""

    def read_everything(self) -> bytes:
        """Return every byte of every version, what the store says of each, and what compression hides."""
        return b"\0".join(body for version in self.versions("") for body in self.read(version))

    def read(self, version: Mapping[str, Any]) -> Iterator[bytes]:
        yield json.dumps(version, default=str).encode()
        if "Size" not in version:
            return  # a delete marker
        answer = self.administrator.get_object(
            Bucket=self.vault.bucket, Key=version["Key"], VersionId=version["VersionId"]
        )
        body = answer["Body"].read()
        yield json.dumps(answer["Metadata"]).encode()
        yield body
        if version["Key"].endswith(".parquet"):
            table, sink = pq.read_table(pa.BufferReader(body)), pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, table.schema) as stream:
                stream.write_table(table)
            yield sink.getvalue().to_pybytes()


@dataclass(frozen=True)
class Aftermath:
    """A city before and after a part of its volumes was destroyed."""

    city: City
    gone: tuple[VolumeAddress, ...]
    refusals: tuple[str, ...]
    deletions: tuple[str, ...]
    report_before: VerificationReport
    before: bytes
    left: bytes
    checkpoint: bytes

    def snapshots(self, *, gone: bool) -> list[SnapshotAddress]:
        return [address for address in self.city.manifests if (address.volume in self.gone) is gone]

    def page_hashes(self, address: SnapshotAddress) -> set[bytes]:
        """Return the hashes of the bodies that the rows were read out of: whoever knows all texts can make them."""
        return set(pq.read_table(self.city.pages[address], columns=["body_sha256"])["body_sha256"].to_pylist())

    def destroyed_rows(self) -> Iterator[tuple[SnapshotAddress, int, Row]]:
        """Yield each row that was sealed in full and destroyed, exactly as it was."""
        for address in self.snapshots(gone=True):
            for number, row in enumerate(pq.read_table(self.city.rows[address]).to_pylist()):
                if row["text"] is not None:
                    yield address, number, row


def text_of(volume: VolumeAddress, name: str, day: int) -> str:
    return f"What the {name} resident wrote to {volume.account} on {volume.volume}-{day}"


def row_of(volume: VolumeAddress, name: str, text: str) -> ItemRow:
    return item(f"{volume.account}-{volume.volume}-{name}", text, raw=json.dumps({"text": text}).encode())


def open_city(store: SeaweedFS, home: Path) -> City:
    """Open an agency whose store passed the doctor and whose log has a key."""
    settings = read_settings(
        {
            "MUNIMENT_HOME": str(home / "home"),
            "MUNIMENT_S3_ENDPOINT": store.endpoint,
            "MUNIMENT_S3_CREDENTIALS": str(store.credentials_file("operator")),
            "MUNIMENT_S3_ADMINISTRATOR": str(store.credentials_file("administrator")),
            "MUNIMENT_BUCKET_PREFIX": "destroyed-",
        }
    )
    administrator = connect(store.endpoint, REGION, *store.credentials("administrator"))
    operator = connect(store.endpoint, REGION, *store.credentials("operator"))
    bucket = settings.store.bucket(AGENCY)
    create_bucket(administrator, bucket)
    record_check(operator, examine(operator, bucket), lock_until=datetime.now(UTC) + timedelta(days=2))
    key, agency = make_key(AGENCY, settings), open_agency(AGENCY, settings)
    return City(settings, agency, Vault(operator, bucket), administrator, home, key)


def wait_for_locks(city: City, volumes: Iterable[VolumeAddress]) -> None:
    """Wait until the store's own dates on everything in *volumes* have passed."""
    locks = [city.vault.lock_of(key) for volume in volumes for key in city.vault.list_keys(volume.prefix)]
    last = max(lock.until for lock in locks if lock is not None)
    assert last < datetime.now(UTC) + LOCKED + timedelta(seconds=1)
    while datetime.now(UTC) < last:
        time.sleep(0.1)


@pytest.fixture(scope="module")
def aftermath(store: SeaweedFS, tmp_path_factory: pytest.TempPathFactory) -> Aftermath:
    """Seal ten volumes and log them, wait until their locks have ended, and destroy three."""
    city = open_city(store, tmp_path_factory.mktemp("city"))
    volumes = [
        VolumeAddress(PUBLIC_COMMENTS, account, VolumeId(f"2022-{month:02}"))
        for account in ACCOUNTS
        for month in MONTHS
    ]
    gone = tuple(random.Random(SEED).sample(volumes, round(len(volumes) * SHARE)))
    for volume in volumes:
        city.draft(volume)
    until = datetime.now(UTC) + LOCKED
    for address in city.rows:
        city.seal(address, until)
    refusals = tuple(city.delete(version) for volume in gone for version in city.versions(volume.prefix))
    assert append_log(AGENCY, city.settings)["findings"] == []
    city.take_along()
    # A later version beside the record, as two writers at once may leave one: it is to go too.
    for volume in gone:
        key = next(city.vault.list_keys(volume.prefix))
        city.administrator.put_object(Bucket=city.vault.bucket, Key=key, Body=city.vault.read(key))
    report, before = city.verify(), city.read_everything()

    wait_for_locks(city, gone)
    deletions = tuple(city.delete(version) for volume in gone for version in city.versions(volume.prefix))
    # The archive goes on: the log grows over what is no longer there.
    city.draft(VolumeAddress(PUBLIC_COMMENTS, ACCOUNTS[0], VolumeId("2022-06")))
    for address in sorted(city.rows.keys() - city.manifests.keys()):
        city.seal(address, datetime.now(UTC) + LOCKED)
    assert append_log(AGENCY, city.settings)["findings"] == []
    newest = open_log(AGENCY, city.settings).settle().note
    return Aftermath(city, gone, refusals, deletions, report, before, city.read_everything(), newest)


def test_before_the_locks_end_nobody_destroys_anything(aftermath: Aftermath) -> None:
    assert len(aftermath.gone) == 3
    assert aftermath.refusals == ("AccessDenied",) * (3 * 2 * 3)  # volumes, snapshots, objects
    assert aftermath.report_before.findings == ()
    assert aftermath.report_before.snapshots == 20


def test_after_the_locks_end_every_version_goes(aftermath: Aftermath) -> None:
    assert aftermath.deletions == ("",) * (3 * 2 * 3 + 3)
    assert [version for volume in aftermath.gone for version in aftermath.city.versions(volume.prefix)] == []


def test_what_is_left_verifies_and_only_the_destroyed_volumes_are_named(aftermath: Aftermath) -> None:
    kept = next(iter(aftermath.city.proofs.values())).checkpoint

    report = aftermath.city.verify(BroughtCheckpoint("kept", kept))

    found = [(finding.code, finding.subject, finding.count) for finding in report.findings]
    assert sorted(found) == sorted(("V014", volume.prefix, 2) for volume in aftermath.gone)
    assert report.snapshots == 20 - 6 + 2
    assert {LOGGED, ROOTS, LOCKS} <= set(report.checks_made)


def test_every_manifest_is_still_proved_to_be_in_the_log_the_destroyed_ones_too(aftermath: Aftermath) -> None:
    city = aftermath.city
    known, newest = [city.log_key], open_checkpoint(aftermath.checkpoint, [city.log_key]).checkpoint
    again = city.prove()

    assert len(city.proofs) == 20
    for address in aftermath.snapshots(gone=True) + aftermath.snapshots(gone=False):
        key = address.key(MANIFEST)
        proof = again[key]
        assert json.loads(proof.entry)["sha256"] == city.manifests[address].sha256()
        assert check_log_proof(proof, known).checkpoint == newest
        if key in city.proofs:
            old = check_log_proof(city.proofs[key], known).checkpoint
            assert (city.proofs[key].entry, city.proofs[key].index) == (proof.entry, proof.index)
            assert old.size < newest.size
            check_continues(read_from(city.vault), old, newest)


def test_what_is_left_can_still_be_shown_row_by_row(aftermath: Aftermath, tmp_path: Path) -> None:
    city, shown = aftermath.city, 0
    for address in aftermath.snapshots(gone=False):
        manifest = parse_manifest(city.vault.read(address.key(MANIFEST)))
        stated = {"rows": manifest.commitment.rows, "root": bytes.fromhex(manifest.commitment.root)}
        if address in city.disclosures:
            check_disclosure(parse_disclosure(city.disclosures[address]), **stated)
        city.vault.download(address.key(ROWS), tmp_path / ROWS)
        for row in range(manifest.commitment.rows):
            fresh = disclose_row(tmp_path / ROWS, SCHEMA, row, show=frozenset({"item_id", "text"}))
            check_disclosure(fresh, **stated)
            shown += 1
    assert shown == 7 * (3 + 4) + (3 + 4)


def test_a_destroyed_rows_exact_text_is_confirmed_by_nothing_that_is_left(aftermath: Aftermath) -> None:
    secrets, keys = left_secrets(aftermath), left_keys(aftermath)
    guesses: set[bytes] = set()
    for address, _, row in aftermath.destroyed_rows():
        guesses |= {row["text"].encode(), row["raw"].encode(), *hashes_without_key(row), *hashes_of(row, secrets, keys)}
        guesses |= stated_by(aftermath.city.manifests[address]) | aftermath.page_hashes(address)

    # The hunt does find what is there to find: while they lay there, the volumes told it.
    there = hunt(aftermath.before, guesses)
    for address, _, row in aftermath.destroyed_rows():
        told = {row["text"].encode(), row["raw"].encode(), row["content_sha256"]}
        told |= stated_by(aftermath.city.manifests[address]) | aftermath.page_hashes(address)
        assert told <= there
    assert hunt(aftermath.left, guesses) == set()


def test_the_same_hunt_finds_what_is_left(aftermath: Aftermath) -> None:
    told: set[bytes] = set()
    for address in aftermath.snapshots(gone=False):
        rows = [row for row in pq.read_table(aftermath.city.rows[address]).to_pylist() if row["text"] is not None]
        told |= {part for row in rows for part in (row["text"].encode(), row["content_sha256"])}
        told |= stated_by(aftermath.city.manifests[address])

    assert hunt(aftermath.left, told) == told


def test_whoever_kept_the_key_can_confirm_the_text_and_no_other_key_does(aftermath: Aftermath) -> None:
    city, others = aftermath.city, left_secrets(aftermath)
    for address, number, row in aftermath.destroyed_rows():
        kept, leaves = read_commitment(city.rows[address], SCHEMA), list(hash_rows(city.rows[address], SCHEMA))
        place = (number, kept.rows, bytes.fromhex(city.manifests[address].commitment.root))
        proof = inclusion_proof(leaves, number)

        check_inclusion(commit_row(SCHEMA, kept.runs[0].secret, number, row), *place, proof)
        for secret in others:
            with pytest.raises(ProofError):
                check_inclusion(commit_row(SCHEMA, secret, number, row), *place, proof)
        # The manifest that says this root is the one that the log has to this day.
        assert city.manifests[address].sha256().encode() in aftermath.left
        check_disclosure(parse_disclosure(city.disclosures[address]), rows=place[1], root=place[2])


def stated_by(manifest: Manifest) -> set[bytes]:
    """Return the hashes that *manifest* states: of its objects, and of its rows under their key."""
    return {bytes.fromhex(digest) for digest in (manifest.commitment.root, *(one.sha256 for one in manifest.objects))}


def left_secrets(aftermath: Aftermath) -> list[bytes]:
    """Return the secrets of every snapshot that is left, and one of zeros."""
    paths = [aftermath.city.rows[address] for address in aftermath.snapshots(gone=False)]
    return [bytes(SECRET_BYTES), *(run.secret for path in paths for run in read_commitment(path, SCHEMA).runs)]


def left_keys(aftermath: Aftermath) -> list[bytes]:
    """Return the keys that disclosures of what is left have shown, and one of zeros."""
    city = aftermath.city
    bodies = [city.disclosures[item] for item in aftermath.snapshots(gone=False) if item in city.disclosures]
    told = [shown for body in bodies for shown in parse_disclosure(body).fields.values()]
    return [bytes(KEY_BYTES), *(shown.key for shown in told if isinstance(shown, Shown))]


def hashes_without_key(row: Row) -> set[bytes]:
    """Return what anybody can compute who knows a row exactly and has no key."""
    texts = [row[name] for name in ("text", "raw", "item_id", "url")]
    known = [form for text in texts for form in (text.encode(), text.encode("utf-16"), encode_value(Scalar.TEXT, text))]
    for one in fields_of(SCHEMA):
        encoded = b"".join(encode_value(kind, row[name]) for name, kind in one.columns)
        known += [encoded, field_label(SCHEMA, one) + encoded]
    known.append(row["content_sha256"])
    plain = {make(body).digest() for body in known for make in (sha256, md5, sha1, sha512)}
    return {row["content_sha256"], *plain, *map(leaf_hash, known), *(sha256(digest).digest() for digest in plain)}


def hashes_of(row: Row, secrets: Iterable[bytes], keys: Iterable[bytes]) -> set[bytes]:
    """Return the commitments to the fields of *row*, and its leaves, under keys that are not its own."""
    fields = [(at, one) for at, one in enumerate(fields_of(SCHEMA)) if state_of(one, row) is State.VALUE]
    made = {commit_field(SCHEMA, one, key, row) for key in keys for _, one in fields}
    for secret in secrets:
        for place in range(4):
            made.add(commit_row(SCHEMA, secret, place, row))
            made |= {commit_field(SCHEMA, one, derive_key(secret, at, place), row) for at, one in fields}
    return made


def hunt(left: bytes, guesses: Iterable[bytes]) -> set[bytes]:
    """Return the *guesses* that stand in *left* as they are, in hex or in Base64."""
    forms: dict[bytes, set[tuple[bytes, bytes]]] = defaultdict(set)
    for guess in guesses:
        for form in (guess, guess.hex().encode(), b64encode(guess)):
            forms[form[:8]].add((form, guess))
    places = (place for place in range(len(left)) if left[place : place + 8] in forms)
    return {guess for place in places for form, guess in forms[left[place : place + 8]] if left.startswith(form, place)}
