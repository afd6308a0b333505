"""The proofs in a handed-over folder: that each manifest in it is in the agency's log. Made where there is a log."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from muniment.evidence.layout import MANIFEST
from muniment.evidence.log_proof import PROOF_KEY, proof_path
from muniment.evidence.manifest import Manifest
from muniment.workflows.log_prove import prove_each
from muniment.workflows.wiring import Workplace


def write_proofs(place: Workplace, manifests: Iterable[Manifest], folder: Path) -> int:
    """Write into *folder* the proof of each of *manifests* that the log has, and the log's key; return how many.

    Raises:
        LogError: the log is not what its batches make it.
        StoreUnavailableError: the store did not answer.
    """
    addresses = {item.address.key(MANIFEST): item.address for item in manifests}
    proved = prove_each(place.vault, addresses, place.settings)
    for key, proof in proved.proofs.items():
        path = folder / proof_path(addresses[key])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(proof.to_bytes())
    if proved.proofs:
        (folder / PROOF_KEY).write_text(f"{proved.vkey}\n", "utf-8")
    return len(proved.proofs)
