"""Shadow variants, multi-model endpoints and inference pipelines."""

import json
import threading
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sagemaker_local.endpoint_support import FAILS, config_of, described, printed, variant
from tests.sagemaker_local.support import BUCKET, IMAGE, INFERENCE, ROLE, Bench, archive, unique, until

ENVIRONMENT = {"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}
NOTES = """
def model_fn(model_dir):
    return None
def transform_fn(model, body, content_type, accept):
    print("shadow saw " + body + "\\n", end="", flush=True)  # one write: two threads print
    return "99.0", "text/csv"
"""
SERVERLESS = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}


# Shadows.


def test_a_shadow_gets_copies_and_its_answers_are_discarded(bench: Bench) -> None:
    shadow = variant(bench.model(script=NOTES), "shadow", InitialVariantWeight=1.0)
    production = variant(bench.model(slope=2.0), "production")
    name = bench.endpoint(config_of(bench, production, ShadowProductionVariants=[shadow]))
    [shown] = described(bench, name)["ShadowProductionVariants"]
    assert (shown["VariantName"], shown["CurrentWeight"]) == ("shadow", 1.0)
    assert [bench.invoke(name, str(number)) for number in range(10)] == [f"{2.0 * number}" for number in range(10)]
    seen = {f"shadow saw {number}" for number in range(10)}
    until(lambda: printed(bench, name, "shadow"), lambda found: seen <= set(found))
    bench.sagemaker.delete_endpoint(EndpointName=name)


def test_a_shadow_gets_a_share_by_its_weight_and_its_failures_affect_no_request(bench: Bench) -> None:
    shadow = variant(bench.model(script=FAILS), "shadow", InitialVariantWeight=0.5)
    production = variant(bench.model(slope=2.0), "production")
    name = bench.endpoint(config_of(bench, production, ShadowProductionVariants=[shadow]))
    assert {bench.invoke(name) for _ in range(100)} == {"2.0"}

    def failures() -> int:
        lines = printed(bench, name, "shadow")
        return sum("RuntimeError: a bad release" in line for line in lines)

    until(failures, lambda count: 20 <= count <= 80)  # 50 expected; six standard deviations
    bench.sagemaker.delete_endpoint(EndpointName=name)


def test_two_shadows_are_refused(bench: Bench) -> None:
    model = bench.model()
    shadows = [variant(model, "s1"), variant(model, "s2")]
    with pytest.raises(ClientError, match="you can only specify one variant"):
        config_of(bench, variant(model), ShadowProductionVariants=shadows)


def test_what_aws_excludes_from_shadow_tests_is_refused(bench: Bench) -> None:
    model, several, multi = bench.model(), unique("several"), multi_model_of(bench, unique("models"))
    containers = [{"Image": IMAGE}, {"Image": IMAGE}]
    bench.sagemaker.create_model(ModelName=several, ExecutionRoleArn=ROLE, Containers=containers)
    serverless = {"VariantName": "shadow", "ModelName": model, "ServerlessConfig": SERVERLESS}
    for excluded, message in (
        (serverless, "ServerlessConfig is not supported with ShadowProductionVariants"),
        (variant(model, "shadow", InstanceType="ml.inf1.xlarge"), "An Inf1 instance"),
        (variant(several, "shadow"), "A model with several containers"),
        (variant(multi, "shadow"), "A multi-model container"),
    ):
        with pytest.raises(ClientError, match=message):
            config_of(bench, variant(model), ShadowProductionVariants=[excluded])
    with pytest.raises(ClientError, match="found in variant v"):
        config_of(bench, variant(multi), ShadowProductionVariants=[variant(model, "shadow")])


# Multi-model endpoints.


def multi_model_of(bench: Bench, folder: str) -> str:
    name = unique("multi")
    container = {
        "Image": IMAGE,
        "Mode": "MultiModel",
        "ModelDataUrl": f"s3://{BUCKET}/{folder}/",
        "Environment": ENVIRONMENT,
    }
    bench.sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
    return name


def multi_model(bench: Bench, folder: str) -> str:
    return bench.endpoint(config_of(bench, variant(multi_model_of(bench, folder))))


def put_model(bench: Bench, folder: str, slope: float) -> str:
    """Puts a model that multiplies by `slope` under the prefix, and returns its TargetModel."""
    content = archive(slope_json=json.dumps(slope), code__inference=INFERENCE)
    bench.put(f"{folder}/slope-{slope:g}.tar.gz", content)
    return f"slope-{slope:g}.tar.gz"


