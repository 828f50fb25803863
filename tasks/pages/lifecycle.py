"""Writes the page of a lifecycle run: one HTML file that opens anywhere, with nothing to fetch."""

import base64
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from config import settings
from config.use_case import UseCase
from tasks import plots, storage
from tasks.progress import log
from tasks.references import LifecycleRun
from tasks.steps import step

TEMPLATE = "lifecycle.html.j2"


@step()
def write_page(use_case: UseCase, run: LifecycleRun) -> LifecycleRun:
    """Write the run's page under the state folder and return the run with the page's path."""
    drawn = plots.draw(storage.get_json(run.evaluation.uri)["points"])
    html = render(
        use_case=use_case,
        run=run,
        report=storage.get_json(run.validated.report_uri),
        plots={name: _data_uri(svg) for name, svg in drawn.items()},
    )
    path = settings.STATE / "reports" / use_case.name / f"{run.run}.html"
    publish(path, html)
    log.info("page      %s", path)
    return run.model_copy(update={"page": str(path)})


def render(**values: Any) -> str:
    """Fill the template; a value that is missing is an error, not a blank."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template(TEMPLATE).render(**values)


def publish(path: Path, text: str) -> None:
    """Write a file aside, then put it in its place in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".part")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)


def _data_uri(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
