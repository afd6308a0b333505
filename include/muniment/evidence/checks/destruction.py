"""What was destroyed by right: volumes and objects that certificates say are gone, as far as the log has both.

A certificate excuses nothing unless the log has the certificate itself, with these very bytes,
and every manifest that it names, with that hash.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from muniment.errors import EvidenceError, ObjectMissingError
from muniment.evidence.checks.contents import read_whole
from muniment.evidence.destruction_certificate import CERTIFICATES, Certificate, parse_certificate
from muniment.evidence.digest import sha256_hex
from muniment.evidence.findings import Finding
from muniment.evidence.log_records import LogEntry
from muniment.evidence.readers import ObjectReader


@dataclass(frozen=True, slots=True)
class Gone:
    """What is certified to be gone: manifests by key, with the hash, and the objects of volumes that went partly."""

    certificates: tuple[str, ...] = ()  # ids
    manifests: Mapping[str, str] = field(default_factory=dict)
    objects: frozenset[str] = frozenset()
    findings: tuple[Finding, ...] = ()


def read_gone(reader: ObjectReader, logged: Mapping[str, LogEntry]) -> Gone:
    """Read every certificate that is *logged*; one that is not as the log has it counts for nothing."""
    ids: list[str] = []
    manifests: dict[str, str] = {}
    objects: set[str] = set()
    findings: list[Finding] = []
    for key in sorted(key for key in logged if key.startswith(CERTIFICATES)):
        try:
            body = read_whole(reader, key)
            if sha256_hex(body) != logged[key].sha256:
                continue  # found as V015
            certificate = parse_certificate(body)
        except ObjectMissingError:
            continue  # found as V013
        except EvidenceError as error:
            findings.append(Finding("R047", key, str(error)))
            continue
        if wrong := [*_find_unlogged(key, certificate, logged)]:
            findings += wrong
            continue
        ids.append(certificate.id)
        for volume in certificate.volumes:
            manifests |= {manifest.key: manifest.sha256 for manifest in volume.manifests}
            objects.update(volume.gone)
    return Gone(tuple(ids), manifests, frozenset(objects), tuple(findings))


def _find_unlogged(key: str, certificate: Certificate, logged: Mapping[str, LogEntry]) -> Iterator[Finding]:
    named = [manifest for volume in certificate.volumes for manifest in volume.manifests]
    wrong = [one for one in named if one.key not in logged or logged[one.key].sha256 != one.sha256]
    if wrong:
        detail = f"expected the log to have every manifest that it names, found {len(wrong)} that it has not"
        yield Finding("R047", key, detail, len(wrong))
    if certificate.log_entry != key:
        yield Finding("R047", key, "expected it to name its own entry of the log, found another")


def state_gone(gone: Gone) -> Iterator[str]:
    """Say by which certificates something is gone."""
    for name in gone.certificates:
        yield f"The certificate {name}, which the log has, says what was destroyed: it is not looked for here."
