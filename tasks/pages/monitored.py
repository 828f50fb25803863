"""Writes the page of a run of the flow `monitor`, with what else is known: requests, alarms, retrainings."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from config.errors import AccessDenied
from config.profile import active_profile
from config.use_case import UseCase
from tasks import locations
from tasks.monitoring.comparison import Compared
from tasks.monitoring.history import History
from tasks.pages.monitoring import Monitored, monitoring_page
from tasks.pages.publishing import publish_at, report_path
from tasks.platform import platform
from tasks.progress import log
from tasks.references import MonitoringReport
from tasks.retraining import history as retrainings
from tasks.sagemaker.endpoint_metrics import Hourly, alarm_states, hourly
from tasks.sagemaker.endpoints import find_endpoint
from tasks.traffic.hours import hour_of

REQUESTS = timedelta(days=14)
"""The time of the endpoint's requests that the page shows."""
ALARMS = ("drift", "quality", "no-data")
"""The kinds of alarms of a use case in terraform/modules/observability, beside those of its endpoint."""
PAGE = "monitoring"
Found = TypeVar("Found")


def write_page(
    use_case: UseCase, run: str, report: MonitoringReport, compared: Compared, known: History
) -> MonitoringReport:
    """Publish the page of a run, and return the report with the page's address and path."""
    shown = Monitored(
        report=report,
        compared=compared,
        days=known.days,
        figures=known.figures,
        requests=_if_allowed(lambda: requests_of(use_case, report.made)) or (),
        retrainings=retrainings.read(use_case.name),
        alarms=_if_allowed(lambda: alarm_states(alarm_names(use_case))),
    )
    path = report_path(use_case.name, PAGE) if active_profile().offline else None
    uri = f"{locations.monitoring_report(use_case.name, run)}/page.html"
    published = publish_at(uri, path, monitoring_page(use_case, shown))
    log.info("page      %s", published.path or published.uri)
    return report.model_copy(update={"page": published.path and str(published.path), "page_uri": published.uri})


def requests_of(use_case: UseCase, now: datetime) -> list[Hourly]:
    """Return the endpoint's requests by hour, since it was created at the earliest, until now."""
    endpoint = find_endpoint(platform().endpoint(use_case.name))
    if endpoint is None:
        return []
    since = max(now - REQUESTS, hour_of(endpoint["CreationTime"]))
    return hourly(endpoint["EndpointName"], platform().variant, since, now)


def alarm_names(use_case: UseCase) -> list[str]:
    """Return the names of the alarms that a use case may have."""
    environment = platform().metric_namespace.replace("/", "-")
    return [*platform().guardrail_alarms(use_case.name), *(f"{environment}-{use_case.slug}-{kind}" for kind in ALARMS)]


def _if_allowed(read: Callable[[], Found]) -> Found | None:
    """Return what CloudWatch knows; None for a role that may not ask it."""
    try:
        return read()
    except AccessDenied as error:
        log.warning("monitor   the page lacks what CloudWatch knows: %s", error)
        return None
