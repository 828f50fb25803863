"""Tuning jobs: the best completed training job counts; found by their request; stopped by their budget or their run."""

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

import pytest

from config.errors import Cancelled, JobFailed
from config.tuning import Tuning
from tasks import cancellation, clients, locations, storage
from tasks.sagemaker.job_kinds import tags_of
from tasks.sagemaker.tuning_jobs import FinishedTuningJob, run_tuning_job
from tasks.sagemaker.tuning_requests import Search
from tests.patience import PATIENCE, until
from tests.small_jobs import USE_CASE, Code

PEAK = """
import os, sys
from pathlib import Path
given = dict(zip(sys.argv[1::2], sys.argv[2::2]))
print(f"validation:auc={1 - abs(int(given['--depth']) - 3) / 10};", flush=True)
Path(os.environ["SM_MODEL_DIR"], "depth.txt").write_text(given["--depth"])
"""
SLOW = f"""
import time
{PEAK}
while given["--depth"] != "3":
    time.sleep(0.1)
"""
DEPTHS: dict[str, Any] = {"ranges": {"depth": {"choice": [2, 3]}}, "strategy": "Grid"}


def search(tuning: dict[str, Any] = DEPTHS, **changes: Any) -> Search:
    plain: dict[str, Any] = {"objective": "validation:auc", "maximize": True, "stops_early": False, "seed": 7}
    return Search(Tuning.model_validate(tuning), **{**plain, **changes})


def tune(source_dir: str, prefix: str, wanted: Search, fresh: bool = False) -> FinishedTuningJob:
    return run_tuning_job(
        prefix,
        wanted,
        fresh=fresh,
        use_case=USE_CASE,
        source_dir=source_dir,
        program="train.py",
        channels={"train": source_dir},
        hyperparameters={"rate": 0.5},
        metrics=["validation:auc"],
        required=["validation:auc"],
        output=locations.jobs(USE_CASE),
        tags={"use-case": USE_CASE, "stage": "train"},
    )


@pytest.fixture
def prefix(prefix: str) -> str:
    """With the digest it must fit into the 32 characters of a tuning job's name."""
    return prefix[:24]


def test_the_best_training_job_counts_and_an_equal_search_is_reused(
    code: Code, prefix: str, sagemaker: Any, caplog: pytest.LogCaptureFixture
) -> None:
    source_dir = code(PEAK)
    found = tune(source_dir, prefix, search())
    assert (found.tuned, found.best.metrics) == ({"depth": 3}, {"validation:auc": 1.0})
    assert (found.jobs, found.failed, found.stopped_early, found.out_of_budget) == (2, 0, 0, False)
    assert found.billed_seconds >= 2
    assert storage.exists(found.best.model_uri)
    assert len(found.name) <= 32
    best = sagemaker.describe_training_job(TrainingJobName=found.best.name)
    assert (best["HyperParameters"]["depth"], best["HyperParameters"]["rate"]) == ("3", "0.5")
    assert tags_of(found.arn)["use-case"] == USE_CASE

    again = tune(source_dir, prefix, search())
    assert (again.name, again.reused, again.best.name) == (found.name, True, found.best.name)
    assert f"{found.name} is reused: it has completed already" in caplog.text

    bucket, key = storage.address(found.best.model_uri)
    clients.s3().delete_object(Bucket=bucket, Key=key)
    repeated = tune(source_dir, prefix, search())
    assert (repeated.name != found.name, repeated.reused) == (True, False)


def test_a_search_past_its_budget_is_stopped_keeps_its_best_and_is_found_again(
    code: Code, prefix: str, caplog: pytest.LogCaptureFixture
) -> None:
    wanted = search({**DEPTHS, "parallel": 2}, seconds=8, budget={"minutes": 8 / 60})
    source_dir = code(SLOW)
    found = tune(source_dir, prefix, wanted)
    assert (found.tuned, found.out_of_budget, found.stopped_early) == ({"depth": 3}, True, 1)
    assert found.seconds >= 8
    again = tune(source_dir, prefix, wanted)
    assert (again.name, again.reused) == (found.name, True)


def test_a_search_without_a_completed_training_job_says_what_there_is(code: Code, prefix: str) -> None:
    with pytest.raises(JobFailed, match=rf"tuning job {prefix}\S+: expected Completed, found Failed"):
        tune(code("raise SystemExit('no rows')"), prefix, search())


def test_a_cancelled_run_stops_its_search_and_the_next_run_searches_again(
    code: Code, prefix: str, sagemaker: Any
) -> None:
    source_dir = code(SLOW)
    first, second = (cancelled(source_dir, prefix, sagemaker) for _ in range(2))
    assert first != second


def cancelled(source_dir: str, prefix: str, sagemaker: Any) -> str:
    """Start an endless search, cancel its run after a training job, and return its name after it is stopped."""
    endless = search({**DEPTHS, "parallel": 2})
    with ThreadPoolExecutor() as pool, cancellation.scope() as scope:
        waiting = pool.submit(copy_context().run, tune, source_dir, prefix, endless)
        name = until(lambda: running(sagemaker, prefix))[0]
        until(lambda: describe(sagemaker, name)["TrainingJobStatusCounters"]["Completed"])
        scope.cancel(KeyboardInterrupt("SIGINT"))
        with pytest.raises(Cancelled, match="SIGINT"):
            waiting.result(PATIENCE)
    status = until(
        lambda: describe(sagemaker, name)["HyperParameterTuningJobStatus"],
        lambda status: status not in ("InProgress", "Stopping"),
    )
    assert status == "Stopped"
    return name


def describe(sagemaker: Any, name: str) -> dict[str, Any]:
    return dict(sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name))


def running(sagemaker: Any, prefix: str) -> list[str]:
    found = sagemaker.list_hyper_parameter_tuning_jobs(NameContains=prefix, StatusEquals="InProgress")
    return [job["HyperParameterTuningJobName"] for job in found["HyperParameterTuningJobSummaries"]]
