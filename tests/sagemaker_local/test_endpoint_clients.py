"""Endpoints through unmodified clients: ModelBuilder, the SDK's resources, the AWS CLI's waiters."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from offline_cloud import Cloud
from tests.patience import PATIENCE
from tests.sagemaker_local.endpoint_support import config_of, variant
from tests.sagemaker_local.support import BUCKET, IMAGE, INFERENCE, ROLE, Bench, archive, everything, unique, until


def aws(cloud: Cloud, *words: str) -> dict[str, Any]:
    """Runs the AWS CLI, and returns the JSON that it printed."""
    command = [str(Path(sys.executable).parent / "aws"), *words]
    environment = {**os.environ, **cloud.environment}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout or "{}"))


@pytest.fixture(scope="module")
def session(bench: Bench, cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The SDK's session, with the two settings with which it calls AWS for nothing else."""
    settings = tmp_path_factory.mktemp("sdk") / "config.yaml"
    settings.write_text("SchemaVersion: '1.0'\nSageMaker:\n  PythonSDK:\n    Modules:\n      TelemetryOptOut: true\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAGEMAKER_USER_CONFIG_OVERRIDE", str(settings))
        patch.setenv("SAGEMAKER_VALIDATE_ROLE", "false")
        from sagemaker.core.helper.session_helper import Session

        yield Session(boto3.session.Session(region_name="us-east-1"), default_bucket=BUCKET)


@pytest.mark.filterwarnings("ignore")
def test_modelbuilder_repacks_builds_deploys_and_its_endpoint_answers(
    bench: Bench, session: Any, tmp_path: Path
) -> None:
    from sagemaker.core.training.configs import SourceCode
    from sagemaker.serve import ModelBuilder

    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "inference.py").write_text(INFERENCE)
    data = bench.put(f"{unique('trained')}/model.tar.gz", archive(slope_json=json.dumps(4.0)))
    builder = ModelBuilder(
        s3_model_data_url=data,
        image_uri=IMAGE,
        source_code=SourceCode(source_dir=str(tmp_path / "code"), entry_script="inference.py"),
        role_arn=ROLE,
        sagemaker_session=session,
        instance_type="ml.m5.large",
    )
    model = builder.build(model_name=unique("built"))
    name = unique("deployed")
    endpoint = builder.deploy(endpoint_name=name, instance_type="ml.m5.large", initial_instance_count=1, wait=False)
    assert bench.settled(name)["EndpointStatus"] == "InService"
    assert endpoint.invoke(body="2", content_type="text/csv").body.read() == b"8.0"
    container = bench.sagemaker.describe_model(ModelName=model.model_name)["PrimaryContainer"]
    assert container["ModelDataUrl"] != data
    assert container["Environment"]["SAGEMAKER_SUBMIT_DIRECTORY"] == "/opt/ml/model/code"
    bench.sagemaker.delete_endpoint(EndpointName=name)


@pytest.mark.filterwarnings("ignore")
def test_the_sdks_endpoint_is_invoked_updated_and_invoked_asynchronously(bench: Bench, session: Any) -> None:
    from sagemaker.core.resources import Endpoint

    name = bench.endpoint(config_of(bench, variant(bench.model(slope=2.0))))
    endpoint = Endpoint.get(endpoint_name=name)
    assert endpoint.invoke(body="3", content_type="text/csv").body.read() == b"6.0"
    output = {"OutputConfig": {"S3OutputPath": f"s3://{BUCKET}/answers"}}
    config = config_of(bench, variant(bench.model(slope=3.0)), AsyncInferenceConfig=output)
    bench.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=config)
    bench.settled(name)
    endpoint.refresh()
    assert (endpoint.endpoint_status, endpoint.endpoint_config_name) == ("InService", config)
    location = bench.put(f"{unique('input')}.csv", "3")
    answer = endpoint.invoke_async(input_location=location, content_type="text/csv")
    bucket_and_key = answer.output_location.removeprefix("s3://").split("/", 1)
    until(lambda: bench.s3.list_objects_v2(Bucket=BUCKET, Prefix=bucket_and_key[1])["KeyCount"], bool)
    assert bench.read(answer.output_location) == b"9.0"
    endpoint.delete()


def test_the_aws_cli_waits_deploys_invokes_and_waits_for_the_end(bench: Bench, cloud: Cloud, tmp_path: Path) -> None:
    name = bench.endpoint(config_of(bench, variant(bench.model(slope=2.0))))
    aws(cloud, "sagemaker", "wait", "endpoint-in-service", "--endpoint-name", name)
    config = config_of(bench, variant(bench.model(slope=5.0)))
    routing = {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}
    deployment = json.dumps({"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing}})
    words = ("--endpoint-name", name, "--endpoint-config-name", config, "--deployment-config", deployment)
    assert aws(cloud, "sagemaker", "update-endpoint", *words)["EndpointArn"].endswith(name)
    bench.settled(name)
    (tmp_path / "rows.csv").write_text("1\n2\n")
    words = ("--endpoint-name", name, "--content-type", "text/csv", "--body", f"fileb://{tmp_path}/rows.csv")
    answer = aws(cloud, "sagemaker-runtime", "invoke-endpoint", *words, str(tmp_path / "answer.csv"))
    assert answer == {"ContentType": "text/csv; charset=utf-8", "InvokedProductionVariant": "v"}
    assert (tmp_path / "answer.csv").read_text() == "5.0\n10.0"
    bench.sagemaker.delete_endpoint(EndpointName=name)
    until(lambda: everything(bench.sagemaker, "list_endpoints", NameContains=name), lambda found: not found)
    aws(cloud, "sagemaker", "wait", "endpoint-deleted", "--endpoint-name", name)
