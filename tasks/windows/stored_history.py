"""Where the history of windows is stored, for rows that are scored."""

from config.errors import MissingInput
from config.use_case import UseCase
from tasks import run_records
from tasks.references import ValidatedDataset

STAGE = "validate"


def newest_rows(use_case: UseCase) -> str:
    """Return the address of the newest validated rows. Raises MissingInput when no run has validated rows."""
    try:
        return run_records.latest_of(use_case.name, STAGE, ValidatedDataset).uri
    except MissingInput as error:
        windows = ", ".join(use_case.requested_windows)
        raise MissingInput(
            f"{use_case.name}: windows ({windows}): expected validated rows to compute them from; found none. Run "
            f"vishwaops run validate --use-case {use_case.name}, or give rows that have these columns"
        ) from error
