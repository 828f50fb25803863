"""Figures in the offline cloud's CloudWatch, as the platform's alarms read them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tasks import clients, cloudwatch_metrics
from tasks.cloudwatch_metrics import publish_drift, publish_quality, publish_times
from tasks.platform import platform
from tasks.references import DriftReport, FeatureDrift, Predictions
from tests.references import a_split
from tests.tasks.pages.runs import a_run


def recorded(use_case: str, metric: str, **dimensions: str) -> list[float]:
    """The values of a metric of the last ten minutes."""
    now = datetime.now(UTC)
    found = clients.cloudwatch().get_metric_statistics(
        Namespace=platform().metric_namespace,
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in {"UseCase": use_case, **dimensions}.items()],
        StartTime=now - timedelta(minutes=10),
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["Maximum"],
    )
    return [point["Maximum"] for point in found["Datapoints"]]


def predictions(use_case: str, **changes: Any) -> Predictions:
    plain = {"use_case": use_case, "endpoint_name": "e", "trained_on": a_split(), "uri": "s3://b/p", "rows": 12}
    return Predictions(**{**plain, "sample": (), **changes})


def report(use_case: str, verdict: str, *features: FeatureDrift) -> DriftReport:
    plain = {"uri": "s3://b/d", "reference_profile_uri": "s3://b/r", "scored_profile_uri": "s3://b/s", "rows": 12}
    return DriftReport.model_validate({**plain, "use_case": use_case, "verdict": verdict, "features": features})


def drift(feature: str, psi: float, *, significant: bool) -> FeatureDrift:
    return FeatureDrift(feature=feature, psi=psi, significant=significant, verdict="stable")


def test_scored_rows_are_counted_and_their_quality_is_written_where_it_is_known(bucket: str) -> None:
    publish_quality.fn(predictions("with_truth", quality=0.75))
    publish_quality.fn(predictions("without_truth"))
    assert (recorded("with_truth", "ScoredRows"), recorded("with_truth", "PrimaryMetric")) == ([12], [0.75])
    assert (recorded("without_truth", "ScoredRows"), recorded("without_truth", "PrimaryMetric")) == ([12], [])


def test_the_largest_psi_is_that_of_the_significant_features(bucket: str) -> None:
    publish_drift.fn(
        report("moved", "warning", drift("age", 0.5, significant=False), drift("colour", 0.2, significant=True))
    )
    assert recorded("moved", "MaximumPSI") == [0.2]
    publish_drift.fn(report("by_chance", "stable", drift("age", 0.5, significant=False)))
    assert recorded("by_chance", "MaximumPSI") == [0]


def test_a_features_psi_is_a_billed_metric_that_a_use_case_asks_for(bucket: str) -> None:
    moved = drift("age", 0.5, significant=True)
    publish_drift.fn(report("plain", "drift", moved))
    publish_drift.fn(report("each_feature", "drift", moved), each_feature=True)
    assert recorded("plain", "PSI", Feature="age") == []
    assert recorded("each_feature", "PSI", Feature="age") == recorded("each_feature", "MaximumPSI") == [0.5]


def test_too_few_rows_write_no_psi(bucket: str) -> None:
    publish_drift.fn(report("few", "too few rows", drift("age", 0.5, significant=True)), each_feature=True)
    assert recorded("few", "PSI", Feature="age") == recorded("few", "MaximumPSI") == []


def test_a_runs_seconds_are_one_metric(bucket: str) -> None:
    records = a_run().records
    publish_times.fn("timed", records)
    assert recorded("timed", "RunSeconds") == [pytest.approx(sum(record.seconds for record in records))]
    assert recorded("timed", "RunSeconds", Stage="train") == []


def test_more_figures_than_one_request_may_hold_are_all_written(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloudwatch_metrics, "MOST_AT_ONCE", 3)  # the offline CloudWatch takes seconds for 1,000
    publish_drift.fn(
        report("many", "stable", *(drift(f"f{number}", number / 10, significant=False) for number in range(7))),
        each_feature=True,
    )
    assert [recorded("many", "PSI", Feature=f"f{number}") for number in (0, 3, 6)] == [[0], [0.3], [0.6]]
