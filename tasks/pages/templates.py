"""Fills the templates of this folder. A page's templates extend `base.html.j2`."""

import base64
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""The page's Content-Security-Policy: the browser runs no script and makes no request."""


def render(template: str, **values: Any) -> str:
    """Fill a template. Every value is escaped. A missing value raises jinja2.UndefinedError."""
    return _environment().get_template(template).render(**values, policy=POLICY)


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"count": "{:,}".format, "metric": "{:.4f}".format, "data_uri": data_uri}
    return environment


def data_uri(svg: str) -> str:
    """Return an SVG image as a data URI for an `img` element, where its scripts do not run."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