def test_each_target_model_is_loaded_when_it_is_first_asked_for(bench: Bench) -> None:
    folder = unique("models")
    first = put_model(bench, folder, 2.0)
    name = multi_model(bench, folder)
    assert bench.invoke(name, "1", TargetModel=first) == "2.0"
    later = put_model(bench, folder, 5.0)  # added while the endpoint is in service
    answers: list[str] = []
    threads = [
        threading.Thread(target=lambda: answers.append(bench.invoke(name, "1", TargetModel=later))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["5.0"] * 4
    assert bench.invoke(name, "1", TargetModel=first) == "2.0"

    with pytest.raises(ClientError) as missing:
        bench.invoke(name, "1", TargetModel="nope.tar.gz")
    error = missing.value.response["Error"]
    assert error["Code"] == "ValidationError"
    assert error["Message"].startswith(f"Failed to download model data(bucket: {BUCKET}, key: {folder}/nope.tar.gz).")
    with pytest.raises(ClientError, match="missing a target model header"):
        bench.invoke(name, "1")
    bench.put(f"{folder}/broken.tar.gz", archive(code__inference="raise ValueError('broken')\n"))
    with pytest.raises(bench.runtime.exceptions.ModelError, match="broken"):
        bench.invoke(name, "1", TargetModel="broken.tar.gz")
    put_model(bench, folder, 7.0)
    bench.s3.copy_object(Bucket=BUCKET, Key=f"{folder}/broken.tar.gz", CopySource=f"{BUCKET}/{folder}/slope-7.tar.gz")
    assert bench.invoke(name, "1", TargetModel="broken.tar.gz") == "7.0"  # a failure is not cached
    bench.sagemaker.delete_endpoint(EndpointName=name)


def test_the_longest_unused_model_is_evicted_and_comes_back(bench: Bench) -> None:
    folder = unique("models")
    targets = [put_model(bench, folder, float(number)) for number in range(10)]
    name = multi_model(bench, folder)
    for number, target in enumerate(targets):
        assert bench.invoke(name, "1", TargetModel=target) == f"{float(number)}"

    def started() -> int:
        group = f"/aws/sagemaker/Endpoints/{name}"
        return len(bench.logs.describe_log_streams(logGroupName=group)["logStreams"])

    assert until(started, lambda count: count >= 10) == 10
    assert bench.invoke(name, "1", TargetModel=targets[9]) == "9.0"
    assert bench.invoke(name, "1", TargetModel=targets[0]) == "0.0"
    assert until(started, lambda count: count >= 11) == 11  # the first model was started again, the last was not
    bench.sagemaker.delete_endpoint(EndpointName=name)


def test_a_single_model_endpoint_has_no_target_models(bench: Bench) -> None:
    name = bench.endpoint(config_of(bench, variant(bench.model())))
    with pytest.raises(ClientError, match=f"{name} is not a multi-model endpoint and does not support target model"):
        bench.invoke(name, "1", TargetModel="a.tar.gz")
    bench.sagemaker.delete_endpoint(EndpointName=name)


# Inference pipelines.


def container(bench: Bench, hostname: str, slope: float) -> dict[str, Any]:
    data = bench.put(f"{unique('part')}.tar.gz", archive(slope_json=json.dumps(slope), code__inference=INFERENCE))
    return {"ContainerHostname": hostname, "Image": IMAGE, "ModelDataUrl": data, "Environment": ENVIRONMENT}


def pipeline(bench: Bench, **more: Any) -> str:
    """An endpoint that multiplies by 2 and then by 10."""
    name = unique("pipeline")
    containers = [container(bench, "double", 2.0), container(bench, "tenfold", 10.0)]
    bench.sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, Containers=containers, **more)
    return bench.endpoint(config_of(bench, variant(name)))


def test_each_container_of_a_pipeline_gets_the_answer_of_the_one_before(bench: Bench) -> None:
    name = pipeline(bench)
    assert len(described(bench, name)["ProductionVariants"][0]["DeployedImages"]) == 2
    assert bench.invoke(name, "1\n2") == "20.0\n40.0"
    with pytest.raises(bench.runtime.exceptions.ModelError, match=r"Received client error \(422\) from double"):
        bench.invoke(name, "x")
    with pytest.raises(ClientError, match="does not support target container hostname"):
        bench.invoke(name, "1", TargetContainerHostname="tenfold")
    bench.sagemaker.delete_endpoint(EndpointName=name)


def test_in_direct_mode_each_container_is_asked_by_its_hostname(bench: Bench) -> None:
    name = pipeline(bench, InferenceExecutionConfig={"Mode": "Direct"})
    assert bench.invoke(name, "1", TargetContainerHostname="double") == "2.0"
    assert bench.invoke(name, "1", TargetContainerHostname="tenfold") == "10.0"
    with pytest.raises(ClientError, match="Target container hostname header is required"):
        bench.invoke(name, "1")
    with pytest.raises(ClientError, match="Container other is not one of"):
        bench.invoke(name, "1", TargetContainerHostname="other")
    bench.sagemaker.delete_endpoint(EndpointName=name)
