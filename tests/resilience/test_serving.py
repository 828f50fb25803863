"""`python -m tests.resilience serving` loads a model server for ten minutes; this does it for seconds."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.resilience.endings import table
from tests.resilience.serving import Endured, endure, server_target

FLAT = Endured(
    "a server", 60, answered=100, overload=2, failed=0, kills=3, deployments=2, memory=(50.0, 100.0, 101.0, 100.0) * 5
)


@pytest.mark.parametrize("change", [{"failed": 1}, {"answered": 0}, {"memory": tuple(range(60, 100))}])
def test_a_failed_request_and_growing_memory_are_detected(change: dict[str, object]) -> None:
    assert FLAT.as_it_should_be
    outcome = replace(FLAT, **change)  # type: ignore[arg-type]
    assert not outcome.as_it_should_be
    assert table([outcome]).endswith("✗ |")


def test_no_request_fails_while_workers_are_killed(tmp_path: Path) -> None:
    with server_target(tmp_path) as server:
        found = endure(server, seconds=4.0, kill_every=0.5)
    assert found.kills >= 2
    assert found.answered > 0
    assert (found.failed, found.problems) == (0, ())
