"""ingest: land a source's rows as a dataset version."""

from config.use_case import UseCase
from tasks.corrections import release_of
from tasks.landing.commit import land
from tasks.landing.table import find_table
from tasks.references import DatasetVersion
from tasks.sources import fingerprint, source_of
from tasks.sources.source import Incremental
from tasks.steps import step


def unchanged(use_case: UseCase, source: str | None = None) -> str | None:
    """Return what a run's rows depend on: its source's fingerprint, and the corrections in effect.

    None means that the source must be read: what is new in it is not known.
    """
    found = None if isinstance(source_of(use_case, source), Incremental) else fingerprint(use_case, source)
    release = release_of(find_table(use_case.name)) if found else None
    return f"{found} {release}" if release else found


@step(cached=True, varies_with=unchanged)
def ingest(use_case: UseCase, source: str | None = None) -> DatasetVersion:
    """Read the configured source, or the location `source`, and land its rows as a dataset version.

    Equal rows are the same version. Rows that people have corrected are corrected again. Malformed rows, and cells that
    do not fit their column's type, are kept as text: `validate` quarantines them. Raises the errors of `land`.
    """
    return land(use_case, source_of(use_case, source))
