"""The page of a lifecycle run: every stage with its figures, plots and addresses."""

from collections.abc import Mapping
from typing import Any

from config.profile import active_profile
from config.use_case import UseCase
from tasks import plots, storage
from tasks.pages.fairness import fairness_values
from tasks.pages.publishing import publish
from tasks.pages.shown import compared_metrics, predicts_sensitive_values, shown_plots
from tasks.pages.templates import render
from tasks.progress import log
from tasks.references import LifecycleRun
from tasks.steps import step


@step()
def write_page(use_case: UseCase, run: LifecycleRun) -> LifecycleRun:
    """Publish the run's page and return the run with the page's address and path."""
    report, evidence = storage.get_json(run.validated.report_uri), storage.get_json(run.evaluation.uri)
    html = lifecycle_page(use_case, run, report, plots.stored(run.evaluation), evidence)
    published = publish(use_case.name, run.run, html, offline=active_profile().offline)
    log.info("page      %s", published.path or published.uri)
    return run.model_copy(update={"page": published.path and str(published.path), "page_uri": published.uri})


def lifecycle_page(
    use_case: UseCase,
    run: LifecycleRun,
    report: Mapping[str, Any],
    drawn: Mapping[str, str],
    evidence: Mapping[str, Any] | None = None,
) -> str:
    """Return the HTML of a run.

    It shows its references, the report of `validate`, the plots as SVG by name, and of `evaluation.json` what is about
    groups of rows.
    """
    return render(
        "lifecycle.html.j2",
        use_case=use_case,
        run=run,
        left={type(record.reference).__name__: record.reference for record in run.records},
        report=report,
        offline=active_profile().offline,
        plots=shown_plots(use_case, drawn),
        compared=compared_metrics(use_case, run.evaluation.metrics),
        shows_answers=not predicts_sensitive_values(use_case),
        recommended=(evidence or {}).get("recommendation"),
        **fairness_values(use_case, evidence or {}),
    )
