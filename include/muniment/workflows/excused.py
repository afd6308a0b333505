"""What the nightly checks must not cry over: volumes that are being destroyed, and objects certified to be gone.

Only what is missing is excused. Altered bytes, a short lock, a hidden object are findings there too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from muniment.custody.vault import Vault
from muniment.evidence.destruction_certificate import PARTIAL, parse_certificate
from muniment.evidence.findings import Finding
from muniment.retention.dispositions import DispositionState, fold_dispositions
from muniment.workflows.registers import APPROVALS, DISPOSITIONS, read_events

# Missing in the vault; unfinished, unnamed, unreadable; missing in, or only in, the second copy.
_ABSENCES = frozenset({"V001", "V005", "V007", "F003", "F004", "C002", "C005", "C007"})


@dataclass(frozen=True, slots=True)
class Excused:
    """`going` are the prefixes of volumes that are being destroyed; `gone` are keys that a certificate names."""

    going: tuple[str, ...] = ()
    gone: frozenset[str] = frozenset()

    def is_going(self, key: str) -> bool:
        """Tell whether the object or the unit at *key* is being destroyed."""
        return key.startswith(self.going)

    def select(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Return those of *findings* that are not of a lawful absence."""
        return tuple(finding for finding in findings if not self._covers(finding))

    def _covers(self, finding: Finding) -> bool:
        if finding.code not in _ABSENCES:
            return False
        return self.is_going(finding.subject) or finding.subject in self.gone


def read_excused(vault: Vault) -> Excused:
    """Read what is being destroyed, and what went of volumes that went only partly.

    Raises:
        EvidenceError: an event or a certificate is not of its form.
        StoreUnavailableError: the store did not answer.
    """
    found = fold_dispositions(read_events(vault, DISPOSITIONS), read_events(vault, APPROVALS))
    going = tuple(prefix for one in found if one.state is DispositionState.DESTROYING for prefix in sorted(one.volumes))
    keys = [one.certificate_key for one in found if one.outcome == PARTIAL and one.certificate_key is not None]
    certificates = [parse_certificate(vault.read(key)) for key in keys]
    gone = (key for certificate in certificates for volume in certificate.volumes for key in volume.gone)
    return Excused(going, frozenset(gone))
