"""A lifecycle survives lost answers; `python -m tests.resilience faults` meets every fault."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.resilience.endings import table
from tests.resilience.faults import CREATING, INTERNAL, Fault, Faulted, meet

LOST, DENIED = Fault("lost", CREATING, times=3), Fault("denied", ("CreateEndpoint",))
WHOLE = Faulted(LOST, hits=8, failure="", jobs=3, versions=1, mlflow_runs=1, left=0, expected_jobs=3)


@pytest.mark.starts_first
def test_what_was_created_is_not_created_again_when_the_answer_is_lost(prefect: str, tmp_path: Path) -> None:
    outcome = meet(LOST, tmp_path, "cake_lost")
    assert outcome.hits >= 2 * len(CREATING)
    assert outcome.as_it_should_be, table([outcome])


def test_a_run_that_meets_a_fault_ends_well_or_with_a_message_and_doubles_nothing() -> None:
    denied = replace(WHOLE, fault=DENIED, failure="AWS denies sagemaker:CreateEndpoint")
    assert WHOLE.as_it_should_be
    assert denied.as_it_should_be
    for wrong in ({"hits": 0}, {"failure": "any"}, {"jobs": 4}, {"versions": 2}, {"mlflow_runs": 2}, {"left": 1}):
        assert not replace(WHOLE, **wrong).as_it_should_be
    assert not replace(denied, failure="").as_it_should_be
    assert not replace(denied, failure=INTERNAL).as_it_should_be
    assert table([replace(denied, versions=2)]).endswith("✗ |")
