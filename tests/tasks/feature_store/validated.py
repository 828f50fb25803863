"""Validated rows for tests of the Feature Store."""

import pandas as pd

from config.use_case import UseCase
from tasks import locations, names, storage
from tasks.references import ValidatedDataset
from tests.references import a_dataset


def validated_rows(case: UseCase, frame: pd.DataFrame) -> ValidatedDataset:
    """A validated dataset as far as the Feature Store reads it: the rows, and an object that landed now."""
    folder = f"{locations.root(case.name)}/validated/{names.stamp()}"
    storage.put(f"{folder}/rows.parquet", storage.parquet(frame))
    storage.put(f"{folder}/snapshot", b"landed")
    return ValidatedDataset(
        use_case=case.name,
        dataset=a_dataset(use_case=case.name, uri=f"{folder}/snapshot", rows=len(frame)),
        uri=f"{folder}/rows.parquet",
        quarantine_uri="",
        report_uri="",
        rows=len(frame),
        quarantined=0,
    )
