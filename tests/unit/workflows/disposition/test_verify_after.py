"""`verify` after a destruction: a certificate that the log has excuses what it names, and nothing else does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from muniment.evidence.destruction_certificate import CERTIFICATES, Certificate, parse_certificate
from muniment.evidence.digest import sha256_hex
from muniment.evidence.layout import is_register_key
from muniment.evidence.log_records import MANIFEST_KIND, REGISTER_KIND, LogEntry
from muniment.evidence.readers import FolderReader
from muniment.evidence.verify import Means, verify
from muniment.records.agency import Agency
from tests.unit.evidence.log_folder import FolderLog
from tests.unit.workflows.disposition.conftest import PAST, open_stage
from tests.unit.workflows.disposition.stage import Stage, volume

GONE, OTHER = volume("2022-03"), volume("2022-05")


@dataclass
class After:
    """A folder with what is left, and the manifests that the log has."""

    root: Path
    stage: Stage

    def write(self) -> After:
        for key in self.stage.vault.list_keys(""):
            path = self.root / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self.stage.vault.read(key))
        return self

    @property
    def certificate(self) -> Path:
        (path,) = (self.root / CERTIFICATES).rglob("*.json")
        return path

    def change(self, change: Callable[[Certificate], Certificate]) -> None:
        path = self.certificate
        path.write_bytes(change(parse_certificate(path.read_bytes())).to_bytes())

    def verify(self, *, without: str = "no key") -> list[tuple[str, str]]:
        """Log every manifest that was ever sealed and every register's object, but those *without*; then verify."""
        log = FolderLog(self.root, next(iter(self.stage.manifests.values())))
        manifests = [(MANIFEST_KIND, key, made.to_bytes()) for key, made in self.stage.manifests.items()]
        keys = sorted(path.relative_to(self.root).as_posix() for path in self.root.rglob("*.json"))
        registers = [(REGISTER_KIND, key, (self.root / key).read_bytes()) for key in keys if is_register_key(key)]
        log.append()
        entries = [LogEntry(kind, key, sha256_hex(body)) for kind, key, body in (*manifests, *registers)]
        log.batches.append([entry for entry in entries if not entry.key.startswith(without)])
        log.write()
        self.key = log.key.verifier
        return self.check()

    def check(self) -> list[tuple[str, str]]:
        report = verify(FolderReader(self.root), means=Means(log_keys=(self.key,)))
        return sorted({(finding.code, finding.subject) for finding in report.findings})


@pytest.fixture
def after(adopted: Agency, tmp_path: Path) -> After:
    """One volume destroyed whole, one still there."""
    stage = open_stage(adopted)
    stage.seal_volume(GONE, PAST)
    stage.seal_volume(OTHER, PAST)
    stage.destroy(stage.ready(GONE))
    return After(tmp_path, stage).write()


@pytest.fixture
def partly(adopted: Agency, tmp_path: Path) -> After:
    """One volume destroyed up to the batch before which a hold was placed, one still there."""
    stage = open_stage(adopted)
    stage.most = 4
    stage.seal_volume(GONE, PAST)
    stage.seal_volume(OTHER, PAST)
    disposition = stage.ready(GONE)
    store = stage.vault.store

    def act(what: str) -> None:
        if what.endswith("batch-0002-ended.json") and what.startswith("after"):
            store.act = lambda _what: None
            stage.place_matter("doe-claim", "claim", GONE)

    store.act = act
    stage.destroy(disposition)
    return After(tmp_path, stage).write()


def test_a_volume_that_a_logged_certificate_covers_is_not_missed(after: After) -> None:
    assert after.verify() == []


def test_a_place_of_which_everything_went_by_right_is_sound(adopted: Agency, tmp_path: Path) -> None:
    stage = open_stage(adopted)
    stage.seal_volume(GONE, PAST)
    stage.destroy(stage.ready(GONE))
    assert After(tmp_path, stage).write().verify() == []


def test_a_volume_that_is_gone_without_a_certificate_is_missed(after: After) -> None:
    after.certificate.unlink()
    assert ("V014", GONE.prefix) in after.verify()


def test_a_certificate_that_the_log_does_not_have_excuses_nothing(after: After) -> None:
    codes = [code for code, _ in after.verify(without=CERTIFICATES)]
    assert codes == ["V014", "V016"]


def test_a_certificate_that_is_not_as_the_log_has_it_excuses_nothing(after: After) -> None:
    assert after.verify() == []
    after.change(lambda found: replace(found, statement="Another reason."))
    assert [code for code, _ in after.check()] == ["V014", "V015"]


def test_a_certificate_that_names_a_manifest_with_another_hash_excuses_nothing(after: After) -> None:
    def change(found: Certificate) -> Certificate:
        (went,) = found.volumes
        first, *others = went.manifests
        return replace(found, volumes=(replace(went, manifests=(replace(first, sha256="0" * 64), *others)),))

    after.change(change)
    assert [code for code, _ in after.verify()] == ["R047", "V014"]


def test_a_certificate_that_was_copied_to_another_key_excuses_nothing(after: After) -> None:
    path = after.certificate
    path.rename(path.with_name("another.json"))
    assert [code for code, _ in after.verify()] == ["R047", "V014"]


def test_a_certificate_of_one_volume_does_not_excuse_another(after: After) -> None:
    for path in sorted((after.root / OTHER.prefix).rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    (after.root / OTHER.prefix).rmdir()
    assert after.verify() == [("V014", OTHER.prefix)]


def test_of_a_volume_that_went_partly_exactly_the_certified_objects_are_not_missed(partly: After) -> None:
    (went,) = parse_certificate(partly.certificate.read_bytes()).volumes
    assert (len(went.gone), went.manifests, went.outcome) == (4, (), "partly")
    assert partly.verify() == []


def test_one_object_more_than_the_certificate_names_is_missed(partly: After) -> None:
    left = next(path for path in sorted((partly.root / GONE.prefix).rglob("*")) if path.name == "rows.parquet")
    left.unlink()
    assert partly.verify() == [("V001", left.relative_to(partly.root).as_posix())]


def test_a_manifest_that_the_certificate_does_not_name_is_missed(partly: After) -> None:
    manifest = next((partly.root / GONE.prefix).rglob("manifest.json"))
    manifest.unlink()
    assert ("V013", manifest.relative_to(partly.root).as_posix()) in partly.verify()
