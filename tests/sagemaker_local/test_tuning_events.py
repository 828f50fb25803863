"""Tuning and transform jobs send events of their statuses to the offline bus."""

from tests.sagemaker_local import test_transform_jobs as transform
from tests.sagemaker_local import test_tuning_jobs as tuning
from tests.sagemaker_local.support import BUCKET, Bench, unique
from tests.sagemaker_local.test_events import (  # the fixtures are used by name
    Collect,
    collect,
    queue,
    statuses,
)

__all__ = ["collect", "queue"]


def test_a_tuning_job_tells_each_change_of_its_status(bench: Bench, collect: Collect) -> None:
    job = tuning.run(bench, tuning.request(bench, jobs=1))
    member = "HyperParameterTuningJobStatus"
    events = collect(job["HyperParameterTuningJobArn"], lambda found: "Completed" in statuses(found, member))
    assert statuses(events, member) == ["InProgress", "Completed"]
    assert events[-1]["detail-type"] == "SageMaker HyperParameter Tuning Job State Change"


def test_a_transform_job_tells_each_change_of_its_status(bench: Bench, collect: Collect) -> None:
    job = transform.run(bench, transform.request(bench.model(), f"s3://{BUCKET}/{unique('nothing')}/"))
    events = collect(job["TransformJobArn"], lambda found: "Failed" in statuses(found, "TransformJobStatus"))
    assert statuses(events, "TransformJobStatus") == ["InProgress", "Failed"]
    assert events[-1]["detail-type"] == "SageMaker Transform Job State Change"
