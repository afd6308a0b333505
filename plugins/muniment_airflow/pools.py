"""The pools of Airflow that our DAGs pass through. A task whose pool is missing waits for ever."""

from __future__ import annotations

from airflow.models.pool import Pool

from muniment_airflow.log_tasks import POOL


def make_pools() -> list[str]:
    """Make the pools that are missing or of another size; return one line a change."""
    pool = Pool.get_pool(POOL)
    if pool is not None and pool.slots == 1:
        return []
    Pool.create_or_update_pool(POOL, slots=1, description="One append to a log at a time.", include_deferred=True)
    return [f"pool {POOL}: one slot"]
