"""Several concurrent processes create Prefect's database once."""

import os
from pathlib import Path

from tests.at_once import run_at_once

PREPARE = "from flows.session.prefect_database import ensure_prefect_database as ensure; ensure()"


def test_two_first_processes_at_once_both_find_a_database(tmp_path: Path) -> None:
    home = tmp_path / "prefect"
    states = [{"VISHWAOPS_STATE": str(tmp_path / name)} for name in ("one", "other")]  # two checkouts, one PREFECT_HOME
    run_at_once(PREPARE, *({**os.environ, **state, "PREFECT_HOME": str(home)} for state in states))
    assert (home / "prefect.db").stat().st_size > 100_000
    assert len(list(home.glob("migrated-*"))) == 1
