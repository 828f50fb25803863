"""Metrics of endpoints in CloudWatch: the values of each request, sent in batches beside the requests."""

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from offline_cloud import Cloud
from sagemaker_local.endpoint_metrics import Invocation, statistics
from tests.sagemaker_local.endpoint_support import config_of, variant
from tests.sagemaker_local.support import Bench, until


@pytest.fixture
def cloudwatch(cloud: Cloud) -> Any:
    return boto3.client("cloudwatch", endpoint_url=cloud.environment["AWS_ENDPOINT_URL"], region_name="us-east-1")


def read(cloudwatch: Any, endpoint: str, metric: str) -> dict[str, float]:
    """Sum, count and average of a metric over the last minutes."""
    now = datetime.now(UTC)
    found = cloudwatch.get_metric_statistics(
        Namespace="AWS/SageMaker",
        MetricName=metric,
        Dimensions=[{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": "v"}],
        StartTime=now - timedelta(minutes=5),
        EndTime=now + timedelta(minutes=1),
        Period=3600,
        Statistics=["Sum", "SampleCount", "Average"],
    )["Datapoints"]
    return {name: sum(point.get(name, 0.0) for point in found) for name in ("Sum", "SampleCount", "Average")}


def test_requests_and_errors_are_counted_by_endpoint_and_variant(bench: Bench, cloudwatch: Any) -> None:
    name = bench.endpoint(config_of(bench, variant(bench.model(slope=2.0), InitialInstanceCount=2)))
    for body in ("1", "2", "3", "raise", "x"):  # three successes, a 500 and a 422
        try:
            bench.invoke(name, body)
        except bench.runtime.exceptions.ModelError:
            continue
    last = "InvocationModelErrors"  # of a batch, which is stored metric by metric
    until(lambda: read(cloudwatch, name, last)["SampleCount"], lambda count: count == 5)
    sums = {
        metric: read(cloudwatch, name, metric)["Sum"]
        for metric in (
            "Invocations",
            "InvocationsPerInstance",
            "Invocation4XXErrors",
            "Invocation5XXErrors",
            "InvocationModelErrors",
        )
    }
    assert sums == {
        "Invocations": 5,
        "InvocationsPerInstance": 2.5,
        "Invocation4XXErrors": 1,
        "Invocation5XXErrors": 1,
        "InvocationModelErrors": 2,
    }
    assert read(cloudwatch, name, "Invocation5XXErrors")["Average"] == pytest.approx(0.2)  # a 0 for each success
    latency, overhead = (read(cloudwatch, name, metric) for metric in ("ModelLatency", "OverheadLatency"))
    assert latency["SampleCount"] == overhead["SampleCount"] == 5
    assert 100 < latency["Average"] < 1_000_000  # microseconds
    assert 1 < overhead["Average"] < 100_000
    bench.sagemaker.delete_endpoint(EndpointName=name)


def test_one_statistic_set_covers_all_requests_of_a_batch() -> None:
    batch = [Invocation("e", "v", 1, 200, float(latency), 10.0) for latency in (100, 300, 200)]
    now = datetime(2026, 1, 1, tzinfo=UTC)
    [latency] = [each for each in statistics(batch, now) if each["MetricName"] == "ModelLatency"]
    assert latency["StatisticValues"] == {"SampleCount": 3, "Sum": 600.0, "Minimum": 100.0, "Maximum": 300.0}
    assert latency["Unit"] == "Microseconds"
    assert latency["Dimensions"] == [{"Name": "EndpointName", "Value": "e"}, {"Name": "VariantName", "Value": "v"}]


def test_a_serverless_endpoint_has_the_metrics_that_aws_publishes_for_it() -> None:
    batch = [Invocation("e", "v", 1, 200, 100.0, 10.0, utilization) for utilization in (0.2, 0.4)]
    found = {each["MetricName"]: each["StatisticValues"] for each in statistics(batch, datetime.now(UTC))}
    assert found.keys() == {
        "Invocations",
        "Invocation4XXErrors",
        "Invocation5XXErrors",
        "ModelLatency",
        "OverheadLatency",
        "ServerlessConcurrentExecutionsUtilization",
    }
    assert found["ServerlessConcurrentExecutionsUtilization"]["Maximum"] == 0.4
