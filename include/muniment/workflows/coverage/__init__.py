"""Coverage: expected captures against made ones, the register of gaps, and exposure.

Read from keys and manifests, which are the truth; from the catalog where it has the same snapshot.
"""

from muniment.workflows.coverage.check import check_coverage
from muniment.workflows.coverage.failures import record_failure
from muniment.workflows.coverage.read import list_exposure, list_gaps, read_coverage

__all__ = ["check_coverage", "list_exposure", "list_gaps", "read_coverage", "record_failure"]
