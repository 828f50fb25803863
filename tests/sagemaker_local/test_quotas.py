"""With `--quota`, a Create that would exceed a quota is refused with AWS's message, and nothing is stored."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sagemaker_local.behaviour import Behaviour
from sagemaker_local.engine import Engine
from sagemaker_local.errors import ResourceInUse, ResourceLimitExceeded
from sagemaker_local.store import Record
from tests.sagemaker_local.engine_support import idle_engine
from tests.sagemaker_local.support import IMAGE, ROLE, unique

TYPE = "ml.m5.large"


@pytest.fixture
def engine(tmp_path: Any) -> Iterator[Engine]:
    with idle_engine(tmp_path, behaviour=Behaviour(quotas={TYPE: 2})) as engine:
        yield engine


def hold(engine: Engine, kind: str, status: str = "InProgress", **body: Any) -> None:
    """Store a resource that uses instances."""
    name = unique("held")
    engine.store.insert(Record(kind, name, f"arn:aws:sagemaker:us-east-1:0:x/{name}", 0, 0, status, body))


def training(count: int = 1, instance_type: str = TYPE) -> dict[str, Any]:
    return {
        "TrainingJobName": unique("job"),
        "RoleArn": ROLE,
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
        "ResourceConfig": {"InstanceType": instance_type, "InstanceCount": count, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    }


def processing() -> dict[str, Any]:
    cluster = {"InstanceType": TYPE, "InstanceCount": 3, "VolumeSizeInGB": 1}
    return {
        "ProcessingJobName": unique("job"),
        "RoleArn": ROLE,
        "AppSpecification": {"ImageUri": IMAGE},
        "ProcessingResources": {"ClusterConfig": cluster},
    }


def tuning() -> dict[str, Any]:
    ranges = {"ContinuousParameterRanges": [{"Name": "x", "MinValue": "0", "MaxValue": "1"}]}
    limits = {"MaxNumberOfTrainingJobs": 6, "MaxParallelTrainingJobs": 3}
    definition = {key: value for key, value in training().items() if key != "TrainingJobName"}
    definition["AlgorithmSpecification"]["MetricDefinitions"] = [{"Name": "m", "Regex": "m=(.*);"}]
    return {
        "HyperParameterTuningJobName": unique("t"),
        "HyperParameterTuningJobConfig": {
            "Strategy": "Random",
            "ResourceLimits": limits,
            "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "m"},
            "ParameterRanges": ranges,
        },
        "TrainingJobDefinition": definition,
    }


def refusal(engine: Engine, action: str, request: dict[str, Any]) -> str:
    with pytest.raises(ResourceLimitExceeded) as found:
        engine.call(action, request)
    return found.value.message


def test_the_message_is_aws_s_and_nothing_is_stored(engine: Engine) -> None:
    hold(engine, "TrainingJob", **training(2))
    request = training()
    assert refusal(engine, "CreateTrainingJob", request) == (
        "The account-level service limit 'ml.m5.large for training job usage' is 2 Instances, with current utilization "
        "of 2 Instances and a request delta of 1 Instances. Please use AWS Service Quotas to request an increase for "
        "this quota. If AWS Service Quotas is not available, contact AWS support to request an increase for this quota."
    )
    assert engine.store.get("TrainingJob", request["TrainingJobName"]) is None


@pytest.mark.parametrize(
    ("action", "request_of", "use", "delta"),
    [
        ("CreateProcessingJob", processing, "processing job usage", 3),
        ("CreateHyperParameterTuningJob", tuning, "training job usage", 3),
    ],
)
def test_each_kind_of_job_has_its_own_quota(
    engine: Engine, action: str, request_of: Callable[[], dict[str, Any]], use: str, delta: int
) -> None:
    hold(engine, "TransformJob", TransformResources={"InstanceType": TYPE, "InstanceCount": 2})
    message = refusal(engine, action, request_of())
    assert f"'ml.m5.large for {use}' is 2 Instances, with current utilization of 0 Instances" in message
    assert f"a request delta of {delta} Instances" in message


def test_a_transform_job_and_an_endpoint_count_their_instances(engine: Engine) -> None:
    model = {"_Containers": [], "ModelName": "m"}
    engine.store.insert(Record("Model", "m", "arn:aws:sagemaker:us-east-1:0:model/m", 0, 0, None, model))
    transform = {
        "TransformJobName": "one",
        "ModelName": "m",
        "TransformInput": {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/k"}}},
        "TransformOutput": {"S3OutputPath": "s3://b/out"},
        "TransformResources": {"InstanceType": TYPE, "InstanceCount": 3},
    }
    assert "for transform job usage" in refusal(engine, "CreateTransformJob", transform)

    variants = [{"VariantName": "v", "ModelName": "m", "InstanceType": TYPE, "InitialInstanceCount": 2}]
    engine.call("CreateEndpointConfig", {"EndpointConfigName": "c", "ProductionVariants": variants})
    hold(engine, "Endpoint", "InService", _Fleet={"Variants": [{"InstanceType": TYPE, "Count": 1}], "Shadows": []})
    endpoint = {"EndpointName": "e", "EndpointConfigName": "c"}
    found = refusal(engine, "CreateEndpoint", endpoint)
    assert "for endpoint usage' is 2 Instances" in found
    assert "current utilization of 1 Instances and a request delta of 2 Instances" in found


def test_ended_jobs_other_types_and_a_name_that_is_taken_use_no_quota(engine: Engine) -> None:
    hold(engine, "TrainingJob", "Completed", **training(2))
    hold(engine, "TrainingJob", **training(2, "ml.m5.xlarge"))
    taken = training()
    hold_named(engine, taken)
    with pytest.raises(ResourceInUse):
        engine.call("CreateTrainingJob", taken)
    assert "current utilization of 1 Instances and a request delta of 2" in refusal(
        engine, "CreateTrainingJob", training(2)
    )


def test_a_quota_that_is_no_number_of_an_instance_type_is_refused(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sagemaker_local", "--port", "0", "--state-dir", str(tmp_path)]
    for quota in ("m5.large=1", "ml.m5.large=few"):
        by_argument = subprocess.run([*command, "--quota", quota], capture_output=True, text=True, check=False)
        assert by_argument.returncode == 2
        assert f"it must be an instance type and a number, as ml.m5.large=4; it is {quota}" in by_argument.stderr
    environment = {**os.environ, "SAGEMAKER_LOCAL_QUOTAS": "ml.m5.large=few"}
    by_variable = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert "can't start: SAGEMAKER_LOCAL_QUOTAS: it must be an instance type" in by_variable.stderr


def hold_named(engine: Engine, request: dict[str, Any]) -> None:
    name = request["TrainingJobName"]
    engine.store.insert(
        Record("TrainingJob", name, f"arn:aws:sagemaker:us-east-1:0:x/{name}", 0, 0, "Stopping", request)
    )
