"""The flow that watches the live traffic of a use case's endpoint."""

from datetime import UTC, datetime, timedelta

from prefect import flow

from config.errors import ConfigError
from config.use_case import UseCase
from flows.artifacts import show_monitoring
from flows.retraining import announce
from flows.run import open_run
from flows.session.hooks import ENDINGS
from flows.session.runtime import begin
from tasks.cloudwatch_metrics import publish_live
from tasks.monitoring import history, one_run, reports
from tasks.monitoring.comparison import compare_hours, span_until
from tasks.monitoring.quality import quality_of
from tasks.pages.monitored import write_page
from tasks.references import MonitoringReport, Span, TrafficCounts
from tasks.retraining import history as retrainings
from tasks.step_results import FLOW
from tasks.traffic.collect import collect
from tasks.traffic.expiry import expire
from tasks.traffic.hours import hour_of, hours

MONITORING = "monitoring"
"""The name of the flow in its run records: `monitor` is a stage of the lifecycle."""


@flow(name="monitor", flow_run_name="monitor-{use_case}", **ENDINGS, **FLOW)
def monitor(use_case: str, since: datetime | None = None, until: datetime | None = None) -> MonitoringReport:
    """Collect what has been captured since the last run, compare the latest traffic with the model's training, measure
    and estimate its quality, and publish the report, its page and its metrics. Drift and a loss of quality are
    announced: they may start a retraining.

    The span is the last `monitoring.span_hours`. `since` and `until`, by default now, choose another one, of which
    nothing is announced. A second run on the same traffic has the same verdict. Raises ConfigError for a span that is
    empty or begins in the future, and VishwaOpsError when another run for this use case is in progress.
    """
    now = datetime.now(UTC)
    case = begin(use_case)
    span = _span(case, since, until, now)
    with open_run(case, MONITORING, None, fresh=False) as run:
        one_run.claim(case.name, run.record.run)
        collected = collect(case, now)
        report = _reported(case, run.record.run, span, now)
        if since is None and until is None:
            _act(case, report, collected)
        expire(case, now)
    return report


def _span(case: UseCase, since: datetime | None, until: datetime | None, now: datetime) -> Span:
    length = timedelta(hours=case.monitoring.span_hours)
    latest = span_until(until.astimezone(UTC) - timedelta(microseconds=1) if until else now, length)
    span = latest.model_copy(update={"since": hour_of(since)}) if since else latest
    if span.since >= min(span.until, now):
        raise ConfigError(
            f"expected a span that begins before it ends, and before now; found {span.since:%Y-%m-%d %H:%M} to "
            f"{span.until:%Y-%m-%d %H:%M} UTC"
        )
    return span


def _reported(case: UseCase, run: str, span: Span, now: datetime) -> MonitoringReport:
    compared = compare_hours(case, hours(case, span), segments=True)
    quality = quality_of(case, span, compared.version)
    known = history.with_days(case, history.read(case), now)
    known = history.with_figures(known, (*quality.measured, *quality.estimates), now)
    report = MonitoringReport(
        use_case=case.name,
        uri=reports.address(case, run),
        made=now,
        span=span,
        version=compared.version,
        counts=compared.counts,
        verdict=compared.verdict,
        features=compared.features,
        segments=dict(compared.segments),
        quality=quality.latest,
        loss=quality.loss,
    )
    report = write_page(case, run, report, compared, known)
    reports.save(report)
    history.save(case, known)
    return report


def _act(case: UseCase, report: MonitoringReport, collected: TrafficCounts) -> None:
    lately = [each for each in retrainings.read(case.name) if each.started > report.made - timedelta(days=1)]
    publish_live(case, report, collected, len(lately))
    show_monitoring(report)
    announce(case, report)
