"""A job is not lost while the network is, and concurrent jobs wait for a quota."""

import logging
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest

from config.errors import QuotaExceeded
from tests.aws_answers import flows_use
from tests.lossy_network import LossyNetwork, lossy_network
from tests.patience import PATIENCE, until
from tests.sagemaker_local.conftest import OwnServer, start_server
from tests.sagemaker_local.support import everything
from tests.small_jobs import QUICK, Code, names_in_progress, process, train

__all__ = ["start_server"]
SLOW = f"import time\ntime.sleep(1.5)\n{QUICK}"


@pytest.fixture
def network(bucket: str) -> Iterator[LossyNetwork]:
    with lossy_network(os.environ["AWS_ENDPOINT_URL_SAGEMAKER"]) as made, flows_use("SAGEMAKER", made.url):
        yield made


def test_polls_without_an_answer_are_repeated_and_the_job_is_used(
    code: Code, prefix: str, network: LossyNetwork, sagemaker: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(train, code(SLOW), prefix)
        (name,) = until(lambda: names_in_progress(sagemaker, prefix))
        until(lambda: "SageMaker.DescribeTrainingJob" in network.targets[-1:])
        network.down = True
        until(lambda: "asking again" in caplog.text)
        until(lambda: sagemaker.describe_training_job(TrainingJobName=name)["TrainingJobStatus"] == "Completed")
        network.down = False
        finished = waiting.result(PATIENCE)
    assert (finished.name, finished.reused) == (name, False)
    assert f"training job {name}: AWS answers again" in caplog.text
    assert len(everything(sagemaker, "list_training_jobs", NameContains=prefix)) == 1
    assert network.lost >= 2


def test_two_concurrent_jobs_with_a_quota_of_one_both_complete(
    code: Code, prefix: str, start_server: Callable[..., OwnServer], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    server = start_server("--quota", "ml.m5.large=1")
    with flows_use("SAGEMAKER", server.url), ThreadPoolExecutor() as pool:
        source_dir = code(SLOW)
        jobs = [pool.submit(train, source_dir, f"{prefix}-{number}") for number in range(2)]
        other = pool.submit(process, source_dir, f"{prefix}-p")
        assert len({job.result(PATIENCE).name for job in jobs}) == 2
        other.result(PATIENCE)
    waits = [record.getMessage() for record in caplog.records if " waits: " in record.getMessage()]
    assert len(waits) == 1
    assert "the quota 'ml.m5.large for training job usage', found 1 of 1 in use" in waits[0]


def test_a_job_is_refused_at_once_when_it_is_larger_than_the_quota(
    code: Code, prefix: str, start_server: Callable[..., OwnServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAGEMAKER_LOCAL_QUOTAS", "ml.m5.xlarge=4, ml.m5.large=0")
    server = start_server()
    with flows_use("SAGEMAKER", server.url), pytest.raises(QuotaExceeded, match=r"found 0 of 0 in use\. To raise it"):
        train(code(QUICK), prefix)
    assert everything(boto3.client("sagemaker", endpoint_url=server.url), "list_training_jobs") == []
