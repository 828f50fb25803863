"""The page of a run of the flow `monitor`: drift, quality, traffic, retraining and alarms of the live traffic."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from config.use_case import UseCase
from tasks.live_quality.estimate_errors import estimate_errors, mean_absolute_errors
from tasks.monitoring.comparison import Compared
from tasks.monitoring.history import Day
from tasks.pages.charts import Point, Series, TimeChart, time_chart
from tasks.pages.distributions import Bars, bars_of
from tasks.pages.templates import render
from tasks.references import FeatureDrift, LiveFigure, MonitoringReport, TrafficCounts
from tasks.retraining.record import RetrainingRecord
from tasks.sagemaker.endpoint_metrics import Hourly

LATEST = timedelta(days=7)
LONGEST_LINE = timedelta(days=8)
"""Weekly points further apart are not joined by a line."""


@dataclass(frozen=True)
class Monitored:
    """What the page shows of a use case's live traffic."""

    report: MonitoringReport
    compared: Compared
    days: Sequence[Day]
    figures: Sequence[LiveFigure]
    """Of weeks, measured and estimated."""
    requests: Sequence[Hourly] = ()
    """What CloudWatch knows of the endpoint."""
    retrainings: Sequence[RetrainingRecord] = ()
    """Oldest first."""
    alarms: Mapping[str, str] | None = None
    """The state of each alarm, by name; None where CloudWatch may not be asked."""


@dataclass(frozen=True)
class FeatureCard:
    """One feature: its drift over time and its distribution."""

    drift: FeatureDrift
    chart: TimeChart | None
    bars: Bars | None


@dataclass(frozen=True)
class MetricCard:
    """One metric of all rows by week."""

    metric: str
    chart: TimeChart
    measured: LiveFigure | None
    """The latest."""
    estimated: LiveFigure | None


def monitoring_page(use_case: UseCase, shown: Monitored) -> str:
    """Return the HTML. It has no sensitive column, and no row."""
    return render(
        "monitoring.html.j2",
        use_case=use_case,
        report=shown.report,
        features=list(_features(use_case, shown)),
        metrics=list(_metrics(use_case, shown)),
        groups=list(_groups(use_case, shown.figures)),
        estimate_errors=mean_absolute_errors(estimate_errors(each for each in shown.figures if not each.group)),
        traffic=_traffic_chart(shown.days),
        counts=_counts(shown),
        latency=_latency(shown.requests),
        failures=_failures(shown.requests),
        requests=shown.requests,
        retrainings=[*reversed(shown.retrainings)],
        alarms=shown.alarms,
    )


def _features(use_case: UseCase, shown: Monitored) -> Iterator[FeatureCard]:
    limits, live, reference = use_case.monitoring, shown.compared.live, shown.compared.reference
    span = _span(shown.days)
    for drift in shown.report.features:
        name = drift.feature
        points = [Point(_noon(day), day.psi[name]) for day in shown.days if name in day.psi]
        levels = [("warning", limits.psi_warning), ("bad", limits.psi_drift)]
        series = [Series("live", points, dots=len(points) < 2)]
        chart = time_chart(series, span, levels=levels, from_zero=True) if points and span else None
        bars = bars_of(reference.columns[name], live.columns[name]) if reference and live else None
        yield FeatureCard(drift, chart, bars)


def _metrics(use_case: UseCase, shown: Monitored) -> Iterator[MetricCard]:
    whole = [each for each in shown.figures if not each.group]
    primary = use_case.evaluation.primary
    names = sorted({each.metric for each in whole}, key=lambda name: (name != primary, name))
    for name in names:
        yield _metric(name, [each for each in whole if each.metric == name])


