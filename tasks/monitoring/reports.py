"""The reports of runs of the flow `monitor`: one JSON object each, never changed."""

from config.use_case import UseCase
from tasks import locations, storage
from tasks.progress import log
from tasks.references import MonitoringReport

REPORT = "report.json"


def address(use_case: UseCase, run: str) -> str:
    """The address of the report of a run."""
    return f"{locations.monitoring_report(use_case.name, run)}/{REPORT}"


def save(report: MonitoringReport) -> None:
    """Store a report at its address."""
    storage.put(report.uri, report.model_dump_json(indent=1).encode())
    log.info("monitor   %s", report.headline)


def latest(use_case: UseCase, most: int = 1) -> list[MonitoringReport]:
    """Return the latest reports of a use case, latest first."""
    root = locations.monitoring_reports(use_case.name)
    runs = sorted((item.name for item in storage.listed(root) if item.name.endswith(f"/{REPORT}")), reverse=True)
    found = [f"{root}/{name}" for name in runs[:most]]
    return [storage.parsed(uri, storage.get(uri), MonitoringReport) for uri in found]
