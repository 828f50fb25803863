"""Live traffic for tests of its page. The objects at its addresses do not exist."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from config.use_case import UseCase
from tasks.monitoring.comparison import Compared
from tasks.monitoring.history import Day
from tasks.pages.monitoring import Monitored
from tasks.profiles.stored_profiles import CategoryProfile, Distribution, Histogram, NumberProfile, Profile
from tasks.references import FeatureDrift, LiveFigure, Loss, MonitoringReport, Span, TrafficCounts
from tasks.retraining.record import RetrainingRecord
from tasks.sagemaker.endpoint_metrics import Hourly
from tests.use_cases import small_use_case

MADE = datetime(2026, 11, 27, 1, tzinfo=UTC)
SPAN = Span(since=MADE - timedelta(days=1), until=MADE)
COUNTS = TrafficCounts(files=2, requests=90, rows=120, refused_rows=7, corrupt=3, duplicates=5, late_files=1)
AGE = FeatureDrift(
    feature="age", verdict="drift", psi=0.71, significant=True, p_value=1e-30, change="distribution",
    moved=("10 to 14: from 20.0% to 80.0% of the rows",),
)  # fmt: skip
COLOUR = FeatureDrift(feature="colour", verdict="stable", psi=0.01, p_value=0.4)


def case() -> UseCase:
    return small_use_case()


def a_profile(young: int, old: int, **colours: int) -> Profile:
    histogram = Histogram(low=(10, 20), high=(14, 29), rows=(young, old))
    ages = Distribution(minimum=10, maximum=29, mean=15, stddev=4, histogram=histogram)
    rows = young + old
    return Profile(
        rows=rows,
        columns={
            "age": NumberProfile(type="integer", count=rows, missing=0, distinct=20, distribution=ages),
            "colour": CategoryProfile(count=rows, missing=0, distinct=len(colours), frequent=colours),
        },
    )


def figure(value: float, weeks: int = 0, **changes: Any) -> LiveFigure:
    since = datetime(2026, 11, 9, tzinfo=UTC) + timedelta(weeks=weeks)
    span = Span(since=since, until=since + timedelta(weeks=1))
    plain = {"metric": "roc_auc", "kind": "measured", "span": span, "value": value, "rows": 80, "version": 3}
    return LiveFigure.model_validate({**plain, "low": value - 0.1, "high": value + 0.1, "reference": 0.81, **changes})


def days(count: int) -> list[Day]:
    first = date(2026, 11, 27) - timedelta(days=count - 1)
    return [
        Day(day=first + timedelta(days=place), version=3, verdict="stable", counts=COUNTS,
            psi={"age": place / count, "colour": 0.0})
        for place in range(count)
    ]  # fmt: skip


def report(**changes: Any) -> MonitoringReport:
    plain = {
        "use_case": "small_one", "uri": "s3://b/small_one/reports/r/report.json", "made": MADE, "span": SPAN,
        "version": 3, "counts": COUNTS, "verdict": "drift", "features": (AGE, COLOUR),
        "segments": {"colour=red": (AGE,)}, "loss": Loss(metric="roc_auc", kind="measured", loss=0.08, low=0.02),
    }  # fmt: skip
    return MonitoringReport.model_validate({**plain, **changes})


def monitored(**changes: Any) -> Monitored:
    found = Compared(
        3, "drift", COUNTS, (AGE, COLOUR), {}, a_profile(20, 80, green=50, red=47, rare=3),
        a_profile(80, 20, green=60, red=40),
    )  # fmt: skip
    figures = (
        figure(0.80), figure(0.70, 1), figure(0.78, kind="estimated"), figure(0.72, 1, kind="estimated"),
        figure(0.71, 2, kind="estimated"), figure(0.6, 1, group="colour=red"), figure(0.91, metric="coverage"),
    )  # fmt: skip
    hours = [Hourly(MADE - timedelta(hours=9 - hour), 60, hour % 2, 0, 8.5, 21) for hour in range(9)]
    record = RetrainingRecord(
        use_case="small_one", number=1, events=("e",), reason="measured roc_auc is 0.0812 worse", started=MADE,
        outcome="refused", why=("roc_auc ≥ 0.6: found 0.58",), version=4,
    )  # fmt: skip
    plain: dict[str, Any] = {
        "report": report(), "compared": found, "days": days(10), "figures": figures, "requests": hours,
        "retrainings": [record], "alarms": {"v-small-one-drift": "ALARM", "v-small-one-quality": "OK"},
    }  # fmt: skip
    return Monitored(**{**plain, **changes})
