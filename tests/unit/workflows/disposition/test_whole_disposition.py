from __future__ import annotations

from muniment.evidence.destruction_certificate import parse_certificate
from muniment.retention.dispositions import DispositionState
from tests.unit.workflows.disposition.conftest import PAST
from tests.unit.workflows.disposition.stage import Stage, volume


def test_an_approved_disposition_destroys_every_version_and_certifies_it(stage: Stage) -> None:
    gone, other = volume("2022-03"), volume("2022-04")
    stage.seal_volume(gone, PAST)
    stage.seal_volume(other, PAST)
    untouched = stage.versions(other)

    disposition = stage.ready(gone)
    done = stage.destroy(disposition)

    assert stage.versions(gone) == []
    assert stage.versions(other) == untouched
    assert (done["state"], done["outcome"], done["anomalies"]) == ("certified", "whole", 0)
    certificate = parse_certificate(stage.vault.read(done["certificate"]))
    assert [item.by for item in certificate.approvals] == ["dana", "clara", "adam", "carol"]
    assert (certificate.versions, certificate.snapshots, certificate.objects) == (16, 2, 8)
    assert {(copy.name, copy.destroyed, copy.kept) for copy in certificate.copies} == {
        ("vault", 8, 0),
        ("second", 8, 0),
    }
    assert stage.read(disposition).state is DispositionState.CERTIFIED
