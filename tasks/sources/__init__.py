"""The sources that a use case's rows come from: a module for each kind, chosen by the source's `kind`.

Another kind is one module here, with a function of the same three arguments that returns a `Source`; its row in KINDS;
and the Pydantic class of its keys in config/sources.py.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from config import sources as configured
from config.use_case import UseCase
from tasks.sources.location import open_address, open_location
from tasks.sources.package import open_package
from tasks.sources.source import Source
from tasks.sources.synthetic_survey import open_survey

KINDS: Mapping[str, Callable[[Any, str, Sequence[str]], Source]] = {
    "package": open_package,
    "location": open_location,
    "survey": open_survey,
}
"""By `kind`, what opens a configured source of a use case, given the headers of the use case's columns, in order."""


def open_source(source: configured.Source, location: str | None, use_case: str, headers: Sequence[str] = ()) -> Source:
    """The configured source, or the file at `location` (path, `s3://` or `https://`), which replaces it.

    `headers` has the headers of the use case's columns, in order, for files without a header. Raises SourceError when
    neither says where the rows are, and ConfigError when an address needs an environment variable that is not set.
    """
    if location:
        return open_address(location, source.format(headers), headers)
    return KINDS[source.kind](source, use_case, headers)


def source_of(use_case: UseCase, source: str | None) -> Source:
    """What a run of the use case reads; `source` is the run's own location. Raises what `open_source` does."""
    return open_source(use_case.source, source, use_case.name, list(use_case.headers.values()))


def fingerprint(use_case: UseCase, source: str | None = None) -> str | None:
    """The fingerprint of what a run of the use case reads; None means: read always."""
    return source_of(use_case, source).fingerprint()
