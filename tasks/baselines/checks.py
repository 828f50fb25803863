"""Every check of the documents of Model Monitor and Clarify, mapped to the keys of a use case."""

from collections.abc import Iterator

from config.use_case import UseCase
from tasks.baselines.clarify import clarify_checks
from tasks.baselines.data_quality import data_quality_checks
from tasks.baselines.documents import Document, is_clarify, is_data_quality, is_model_quality, require_known
from tasks.baselines.mapped import Mapped
from tasks.baselines.model_quality import model_quality_checks


def checks(use_case: UseCase, location: str, document: Document) -> list[Mapped]:
    """Return the checks of constraints.json or analysis.json, in its order. Raises SourceError for another document."""
    require_known(location, document)
    return list(_checks(use_case, document))


def _checks(use_case: UseCase, document: Document) -> Iterator[Mapped]:
    if is_data_quality(document):
        yield from data_quality_checks(use_case, document)
    elif is_model_quality(document):
        yield from model_quality_checks(use_case, document)
    elif is_clarify(document):
        yield from clarify_checks(use_case, document)
