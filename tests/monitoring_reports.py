"""Monitoring reports that tests are built from."""

from datetime import UTC, datetime
from typing import Any

from tasks.references import FeatureDrift, Loss, MonitoringReport, Span, TrafficCounts

MADE = datetime(2026, 3, 2, 12, tzinfo=UTC)


def measured(loss: float, low: float | None = 0.0, **changes: Any) -> Loss:
    """A loss that is measured with ground truth."""
    return Loss.model_validate({"metric": "rmse", "kind": "measured", "loss": loss, "low": low, **changes})


def moved(feature: str, psi: float) -> FeatureDrift:
    """A feature that has drifted. What moved names a value of a row."""
    return FeatureDrift(feature=feature, psi=psi, verdict="drift", moved=("purple: 1 % to 60 %",))


def report(use_case: str, **changes: Any) -> MonitoringReport:
    """A report of stable traffic."""
    plain: dict[str, Any] = {
        "use_case": use_case,
        "uri": f"s3://b/{use_case}/reports/1/report.json",
        "made": MADE,
        "span": Span(since=MADE.replace(hour=0), until=MADE),
        "version": 1,
        "counts": TrafficCounts(files=1, requests=10, rows=1200),
        "verdict": "stable",
    }
    return MonitoringReport(**{**plain, **changes})
