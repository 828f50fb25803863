"""Prefect's database is made once, however many processes want it first."""

import os
import subprocess
import sys
from pathlib import Path

from tests.patience import PATIENCE

PREPARE = "from flows.prefect_database import ensure_prefect_database as ensure; ensure()"


def test_two_first_processes_at_once_both_find_a_database(tmp_path: Path) -> None:
    home = tmp_path / "prefect"
    environment = {**os.environ, "VISHWAOPS_STATE": str(tmp_path), "PREFECT_HOME": str(home)}
    both = [
        subprocess.Popen(
            [sys.executable, "-c", PREPARE],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(2)
    ]
    outputs = [process.communicate(timeout=PATIENCE)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    assert (home / "prefect.db").stat().st_size > 100_000
    assert len(list(home.glob("migrated-*"))) == 1
