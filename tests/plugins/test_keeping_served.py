"""The DAGs that keep the vault, in a real Airflow with a real store: copied, compared, read again."""

from __future__ import annotations

import pytest

from muniment.embedded.airflow_client import start_run, wait_for_dag, wait_for_run
from muniment.workflows.scorecard import take_scorecard
from muniment.workflows.wiring import open_second, open_vault

DAGS = ("copy_vault_claremont", "check_store_claremont", "check_fixity_claremont")


@pytest.mark.real  # half a minute
def test_a_night_of_the_embedded_default_copies_compares_and_reads_again(running, users):
    who = users["operator"]
    for dag in DAGS:
        wait_for_dag(who, dag)

        state = wait_for_run(who, dag, start_run(who, dag))

        assert state.state == "success", (dag, state.tasks)
    vault, second = open_vault("claremont", running.settings), open_second("claremont", running.settings)
    checks = [key for key in vault.list_keys("registers/") if "/store-checks/" in key]
    assert checks
    assert checks[0] in set(second.list_keys("registers/store-checks/"))
    assert list(vault.list_keys("registers/store-truth/"))
    assert list(vault.list_keys("registers/findings/")) == []
    card = {row.id: row for row in take_scorecard("claremont", running.settings).rows}
    assert card["element-1"].state == "green"
    assert card["element-3"].state == "amber"  # a second bucket of one server is no separate place
    assert "one server" in card["element-3"].evidence
