"""What CloudWatch knows about endpoints: their requests, errors and latency, and the states of alarms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tasks import clients

MICROSECONDS_IN_A_MILLISECOND = 1000


@dataclass(frozen=True)
class Answers:
    """The requests of one variant in a time, by CloudWatch."""

    requests: float
    errors: float
    total_ms: float
    """Of all requests together."""

    @property
    def failed_share(self) -> float:
        """The share of the requests that failed; 0 without requests."""
        return self.errors / self.requests if self.requests else 0.0

    def without(self, earlier: "Answers") -> "Answers":
        """The answers since the `earlier` ones, of the same variant and time."""
        requests, errors = self.requests - earlier.requests, self.errors - earlier.errors
        return Answers(requests, errors, self.total_ms - earlier.total_ms)

    @property
    def latency_ms(self) -> float:
        """The mean; 0 without requests."""
        return self.total_ms / self.requests if self.requests else 0.0

    def __str__(self) -> str:
        return f"{self.requests:.0f} requests, {self.errors:.0f} failed, {self.latency_ms:.1f} ms"


def alarm_states(names: Sequence[str]) -> dict[str, str]:
    """Return the state of each alarm that exists: OK, ALARM or INSUFFICIENT_DATA."""
    if not names:
        return {}
    found = clients.cloudwatch().describe_alarms(AlarmNames=[*names], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    every: list[Any] = [*found.get("MetricAlarms", []), *found.get("CompositeAlarms", [])]
    return {alarm["AlarmName"]: alarm["StateValue"] for alarm in every}


def answers(endpoint: str, variant: str, since: datetime) -> Answers:
    """Return what CloudWatch has of a variant's requests since a time."""
    requests = statistic(endpoint, variant, "Invocations", since)
    errors = statistic(endpoint, variant, "Invocation5XXErrors", since)
    latency = statistic(endpoint, variant, "ModelLatency", since)
    return Answers(requests, errors, latency / MICROSECONDS_IN_A_MILLISECOND)


def statistic(endpoint: str, variant: str, metric: str, since: datetime, end: datetime | None = None) -> float:
    """Return the sum of a metric of an endpoint's variant since a time, in whole minutes, until `end` or now."""
    dimensions: Mapping[str, str] = {"EndpointName": endpoint, "VariantName": variant}
    found = clients.cloudwatch().get_metric_statistics(
        Namespace="AWS/SageMaker",
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=since.replace(second=0, microsecond=0),
        EndTime=(end or datetime.now(UTC)) + timedelta(minutes=1),
        Period=60,
        Statistics=["Sum"],
    )
    return float(sum(point["Sum"] for point in found["Datapoints"]))


@dataclass(frozen=True)
class Hourly:
    """The requests of one variant within an hour, by CloudWatch."""

    time: datetime
    requests: float
    refused: float
    """4xx."""
    failed: float
    """5xx."""
    latency_ms: float
    """The mean time of the model; 0 without requests."""
    slowest_ms: float


def hourly(endpoint: str, variant: str, since: datetime, until: datetime) -> list[Hourly]:
    """Return the hours of a span that have requests, oldest first."""
    names = ("Invocations", "Invocation4XXErrors", "Invocation5XXErrors", "ModelLatency")
    found = {name: _by_hour(endpoint, variant, name, since, until) for name in names}
    nothing = {"Sum": 0.0, "Average": 0.0, "Maximum": 0.0}

    def of(name: str, moment: datetime, kind: str = "Sum") -> float:
        return found[name].get(moment, nothing)[kind]

    return [
        Hourly(
            moment,
            of("Invocations", moment),
            of("Invocation4XXErrors", moment),
            of("Invocation5XXErrors", moment),
            of("ModelLatency", moment, "Average") / MICROSECONDS_IN_A_MILLISECOND,
            of("ModelLatency", moment, "Maximum") / MICROSECONDS_IN_A_MILLISECOND,
        )
        for moment in sorted({moment for each in found.values() for moment in each})
    ]


def _by_hour(
    endpoint: str, variant: str, metric: str, since: datetime, until: datetime
) -> dict[datetime, dict[str, float]]:
    answer: Any = clients.cloudwatch().get_metric_statistics(
        Namespace="AWS/SageMaker",
        MetricName=metric,
        Dimensions=[{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": variant}],
        StartTime=since,
        EndTime=until,
        Period=3600,
        Statistics=["Sum", "Average", "Maximum"],
    )
    return {point["Timestamp"]: point for point in answer["Datapoints"]}
