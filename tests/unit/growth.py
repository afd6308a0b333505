"""How the cost of work grows with its size, as a ratio within one run: machines differ, and so do their hours."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time


def growth(act: Callable[[int], object], few: int, many: int) -> float:
    """Return what one of *many* costs of the processor against one of *few*: about 1 where cost is in proportion."""

    def spent(times: int) -> float:
        begun = process_time()
        act(times)
        return process_time() - begun

    act(few)  # what only the first pays for
    # The least of a few runs is the one that nothing else disturbed.
    return min(spent(many) for _ in range(3)) / many / (min(spent(few) for _ in range(5)) / few)
