"""Coverage: expected captures against made ones, the register of gaps, and exposure.

Read from keys and manifests, which are the truth; from the catalog where it has the same snapshot.
"""

from muniment.workflows.coverage.read import list_exposure, list_gaps, read_coverage

__all__ = ["list_exposure", "list_gaps", "read_coverage"]
