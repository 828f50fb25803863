"""Unmodified clients: the AWS CLI and the resources of the SageMaker SDK."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from offline_cloud import Cloud
from tests.patience import PATIENCE
from tests.sagemaker_local.support import IMAGE, ROLE, TRAIN, Bench, unique


def aws(cloud: Cloud, *words: str) -> str:
    command = [str(Path(sys.executable).parent / "aws"), *words]
    environment = {**os.environ, **cloud.environment}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=PATIENCE).stdout


def test_the_aws_cli_lists_describes_reads_logs_and_invokes(bench: Bench, cloud: Cloud, tmp_path: Path) -> None:
    job = bench.train(TRAIN + "print('accuracy: 1')\n")["TrainingJobName"]
    listed = json.loads(aws(cloud, "sagemaker", "list-training-jobs", "--name-contains", job))
    assert [summary["TrainingJobName"] for summary in listed["TrainingJobSummaries"]] == [job]
    described = json.loads(aws(cloud, "sagemaker", "describe-training-job", "--training-job-name", job))
    assert described["TrainingJobStatus"] == "Completed"
    streams = ["--log-group-name", "/aws/sagemaker/TrainingJobs", "--log-stream-name-prefix", job]
    assert "accuracy: 1" in aws(cloud, "logs", "filter-log-events", *streams)

    endpoint = bench.endpoint(bench.config(v=(bench.model(slope=6.0), 1.0)))
    (tmp_path / "rows.csv").write_text("1\n2\n")
    words = ["--endpoint-name", endpoint, "--content-type", "text/csv", "--body", f"fileb://{tmp_path}/rows.csv"]
    aws(cloud, "sagemaker-runtime", "invoke-endpoint", *words, str(tmp_path / "answer.csv"))
    assert (tmp_path / "answer.csv").read_text() == "6.0\n12.0"
    aws(cloud, "sagemaker", "delete-endpoint", "--endpoint-name", endpoint)


@pytest.mark.filterwarnings("ignore")
def test_the_sdks_resources_create_wait_and_invoke(bench: Bench, cloud: Cloud) -> None:
    from sagemaker.core.resources import Endpoint, EndpointConfig, Model, TrainingJob
    from sagemaker.core.shapes import (
        AlgorithmSpecification,
        ContainerDefinition,
        OutputDataConfig,
        ProductionVariant,
        ResourceConfig,
        StoppingCondition,
    )

    request = bench.request(TRAIN, hyperparameters={"slope": "8"})
    job = TrainingJob.create(
        training_job_name=request["TrainingJobName"],
        role_arn=ROLE,
        hyper_parameters=request["HyperParameters"],
        algorithm_specification=AlgorithmSpecification(training_image=IMAGE, training_input_mode="File"),
        output_data_config=OutputDataConfig(s3_output_path=request["OutputDataConfig"]["S3OutputPath"]),
        resource_config=ResourceConfig(instance_type="ml.m5.large", instance_count=1, volume_size_in_gb=1),
        stopping_condition=StoppingCondition(max_runtime_in_seconds=3600),
    )
    job.wait(poll=1, logs=False)
    assert job.refresh().training_job_status == "Completed"
    assert [found.training_job_name for found in TrainingJob.get_all(name_contains=job.training_job_name)] == [
        job.training_job_name
    ]

    name = unique("sdk")
    container = bench.sagemaker.describe_model(ModelName=bench.model(slope=8.0))["PrimaryContainer"]
    Model.create(
        model_name=name,
        execution_role_arn=ROLE,
        primary_container=ContainerDefinition(
            image=IMAGE, model_data_url=container["ModelDataUrl"], environment=container["Environment"]
        ),
    )
    variant = ProductionVariant(
        variant_name="v", model_name=name, initial_instance_count=1, instance_type="ml.m5.large"
    )
    EndpointConfig.create(endpoint_config_name=name, production_variants=[variant])
    endpoint = Endpoint.create(endpoint_name=name, endpoint_config_name=name)
    endpoint.wait_for_status("InService", poll=1)
    answer = endpoint.invoke(body="1", content_type="text/csv")
    assert answer.body.read() == b"8.0"
    endpoint.delete()