def _metric(name: str, figures: Sequence[LiveFigure]) -> MetricCard:
    ordered = sorted(figures, key=lambda each: (each.span.since, each.version))
    kinds = {kind: [each for each in ordered if each.kind == kind] for kind in ("measured", "estimated")}
    training = [Point(_middle(each), each.reference) for each in ordered if each.reference is not None]
    series = [
        Series("training", training),
        *(Series(kind, [_point(each) for each in found], dots=True) for kind, found in kinds.items()),
    ]
    span = (ordered[0].span.since, max(each.span.until for each in ordered))
    latest = {kind: found[-1] if found else None for kind, found in kinds.items()}
    levels = [("training", training[0].value)] if len({each.time for each in training}) == 1 else []
    return MetricCard(
        name, time_chart(series, span, levels=levels, gap=LONGEST_LINE), latest["measured"], latest["estimated"]
    )


def _point(figure: LiveFigure) -> Point:
    interval = f" ({figure.low:.4g} to {figure.high:.4g})" if figure.low is not None and figure.high is not None else ""
    title = (
        f"{figure.span.since:%d %b %Y}: {figure.kind} {figure.value:.4g}{interval}, {figure.rows:,} rows, "
        f"version {figure.version}"
    )
    return Point(_middle(figure), figure.value, figure.low, figure.high, title)


def _middle(figure: LiveFigure) -> datetime:
    return figure.span.since + (figure.span.until - figure.span.since) / 2


def _groups(use_case: UseCase, figures: Sequence[LiveFigure]) -> Iterator[LiveFigure]:
    """Yield the latest measured figure of the primary metric, or else the latest estimate, of each subgroup."""
    own = [each for each in figures if each.group and each.metric == use_case.evaluation.primary]
    latest = {each.group: each for each in sorted(own, key=lambda each: (each.kind == "measured", each.span.since))}
    yield from (latest[group] for group in sorted(latest))


def _traffic_chart(days: Sequence[Day]) -> TimeChart | None:
    span = _span(days)
    if span is None:
        return None
    points = [Point(_noon(day), day.counts.rows, title=f"{day.day}: {day.counts.rows:,} rows") for day in days]
    return time_chart([Series("live", points, dots=len(points) < 2)], span, from_zero=True)


def _counts(shown: Monitored) -> list[tuple[str, TrafficCounts]]:
    since = shown.report.span.until - LATEST
    latest = [day.counts for day in shown.days if _noon(day) >= since]
    return [
        ("this span", shown.report.counts),
        ("7 days", sum(latest, TrafficCounts())),
        ("all days shown", sum((day.counts for day in shown.days), TrafficCounts())),
    ]


def _latency(requests: Sequence[Hourly]) -> TimeChart | None:
    answered = [each for each in requests if each.requests]
    if not answered:
        return None
    series = [
        Series("slowest", [Point(each.time, each.slowest_ms) for each in answered], dots=len(answered) < 2),
        Series("live", [Point(each.time, each.latency_ms) for each in answered], dots=len(answered) < 2),
    ]
    return time_chart(series, _covered(requests), from_zero=True, gap=timedelta(hours=3))


def _failures(requests: Sequence[Hourly]) -> TimeChart | None:
    if not requests:
        return None
    series = [
        Series("refused", [Point(each.time, each.refused) for each in requests]),
        Series("failed", [Point(each.time, each.failed) for each in requests]),
    ]
    return time_chart(series, _covered(requests), from_zero=True, gap=timedelta(hours=3))


def _covered(requests: Sequence[Hourly]) -> tuple[datetime, datetime]:
    return requests[0].time, requests[-1].time + timedelta(hours=1)


def _span(days: Sequence[Day]) -> tuple[datetime, datetime] | None:
    if not days:
        return None
    around = timedelta(days=len(days) < 2)  # then the day has its neighbours beside it, and its date below it
    return datetime.combine(days[0].day - around, time(), UTC), datetime.combine(
        days[-1].day + around, time(23, 59), UTC
    )


def _noon(day: Day) -> datetime:
    return datetime.combine(day.day, time(12), UTC)
