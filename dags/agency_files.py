"""### Faults in the agencies' files, shown as an import error.

This file makes no DAG. Airflow stops every DAG of a file that fails to import, so the DAGs
live in `snapshot.py`, which leaves out an agency whose files have a fault, and the fault is
raised here, with file and line. The other agencies go on;
within a minute of the mending the agency's DAG is back.

| When this fails | Do |
|---|---|
| an import error names files and lines | mend them: `muniment register check` shows the same list |
"""

from __future__ import annotations

from muniment_airflow.agency_files import check_agency_files

check_agency_files()
