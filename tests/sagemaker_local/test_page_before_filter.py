"""With `--page-before-filter` a List reads a page first and filters it then, as AWS does."""

from collections.abc import Iterator
from typing import Any

import pytest

from sagemaker_local.behaviour import Behaviour
from sagemaker_local.engine import Engine
from sagemaker_local.store import Record
from tests.sagemaker_local.engine_support import idle_engine

ARN = "arn:aws:sagemaker:us-east-1:000000000000"
OLDEST_IS_APPROVED = ["Approved", "Rejected", "Rejected", "Rejected"]


@pytest.fixture
def engine(tmp_path: Any) -> Iterator[Engine]:
    with idle_engine(tmp_path, behaviour=Behaviour(page_before_filter=True)) as engine:
        yield engine


def add_packages(engine: Engine, group: str, statuses: list[str]) -> None:
    for version, status in enumerate(statuses, start=1):
        arn = f"{ARN}:model-package/{group}/{version}"
        body = {
            "ModelPackageArn": arn,
            "ModelPackageGroupName": group,
            "ModelPackageVersion": version,
            "ModelPackageStatus": "Completed",
            "ModelApprovalStatus": status,
            "CreationTime": float(version),
        }
        engine.store.insert(Record("ModelPackage", f"{group}/{version}", arn, version, version, "Completed", body))


def pages(engine: Engine, action: str, **request: Any) -> Iterator[list[Any]]:
    """The pages of a List, to the last one."""
    token: dict[str, str] = {}
    while True:
        answer = engine.call(action, {**request, **token})
        left = {key: value for key, value in answer.items() if key == "NextToken"}
        yield next(value for key, value in answer.items() if key != "NextToken")
        if not left:
            return
        token = left


def test_a_page_may_be_empty_and_have_a_token(engine: Engine) -> None:
    add_packages(engine, "g", OLDEST_IS_APPROVED)
    newest_first = {"ModelPackageGroupName": "g", "SortBy": "CreationTime", "SortOrder": "Descending"}
    found = list(pages(engine, "ListModelPackages", **newest_first, ModelApprovalStatus="Approved", MaxResults=1))
    assert [len(page) for page in found] == [0, 0, 0, 1]
    assert found[3][0]["ModelPackageVersion"] == 1


def test_the_packages_of_a_group_are_a_list_of_their_own(engine: Engine) -> None:
    add_packages(engine, "g", ["Approved"])
    add_packages(engine, "h", ["Approved"] * 3)
    found = list(pages(engine, "ListModelPackages", ModelPackageGroupName="g", MaxResults=1))
    assert [len(page) for page in found] == [1]


def test_a_page_without_a_filter_is_full(engine: Engine) -> None:
    add_packages(engine, "g", OLDEST_IS_APPROVED)
    found = list(pages(engine, "ListModelPackages", ModelPackageGroupName="g", MaxResults=3))
    assert [len(page) for page in found] == [3, 1]


def test_the_jobs_of_a_tuning_job_page_in_the_same_way(engine: Engine) -> None:
    arn = f"{ARN}:hyper-parameter-tuning-job/t"
    engine.store.insert(Record("HyperParameterTuningJob", "t", arn, 0, 0, "Completed", {}))
    for number, status in enumerate(["Failed", "Failed", "Completed"], start=1):
        name = f"t-{number:03}-x"
        tuning = {"TunedHyperParameters": {}, "MetricName": "m", "Type": "Maximize", "TrainingJobDefinitionName": ""}
        body = {"TrainingJobName": name, "TrainingJobStatus": status, "TuningJobArn": arn, "_Tuning": tuning}
        engine.store.insert(Record("TrainingJob", name, f"{ARN}:training-job/{name}", 0, 0, status, body))
    asked = {"HyperParameterTuningJobName": "t", "StatusEquals": "Completed", "MaxResults": 2}
    found = list(pages(engine, "ListTrainingJobsForHyperParameterTuningJob", **asked))
    assert [[job["TrainingJobName"] for job in page] for page in found] == [[], ["t-003-x"]]
