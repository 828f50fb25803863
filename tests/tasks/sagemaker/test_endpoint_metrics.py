"""What CloudWatch knows of an endpoint's requests, by hour."""

from datetime import UTC, datetime, timedelta

from tasks import clients
from tasks.sagemaker.endpoint_metrics import hourly

THIS_HOUR = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
HOUR = timedelta(hours=1)


def test_requests_failures_and_latency_are_summed_by_hour(bucket: str) -> None:
    for moment, name, value in (
        (THIS_HOUR - 2 * HOUR, "Invocations", 1), (THIS_HOUR - 2 * HOUR, "Invocations", 1),
        (THIS_HOUR - 2 * HOUR, "ModelLatency", 4000), (THIS_HOUR - 2 * HOUR, "ModelLatency", 8000),
        (THIS_HOUR - HOUR, "Invocations", 1), (THIS_HOUR - HOUR, "Invocation5XXErrors", 1),
        (THIS_HOUR - HOUR, "Invocation4XXErrors", 0), (THIS_HOUR - 99 * HOUR, "Invocations", 1),
    ):  # fmt: skip
        put(moment, name, value)
    first, second = hourly("hourly-endpoint", "AllTraffic", THIS_HOUR - 9 * HOUR, THIS_HOUR)
    assert (first.time, first.requests, first.failed) == (THIS_HOUR - 2 * HOUR, 2, 0)
    assert (first.latency_ms, first.slowest_ms) == (6, 8)
    assert (second.time, second.requests, second.failed, second.refused, second.latency_ms) == (
        THIS_HOUR - HOUR, 1, 1, 0, 0,
    )  # fmt: skip


def put(moment: datetime, name: str, value: float) -> None:
    dimensions = {"EndpointName": "hourly-endpoint", "VariantName": "AllTraffic"}
    clients.cloudwatch().put_metric_data(
        Namespace="AWS/SageMaker",
        MetricData=[
            {
                "MetricName": name,
                "Value": value,
                "Timestamp": moment,
                "Dimensions": [{"Name": key, "Value": each} for key, each in dimensions.items()],
            }
        ],
    )
