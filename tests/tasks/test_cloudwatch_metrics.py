"""Figures in the offline cloud's CloudWatch, as the platform's alarms read them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from config.metrics import LIVE
from tasks import clients, cloudwatch_metrics
from tasks.cloudwatch_metrics import publish_drift, publish_live, publish_quality, publish_times
from tasks.platform import platform
from tasks.references import DriftReport, FeatureDrift, Predictions, TrafficCounts
from tests.references import a_split
from tests.tasks.pages.monitored import figure
from tests.tasks.pages.monitored import report as monitoring_report
from tests.tasks.pages.runs import a_run
from tests.use_cases import small_use_case


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


def test_live_traffic_writes_its_drift_and_its_newest_figures_of_all_rows(bucket: str) -> None:
    figures = (
        figure(0.70), figure(0.72, 1), figure(0.5, 1, group="colour=red"), figure(0.4, 1, version=2),
        figure(0.75, 1, kind="estimated"), figure(0.93, metric="coverage"),
    )  # fmt: skip
    live = monitoring_report(use_case="small_one_live", quality=figures, verdict="drift")
    case = small_use_case(name="small_one_live")
    publish_live.fn(case, live, TrafficCounts(refused_rows=4), 2)
    metrics = {name: recorded(case.name, name) for name in (*LIVE, "PrimaryMetric", "MaximumPSI", "ScoredRows")}
    assert metrics == {
        "EstimatedPrimaryMetric": [0.75], "IntervalCoverage": [0.93], "RefusedRows": [4], "Retrainings": [2],
        "PrimaryMetric": [0.72], "MaximumPSI": [0.71], "ScoredRows": [],
    }  # fmt: skip


def test_live_traffic_without_a_verdict_writes_no_psi(bucket: str) -> None:
    case = small_use_case(name="few_live")
    publish_live.fn(case, monitoring_report(verdict="too few rows"), TrafficCounts(), 0)
    assert (recorded(case.name, "MaximumPSI"), recorded(case.name, "RefusedRows")) == ([], [0])


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
