"""Publishes the CloudWatch metrics that the platform's alarms and dashboard read.

terraform/modules/observability uses the same metric names and dimensions. config/metrics.py counts them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from config.use_case import UseCase
from tasks import clients
from tasks.platform import platform
from tasks.references import DriftReport, FeatureDrift, MonitoringReport, Predictions, StageRecord, TrafficCounts
from tasks.steps import step

MOST_AT_ONCE = 1000
"""The number of figures in one PutMetricData."""
JUDGED = ("stable", "warning", "drift")
"""The verdicts with a PSI."""
COVERAGE = "coverage"
"""The metric of the prediction sets: the share of the rows whose truth is in them."""

Unit = Literal["None", "Count", "Seconds"]


@dataclass(frozen=True)
class Figure:
    """One value of a metric. `dimensions` are additional to the use case."""

    name: str
    value: float
    unit: Unit = "None"
    dimensions: tuple[tuple[str, str], ...] = field(default=())


@step()
def publish_quality(predictions: Predictions) -> None:
    """Publish the number of scored rows and, when their true values are known, the primary metric."""
    figures = [Figure("ScoredRows", predictions.rows, "Count")]
    if predictions.quality is not None:
        figures.append(Figure("PrimaryMetric", predictions.quality))
    _put(predictions.use_case, figures)


@step()
def publish_drift(report: DriftReport, *, each_feature: bool = False) -> None:
    """Publish the largest significant PSI (0 without one), and each feature's PSI if `each_feature`."""
    if report.verdict == "too few rows":
        return
    figures = [Figure("MaximumPSI", max((drift.psi for drift in report.features if drift.significant), default=0.0))]
    if each_feature:
        figures += _each_feature(report.features)
    _put(report.use_case, figures)


@step()
def publish_live(use_case: UseCase, report: MonitoringReport, collected: TrafficCounts, retrainings: int) -> None:
    """Publish what a run of the flow `monitor` has found: the largest significant PSI and the newest figures of all
    rows, measured and estimated, as far as they are known; the rows that were refused since the last run, and the
    retrainings of the last day.
    """
    figures = [Figure("RefusedRows", collected.refused_rows, "Count"), Figure("Retrainings", retrainings, "Count")]
    if report.verdict in JUDGED:
        psi = (drift.psi for drift in report.features if drift.significant)
        figures.append(Figure("MaximumPSI", max(psi, default=0.0)))
    for name, metric, kind in (
        ("PrimaryMetric", use_case.evaluation.primary, "measured"),
        ("EstimatedPrimaryMetric", use_case.evaluation.primary, "estimated"),
        ("IntervalCoverage", COVERAGE, "measured"),
    ):
        known = [each for each in report.quality if (each.metric, each.kind, each.group) == (metric, kind, "")]
        if known := [each for each in known if each.version == report.version]:
            figures.append(Figure(name, max(known, key=lambda each: (each.span.until, each.span.since)).value))
    if use_case.monitoring.feature_metrics and report.verdict in JUDGED:
        figures += _each_feature(report.features)
    _put(use_case.name, figures)


@step()
def publish_times(use_case: str, records: Iterable[StageRecord]) -> None:
    """Publish the duration of a run's stages together, in seconds."""
    _put(use_case, [Figure("RunSeconds", sum(record.seconds for record in records), "Seconds")])


def _each_feature(features: Iterable[FeatureDrift]) -> list[Figure]:
    return [Figure("PSI", drift.psi, dimensions=(("Feature", drift.feature),)) for drift in features]


def _put(use_case: str, figures: list[Figure]) -> None:
    for first in range(0, len(figures), MOST_AT_ONCE):
        clients.cloudwatch().put_metric_data(
            Namespace=platform().metric_namespace,
            MetricData=[
                {
                    "MetricName": figure.name,
                    "Value": figure.value,
                    "Unit": figure.unit,
                    "Dimensions": [
                        {"Name": name, "Value": value} for name, value in (("UseCase", use_case), *figure.dimensions)
                    ],
                }
                for figure in figures[first : first + MOST_AT_ONCE]
            ],
        )
