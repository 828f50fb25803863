"""The Prefect artifacts of a run: a table of each stage's figures, and a link to the page."""

from pathlib import Path

from prefect.artifacts import create_link_artifact, create_table_artifact

from tasks.references import LifecycleRun, MonitoringReport, StageRecord


def show_stage(record: StageRecord) -> None:
    """Create a table artifact of a stage's figures, `<use case>-<stage>`, with a version for each run."""
    values = record.reference.model_dump(mode="json", exclude={"use_case"})
    figures = {name: value for name, value in values.items() if isinstance(value, str | int | float)}
    create_table_artifact(
        key=_key(record.use_case, record.stage),
        table=[
            {"figure": name, "value": each} for name, each in figures.items() if isinstance(each, str | int | float)
        ],
        description=record.reference.headline + (" (reused)" if record.reused else ""),
    )


def show_page(run: LifecycleRun) -> None:
    """Create a link artifact of the run's page, `<use case>-page`."""
    address = Path(run.page).as_uri() if run.page else str(run.page_uri)
    create_link_artifact(
        key=_key(run.use_case, "page"), link=address, description=f"The page of run {run.run}: {run.page_uri}"
    )


def show_monitoring(report: MonitoringReport) -> None:
    """Create the artifacts of a report on live traffic: a table of the features, `<use case>-drift`, and a link to the
    page, `<use case>-monitoring`.
    """
    create_table_artifact(
        key=_key(report.use_case, "drift"),
        table=[
            {"feature": each.feature, "verdict": each.verdict, "PSI": each.psi, "what moved": "; ".join(each.moved)}
            for each in report.features
        ],
        description=report.headline,
    )
    create_link_artifact(
        key=_key(report.use_case, "monitoring"),
        link=Path(report.page).as_uri() if report.page else str(report.page_uri),
        description=f"The live traffic until {report.span.until:%Y-%m-%d %H:%M} UTC: {report.headline}",
    )


def _key(use_case: str, name: str) -> str:
    return f"{use_case}-{name}".replace("_", "-")
