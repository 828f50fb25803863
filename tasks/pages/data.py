"""The page of a dataset version: its columns with nulls, ranges and histograms."""

from collections.abc import Sequence

from config.use_case import UseCase
from tasks import locations
from tasks.landing.statistics import ColumnStatistics
from tasks.landing.versions import Version
from tasks.pages.publishing import PublishedPage, publish_at, report_path
from tasks.pages.templates import render


def write_data_page(
    use_case: UseCase, version: Version, size: int, columns: Sequence[ColumnStatistics], *, offline: bool
) -> PublishedPage:
    """Publish the page of a version, whose files have `size` bytes, and return its address and path."""
    path = report_path(use_case.name, f"data-{version.digest}")
    html = data_page(use_case, version, size, columns)
    return publish_at(locations.data_page(use_case.name, version.digest), path if offline else None, html)


def data_page(use_case: UseCase, version: Version, size: int, columns: Sequence[ColumnStatistics]) -> str:
    """Return the HTML. Sensitive columns show no values."""
    return render("data.html.j2", use_case=use_case, version=version, size=size, columns=columns)
