from __future__ import annotations

from tests.end_to_end.conftest import city, simulator

__all__ = ["city", "simulator"]
