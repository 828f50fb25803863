"""The sources that a use case's rows come from: a module for each `kind`, which has its name.

To add a kind, write its module here and the Pydantic class of its keys in config/sources.py. The module has a function
`open_source` of a configured source, the use case's name and the headers of its columns, which returns a `Source`.
What `--source` names is a delimited or a Parquet file, unless the module has an `open_address` of its own.
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
    """The configured source, or the file at `location` (path, `s3://` or `https://`), which replaces it.

    `headers` has the headers of the use case's columns, in order, for files without a header. Raises SourceError when
    neither says where the rows are, and ConfigError when an address needs an environment variable that is not set.
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
    """What a run of the use case reads; `source` is the run's own location. Raises what `open_source` does."""
    return open_source(use_case.source, source, use_case.name, list(use_case.headers.values()))


def describe(source: configured.Source, location: str | None) -> str:
    """Name what a run reads; an empty text where it can't be opened, for stages after `ingest` need no source."""
    try:
        return open_source(source, location, "").describe()
    except (ConfigError, SourceError):
        return ""


def fingerprint(use_case: UseCase, source: str | None = None) -> str | None:
    """The fingerprint of what a run of the use case reads; None means: read always."""
    return source_of(use_case, source).fingerprint()
