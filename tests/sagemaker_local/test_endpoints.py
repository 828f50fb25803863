"""Endpoints: from model.tar.gz to InService, updates without a dropped request, failure, deletion."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from operator import eq

import pytest
from botocore.exceptions import ClientError

from tests.sagemaker_local.endpoint_support import config_of, described, steady_requests, variant
from tests.sagemaker_local.support import BUCKET, IMAGE, INFERENCE, Bench, archive, unique, until
from tests.sagemaker_local.wheels import tar, vendored

SLOW = INFERENCE.replace('if body == "die":', 'import time\n    time.sleep(0.1)\n    if body == "die":')
"""At any moment some requests are at the model."""


def test_an_endpoint_answers_from_its_model_and_is_gone_when_deleted(bench: Bench) -> None:
    config = bench.config(AllTraffic=(bench.model(slope=2.0), 1.0))
    name = bench.endpoint(config)
    described = bench.sagemaker.describe_endpoint(EndpointName=name)
    assert described["EndpointStatus"] == "InService"
    [variant] = described["ProductionVariants"]
    assert (variant["VariantName"], variant["CurrentWeight"], variant["CurrentInstanceCount"]) == ("AllTraffic", 1.0, 1)
    assert variant["DeployedImages"][0]["SpecifiedImage"] == IMAGE
    assert bench.invoke(name, "1\n2.5") == "2.0\n5.0"

    bench.sagemaker.delete_endpoint(EndpointName=name)
    until(lambda: [e["EndpointName"] for e in bench.sagemaker.list_endpoints(MaxResults=100)["Endpoints"]],
          lambda names: name not in names)  # fmt: skip
    with pytest.raises(ClientError, match=f'Could not find endpoint "{described["EndpointArn"]}"'):
        bench.sagemaker.describe_endpoint(EndpointName=name)
    with pytest.raises(ClientError, match=f"Endpoint {name} of account 000000000000 not found"):
        bench.invoke(name)


def test_variants_share_the_traffic_by_weight_and_can_be_named(bench: Bench) -> None:
    config = bench.config(a=(bench.model(slope=1.0), 3.0), b=(bench.model(slope=10.0), 1.0))
    name = bench.endpoint(config)
    counts = Counter(bench.invoke(name) for _ in range(120))
    assert set(counts) == {"1.0", "10.0"}
    assert 15 <= counts["10.0"] <= 50  # 30 expected; six standard deviations are 28
    answer = bench.runtime.invoke_endpoint(EndpointName=name, Body="1", ContentType="text/csv", TargetVariant="b")
    assert (answer["InvokedProductionVariant"], answer["Body"].read()) == ("b", b"10.0")
    with pytest.raises(ClientError, match="Variant c not found"):
        bench.invoke(name, TargetVariant="c")

    bench.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=name, DesiredWeightsAndCapacities=[{"VariantName": "a", "DesiredWeight": 0.0}]
    )
    assert {bench.invoke(name) for _ in range(20)} == {"10.0"}
    bench.sagemaker.delete_endpoint(EndpointName=name)


def test_two_updates_under_load_drop_no_request_and_capture_each_one(bench: Bench) -> None:
    prefix = unique("captured")
    capture = {
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{BUCKET}/{prefix}",
        "CaptureOptions": [{"CaptureMode": "Input"}],
    }
    first, second = (
        config_of(bench, variant(bench.model(slope=slope, script=SLOW)), DataCaptureConfig=capture)
        for slope in (1.0, 10.0)
    )
    name = bench.endpoint(first)
    with steady_requests(bench, name, threads=4) as answers:
        for config, answer in ((second, "10.0"), (first, "1.0")):
            bench.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=config)
            assert described(bench, name)["EndpointStatus"] == "Updating"
            with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
                bench.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=config)
            assert bench.settled(name)["EndpointConfigName"] == config
            until(lambda: set(answers[-20:]), partial(eq, {answer}))
    assert set(answers) == {"1.0", "10.0"}
    bench.sagemaker.delete_endpoint(EndpointName=name)
    assert until(lambda: lines_under(bench, prefix), lambda found: found >= len(answers)) == len(answers)


def lines_under(bench: Bench, prefix: str) -> int:
    """The number of lines in the objects under a prefix."""
    pages = bench.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
    keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
    return sum(bench.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().count(b"\n") for key in keys)


def test_an_update_that_fails_leaves_the_old_fleet_in_service(bench: Bench) -> None:
    first = bench.config(v=(bench.model(slope=1.0), 1.0))
    name = bench.endpoint(first)
    broken = bench.model(script="def model_fn(model_dir):\n    raise ValueError('wrong version')\n")
    bench.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=bench.config(v=(broken, 1.0)))
    endpoint = bench.settled(name)
    assert (endpoint["EndpointStatus"], endpoint["EndpointConfigName"]) == ("InService", first)
    assert "ClientError: wrong version" in endpoint["FailureReason"]
    assert bench.invoke(name) == "1.0"
    bench.sagemaker.delete_endpoint(EndpointName=name)


def test_a_container_that_does_not_come_up_fails_the_endpoint_with_its_output(bench: Bench) -> None:
    model = bench.model(script="import not_installed_here\n")
    name = bench.endpoint(bench.config(AllTraffic=(model, 1.0)))
    endpoint = bench.sagemaker.describe_endpoint(EndpointName=name)
    assert endpoint["EndpointStatus"] == "Failed"
    assert "did not pass the ping health check" in endpoint["FailureReason"]
    assert "No module named 'not_installed_here'" in endpoint["FailureReason"]
    with pytest.raises(ClientError, match="DeleteEndpoint is the only operation"):
        bench.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=endpoint["EndpointConfigName"])
    group, line = f"/aws/sagemaker/Endpoints/{name}", "ModuleNotFoundError: No module named 'not_installed_here'"
    until(lambda: bench.printed(group, "AllTraffic/i-"), lambda lines: line in lines)


def test_a_worker_that_died_comes_back_and_no_later_request_fails(bench: Bench) -> None:
    name = bench.endpoint(bench.config(v=(bench.model(slope=3.0), 1.0)))
    with ThreadPoolExecutor(4) as pool:  # several idle connections, which are stale once the container has ended
        assert set(pool.map(bench.invoke, [name] * 40)) == {"3.0"}
    with pytest.raises(ClientError, match=r"Received server error \(502\)"):
        bench.invoke(name, "die")
    assert {bench.invoke(name) for _ in range(8)} == {"3.0"}
    assert bench.sagemaker.describe_endpoint(EndpointName=name)["EndpointStatus"] == "InService"
    bench.sagemaker.delete_endpoint(EndpointName=name)


def test_code_may_come_from_s3_beside_the_model(bench: Bench) -> None:
    code = bench.put(f"{unique('code')}/sourcedir.tar.gz", archive(inference=INFERENCE.replace("model * row", "-row")))
    environment = {"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": code}
    name = bench.endpoint(bench.config(v=(bench.model(Environment=environment), 1.0)))
    assert bench.invoke(name) == "-1.0"
    bench.sagemaker.delete_endpoint(EndpointName=name)


REACHES_OUT = """
import os, urllib.request
def model_fn(model_dir):
    return None
