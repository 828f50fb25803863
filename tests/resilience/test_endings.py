"""A lifecycle that is killed costs the stage that was hit; `python -m tests.resilience` hits every point."""

from pathlib import Path

import pytest

from tests.resilience.endings import ONE_CANDIDATE, Killed, Stopped, kill_at, table
from tests.resilience.points import POINTS

pytestmark = pytest.mark.starts_first(seconds=50)
NAMED = {point.title: point for point in POINTS}
OUTCOME = {
    "point": NAMED["MLflow logs"], "repeated": ("register",), "training_jobs": 2, "expected_training_jobs": 2,
    "processing_jobs": 1, "versions": 1, "mlflow_runs": 1, "mlflow_unfinished": 0, "orphans": 0, "half_written": 0,
}  # fmt: skip


def test_a_run_killed_while_mlflow_logs_is_resumed_and_nothing_is_made_twice(prefect: str, tmp_path: Path) -> None:
    outcome = kill_at(NAMED["MLflow logs"], tmp_path, "cake_killed", candidates=ONE_CANDIDATE)
    assert outcome.as_it_should_be, table([outcome])


@pytest.mark.parametrize(
    "change",
    [{"repeated": ("train",)}, {"training_jobs": 3}, {"processing_jobs": 2}, {"versions": 2}, {"mlflow_runs": 2},
     {"mlflow_unfinished": 1}, {"orphans": 1}, {"half_written": 1}],
)  # fmt: skip
def test_duplicates_and_leftovers_are_detected(change: dict[str, object]) -> None:
    assert Killed(**OUTCOME).as_it_should_be  # type: ignore[arg-type]
    outcome = Killed(**{**OUTCOME, **change})  # type: ignore[arg-type]
    assert not outcome.as_it_should_be
    assert table([outcome]).endswith("✗ |")


@pytest.mark.parametrize(("ended", "seconds", "left", "good"), [
    ("143", 2.0, 0, True), ("Cancelled", 2.0, 0, True), ("1", 2.0, 0, False), ("143", 11.0, 0, False),
    ("143", 2.0, 1, False),
])  # fmt: skip
def test_a_run_ends_in_time_by_the_signal_without_a_running_job(
    ended: str, seconds: float, left: int, good: bool
) -> None:
    assert Stopped(POINTS[0], ended, seconds, left).as_it_should_be is good
