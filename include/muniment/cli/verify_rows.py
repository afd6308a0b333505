"""The one door from verification to Parquet. Imported by name and only on demand: an auditor may have no pyarrow."""

from __future__ import annotations

from muniment.tables.row_roots import recompute_root

__all__ = ["recompute_root"]
