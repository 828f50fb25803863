"""The sources that a use case's rows come from: a module for each `kind`, which has its name.

To add a kind, write its module here and the Pydantic class of its keys in config/sources/. The module has a function
`open_source`, which takes a configured source, the use case's name and the headers of its columns, and returns a
`Source`. The location of `--source` is a delimited or a Parquet file, unless the module has its own `open_address`. A
kind that needs the types of the columns has a function `open_for`, which takes the use case.
"""

from collections.abc import Callable, Sequence
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from config import sources as configured
from config.errors import ConfigError, SourceError
from config.use_case import UseCase
from tabular.formats import Format

if TYPE_CHECKING:
    from tasks.sources.source import Source


def open_source(
    source: configured.Source, location: str | None, use_case: str, headers: Sequence[str] = ()
) -> "Source":
    """Open the configured source, or the file at `location` (path, `s3://` or `https://`) instead.

    `headers` has the headers of the use case's columns, in order, for files without a header. Raises SourceError when
    no location is given, and ConfigError when an address needs an environment variable that is not set.
    """
    kind = import_module(f"{__name__}.{source.kind}")
    if location:
        return _opener(kind)(location, source.format(headers), headers)
    return kind.open_source(source, use_case, headers)  # type: ignore[no-any-return]


def _opener(kind: ModuleType) -> "Callable[[str, Format, Sequence[str]], Source]":
    """What opens an address of this kind."""
    from tasks.sources.location import open_address

    return getattr(kind, "open_address", open_address)


def source_of(use_case: UseCase, source: str | None) -> "Source":
    """Return the source of a run. `source` is the run's own location. Raises the errors of `open_source`."""
    kind = import_module(f"{__name__}.{use_case.source.kind}")
    if not source and hasattr(kind, "open_for"):
        return kind.open_for(use_case)  # type: ignore[no-any-return]
    return open_source(use_case.source, source, use_case.name, list(use_case.headers.values()))


def describe(source: configured.Source, location: str | None) -> str:
    """Describe the source of a run. Returns an empty text if it can't be opened: later stages need no source."""
    try:
        return open_source(source, location, "").describe()
    except (ConfigError, SourceError):
        return ""


def fingerprint(use_case: UseCase, source: str | None = None) -> str | None:
    """Return the fingerprint of a run's source. None means that the source must always be read."""
    return source_of(use_case, source).fingerprint()
