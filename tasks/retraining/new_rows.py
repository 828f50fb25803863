"""What a dataset version has that the champion was not trained on."""

from config.errors import MissingInput
from config.use_case import UseCase
from tasks.champion import find
from tasks.landing import reading, versions
from tasks.landing.comparison import count_added
from tasks.references import DatasetVersion


def why_nothing_new(use_case: UseCase, dataset: DatasetVersion) -> str | None:
    """Return why a version has no rows beyond those that the champion was trained on; None if it has new rows.

    Without a champion, or when the champion's version of the dataset has been deleted, all rows are new.
    """
    champion = find(use_case)
    if champion is None:
        return None
    digest, named = champion.split.dataset_digest, f"champion, version {champion.version},"
    if digest == dataset.digest:
        return f"the {named} was trained on the same rows: version {digest} of the dataset"
    try:
        before = versions.reference(use_case.name, versions.find(use_case.name, digest))
        with reading.downloaded(before) as old, reading.downloaded(dataset) as new:
            added = count_added(use_case, old, new)
    except MissingInput:
        return None
    if added:
        return None
    return f"version {dataset.digest} of the dataset has no row that version {digest} of the {named} does not have"
