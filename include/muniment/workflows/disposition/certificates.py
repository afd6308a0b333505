"""Reading certificates back: one by the id of its disposition, with where the log has it, as a value or as a page."""

from __future__ import annotations

from dataclasses import dataclass

from muniment.errors import ConfigurationError, EvidenceError
from muniment.evidence.checkpoint import parse_checkpoint
from muniment.evidence.destruction_certificate import Certificate, parse_certificate
from muniment.evidence.digest import sha256_hex
from muniment.evidence.notes import parse_note
from muniment.settings import Settings, read_settings
from muniment.workflows.disposition.certificate_page import render_page
from muniment.workflows.disposition.scene import open_scene
from muniment.workflows.log_prove import prove_each


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A certificate as it was sealed, and where the log has it: None while it does not."""

    certificate: Certificate
    key: str
    body: bytes
    log_index: int | None
    log_size: int | None

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of the sealed bytes, 64 lower hex digits."""
        return sha256_hex(self.body)

    @property
    def log(self) -> str:
        """Say where the log has it."""
        if self.log_index is None:
            return "not yet: the log takes it in when it is next appended to"
        return f"it is entry {self.log_index:,} of the log, under the signed checkpoint of {self.log_size:,}"

    def to_page(self) -> str:
        """Return the page that prints."""
        return render_page(self.certificate, self.body, log=self.log)


def read_certificate(agency_id: str, disposition_id: str, settings: Settings | None = None) -> Sealed:
    """Return the certificate of a disposition.

    Raises:
        ConfigurationError: there is no such disposition, or it has no certificate.
        EvidenceError: what is sealed is not the certificate that was entered.
        StoreUnavailableError: the store did not answer.
    """
    settings = settings or read_settings()
    scene = open_scene(agency_id, settings)
    found = scene.read(disposition_id)
    if found.certificate_key is None:
        raise ConfigurationError(f"disposition {found.id}: expected one with a certificate, found it {found.state}")
    body = scene.vault.read(found.certificate_key)
    if sha256_hex(body) != found.certificate_sha256:
        raise EvidenceError(f"{found.certificate_key}: expected SHA-256 {found.certificate_sha256}, found another")
    proof = prove_each(scene.vault, [found.certificate_key], settings).proofs.get(found.certificate_key)
    return Sealed(
        certificate=parse_certificate(body),
        key=found.certificate_key,
        body=body,
        log_index=proof.index if proof else None,
        log_size=parse_checkpoint(parse_note(proof.checkpoint).text).size if proof else None,
    )
