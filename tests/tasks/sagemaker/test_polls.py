"""A wait for a job survives lost answers, and ends with every other error."""

import logging

import pytest

from config.errors import AccessDenied, JobFailed, Unavailable, Unreachable
from tasks.sagemaker.polls import wait_for_end
from tests.tasks.sagemaker.scripted_jobs import COMPLETED, RUNS, scripted


def test_lost_answers_are_tolerated_and_reported_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    kind = scripted(RUNS, Unreachable("Connection was closed. Run again"), Unavailable("busy"), RUNS, COMPLETED)
    assert wait_for_end(kind, "a-job") == COMPLETED
    assert [record.getMessage().strip() for record in caplog.records] == [
        "training job a-job is not lost, asking again: Connection was closed",
        "training job a-job: AWS answers again",
    ]


def test_an_error_that_does_not_pass_ends_the_wait() -> None:
    with pytest.raises(AccessDenied, match="no"):
        wait_for_end(scripted(RUNS, AccessDenied("no")), "a-job")


def test_a_job_that_is_gone_while_it_is_awaited_is_reported() -> None:
    with pytest.raises(JobFailed, match="training job a-job: expected SageMaker to describe it, found no such job"):
        wait_for_end(scripted(RUNS, None), "a-job")
