"""A variant's instances: processes that share the requests, start and end, and are started again when they fail."""

from collections import Counter

import psutil
import pytest
from botocore.exceptions import ClientError

from tests.sagemaker_local.endpoint_support import config_of, described, printed, steady_requests, variant
from tests.sagemaker_local.support import BUCKET, ROLE, Bench, unique, until

PIDS = """
import os, uuid
ME = uuid.uuid4().hex
def model_fn(model_dir):
    return None
def transform_fn(model, body, content_type, accept):
    if body == "stop":
        os.kill(os.getppid(), 19)  # the model server, whose worker this is
    return ME, "text/plain"
"""
STARTED_AGAIN = "SageMaker local: the container ended and is started again."


@pytest.fixture(scope="module")
def model(bench: Bench) -> str:
    return bench.model(script=PIDS)


def instances(bench: Bench, name: str) -> list[int]:
    [found] = described(bench, name)["ProductionVariants"]
    return [found["CurrentInstanceCount"], found["DesiredInstanceCount"]]


def test_instances_are_processes_that_share_the_requests(bench: Bench, model: str) -> None:
    name = bench.endpoint(config_of(bench, variant(model, InitialInstanceCount=2)))
    counts = Counter(bench.invoke(name) for _ in range(20))
    assert sorted(counts.values()) == [10, 10]
    assert instances(bench, name) == [2, 2]
    bench.sagemaker.delete_endpoint(EndpointName=name)


def test_capacities_change_beside_the_requests_and_drop_none(bench: Bench, model: str) -> None:
    name = bench.endpoint(config_of(bench, variant(model)))
    with steady_requests(bench, name) as answers:
        for count in (3, 1):
            change = {"VariantName": "v", "DesiredInstanceCount": count}
            bench.sagemaker.update_endpoint_weights_and_capacities(
                EndpointName=name, DesiredWeightsAndCapacities=[change]
            )
            assert described(bench, name)["EndpointStatus"] == "Updating"
            bench.settled(name)
            assert instances(bench, name) == [count, count]
            before = len(answers)
            until(lambda: len(answers) > before + 30, bool)  # noqa: B023
            assert len(set(answers[before + 5 :])) == count
    assert "ModelError" not in answers
    assert len(set(answers)) == 3
    bench.sagemaker.delete_endpoint(EndpointName=name)


def test_a_variant_without_instances_refuses_and_answers_again_when_it_has_some(bench: Bench, model: str) -> None:
    name = bench.endpoint(config_of(bench, variant(model)))
    for count in (0, 1):
        change = {"VariantName": "v", "DesiredInstanceCount": count}
        bench.sagemaker.update_endpoint_weights_and_capacities(EndpointName=name, DesiredWeightsAndCapacities=[change])
        bench.settled(name)
        if count == 0:
            with pytest.raises(ClientError, match="has no instances"):
                bench.invoke(name)
    assert bench.invoke(name)
    bench.sagemaker.delete_endpoint(EndpointName=name)


def test_a_worker_that_no_longer_answers_pings_is_started_again(bench: Bench, model: str) -> None:
    name = bench.endpoint(config_of(bench, variant(model)))
    before = bench.invoke(name)
    with pytest.raises(ClientError, match="gave no whole answer"):
        bench.invoke(name, "stop")
    after = bench.invoke(name)
    assert after != before
    assert described(bench, name)["EndpointStatus"] == "InService"
    until(
        lambda: bench.printed(f"/aws/sagemaker/Endpoints/{name}", "v/i-"),
        lambda lines: any("did not pass 3 ping health checks in a row" in line for line in lines),
    )
    bench.sagemaker.delete_endpoint(EndpointName=name)


def test_a_lost_container_is_replaced_and_meanwhile_the_other_instance_answers(bench: Bench, model: str) -> None:
    name = bench.endpoint(config_of(bench, variant(model, InitialInstanceCount=2)))
    first = {bench.invoke(name) for _ in range(4)}
    with steady_requests(bench, name) as answers:
        until(lambda: len(answers) > 10, bool)
        containers(name)[0].kill()
        killed = len(answers)
        until(lambda: set(answers[killed:]) - first - {"ModelError"}, bool)
        replaced = next(place for place, answer in enumerate(answers) if answer not in first | {"ModelError"})
        [survivor] = until(lambda: first & set(answers[replaced:]), bool)
    assert survivor in answers[killed:replaced]
    assert answers.count("ModelError") <= 2  # what the container had read: one of each client
    assert described(bench, name)["EndpointStatus"] == "InService"
    bench.sagemaker.delete_endpoint(EndpointName=name)
    until(lambda: printed(bench, name, "v"), lambda lines: lines.count(STARTED_AGAIN) == 1)


def containers(endpoint: str) -> list[psutil.Process]:
    """The outermost process of each container of an endpoint; the others end with it."""
    found = {
        process.pid: process
        for process in psutil.process_iter(["cmdline"])
        if any(endpoint in word for word in process.info["cmdline"] or ())
    }
    return [process for process in found.values() if process.ppid() not in found]


def test_serverless_variants_run_and_show_their_config(bench: Bench, model: str) -> None:
    serverless = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
    production = {"VariantName": "v", "ModelName": model, "ServerlessConfig": serverless}
    name = bench.endpoint(config_of(bench, production))
    [found] = described(bench, name)["ProductionVariants"]
    assert found["CurrentServerlessConfig"] == serverless
    assert "CurrentInstanceCount" not in found
    assert bench.invoke(name)
    bench.sagemaker.delete_endpoint(EndpointName=name)


def test_model_data_may_be_a_prefix_of_objects(bench: Bench) -> None:
    container = bench.sagemaker.describe_model(ModelName=bench.model(slope=3.0))["PrimaryContainer"]
    folder = unique("plain")
    for path, content in bench.unpacked(container.pop("ModelDataUrl")).items():
        bench.put(f"{folder}/{path}", content)
    source = {"S3Uri": f"s3://{BUCKET}/{folder}/", "S3DataType": "S3Prefix", "CompressionType": "None"}
    model = unique("model")
    bench.sagemaker.create_model(
        ModelName=model,
        ExecutionRoleArn=ROLE,
        PrimaryContainer={**container, "ModelDataSource": {"S3DataSource": source}},
    )
    name = bench.endpoint(config_of(bench, variant(model)))
    assert bench.invoke(name) == "3.0"
    bench.sagemaker.delete_endpoint(EndpointName=name)
