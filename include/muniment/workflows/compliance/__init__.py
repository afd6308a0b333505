"""The compliance report of a month: captures, gaps, exposure, changes, removals, and how the policies stand.

Everything in it is counted; nobody of the public is named, and no text is shown. A part whose
source does not answer fails the report: nothing is left out in silence.
"""

from muniment.workflows.compliance.make import make_report, report_compliance
from muniment.workflows.compliance.sealed import read_document

__all__ = ["make_report", "read_document", "report_compliance"]
