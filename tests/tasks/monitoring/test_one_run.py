"""One run of the flow `monitor` at a time."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest

from config.errors import VishwaOpsError
from tasks.heartbeats import beating
from tasks.monitoring import one_run
from tests.patience import PATIENCE


@pytest.fixture
def case(bucket: str) -> str:
    return f"t_{uuid4().hex[:8]}"


def test_a_second_run_is_refused_while_the_first_is_alive(case: str) -> None:
    with beating(case, "first"):
        one_run.claim(case, "first")
        with pytest.raises(VishwaOpsError, match="expected no other run of monitor, found the run first"):
            one_run.claim(case, "second")
    one_run.claim(case, "second")


def test_a_run_without_a_heartbeat_holds_nothing(case: str) -> None:
    one_run.claim(case, "killed")
    one_run.claim(case, "next")


def test_of_four_runs_at_the_same_time_one_begins(case: str) -> None:
    tried = Barrier(4)

    def begins(run: str) -> bool:
        with beating(case, run):
            try:
                one_run.claim(case, run)
            except VishwaOpsError:
                return False
            else:
                return True
            finally:
                tried.wait(PATIENCE)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(begins, ["a", "b", "c", "d"])) == 1