def transform_fn(model, body, content_type, accept):
    try:
        urllib.request.urlopen(os.environ["AWS_ENDPOINT_URL"] + "/_localstack/health", timeout=5)
    except OSError:
        return "alone", "text/plain"
    return "connected", "text/plain"
"""


@pytest.mark.parametrize(("isolated", "answer"), [(False, "connected"), (True, "alone")])
def test_an_isolated_model_is_served_without_network(bench: Bench, isolated: bool, answer: str) -> None:
    model = unique("model")
    code = {"inference.py": REACHES_OUT.encode(), **vendored()}
    data = bench.put(f"{model}.tar.gz", tar({f"code/{name}": content for name, content in code.items()}))
    source = bench.sagemaker.describe_model(ModelName=bench.model(ModelDataUrl=data))
    bench.sagemaker.create_model(
        ModelName=model,
        ExecutionRoleArn=source["ExecutionRoleArn"],
        PrimaryContainer=source["PrimaryContainer"],
        EnableNetworkIsolation=isolated,
    )
    name = bench.endpoint(bench.config(v=(model, 1.0)))
    assert bench.invoke(name) == answer
    bench.sagemaker.delete_endpoint(EndpointName=name)


@pytest.mark.parametrize(
    ("action", "request_", "message"),
    [
        (
            "create_endpoint",
            {"EndpointName": "e", "EndpointConfigName": "nope"},
            "Could not find endpoint configuration",
        ),
        ("delete_endpoint", {"EndpointName": "nope"}, "Could not find endpoint"),
        ("delete_endpoint_config", {"EndpointConfigName": "nope"}, "Could not find endpoint configuration"),
        ("delete_model", {"ModelName": "nope"}, "Could not find model"),
        (
            "create_endpoint_config",
            {"EndpointConfigName": "c", "ProductionVariants": [{"VariantName": "v", "ModelName": "nope"}]},
            "Could not find model",
        ),
    ],
)
def test_what_is_not_there_is_named_in_awss_words(
    bench: Bench, action: str, request_: dict[str, object], message: str
) -> None:
    with pytest.raises(ClientError, match=message) as refused:
        getattr(bench.sagemaker, action)(**request_)
    assert refused.value.response["Error"]["Code"] == "ValidationException"
