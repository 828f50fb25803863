"""The values that the references of `quality` point to: those of another use case's latest version, or of a file."""

from collections.abc import Sequence

import pandas as pd
import pyarrow as pa

from config.errors import ConfigError, SourceError
from config.thresholds import Reference
from config.use_case import UseCase
from tabular.columns import Column
from tabular.series import typed_array
from tabular.source_cells import cells
from tasks import digests, run_records
from tasks.landing import reading
from tasks.model_contract import columns
from tasks.references import DatasetVersion
from tasks.sources.location import open_address
from tasks.sources.source import headers_of

INGEST = "ingest"


def reference_values(use_case: UseCase) -> dict[int, pa.Table]:
    """Return the distinct values of each reference, by its place in `quality.references`, in columns 0, 1, ...

    Raises ConfigError when the other table lacks a column, and MissingInput when the other use case has no version.
    """
    return {place: _values(use_case, each) for place, each in enumerate(use_case.quality.references)}


def reference_digests(use_case: UseCase) -> list[str]:
    """Return what identifies the values of each reference: the digest of the version, or of the values in the file."""
    return [_digest(use_case, each) for each in use_case.quality.references]


def _digest(use_case: UseCase, reference: Reference) -> str:
    if reference.use_case is not None:
        return _latest(reference.use_case).digest
    return digests.of_json(_values(use_case, reference).to_pydict())


def _values(use_case: UseCase, reference: Reference) -> pa.Table:
    names = list(reference.other_columns or reference.columns)
    known = [columns(use_case)[name] for name in reference.columns]
    found = _of_version(reference.use_case, names) if reference.use_case else _of_file(reference, names, known)
    return found.rename_columns([str(place) for place in range(len(names))])


def _latest(use_case: str) -> DatasetVersion:
    return run_records.latest_of(use_case, INGEST, DatasetVersion)


def _of_version(use_case: str, names: Sequence[str]) -> pa.Table:
    with reading.opened(_latest(use_case)) as rows:
        if missing := [name for name in names if name not in rows.schema.names]:
            raise ConfigError(
                f"quality.references: expected columns of the use case {use_case}, found {', '.join(missing)}"
            )
        table = rows.read(names)
    return pa.Table.from_batches(table.to_batches(), table.schema.remove_metadata())


def _of_file(reference: Reference, names: Sequence[str], known: Sequence[Column]) -> pa.Table:
    source = open_address(str(reference.file), headers=names)
    batches = list(source.batches())
    found = headers_of(batches[0].schema) if batches else []
    if missing := [name for name in names if name not in found]:
        raise SourceError(
            f"{source.describe()}: expected the columns {', '.join(names)} of quality.references; "
            f"found no {', '.join(missing)}"
        )
    return pa.table(
        {
            name: _typed([cells(batch.column(name)) for batch in batches], column)
            for name, column in zip(names, known, strict=True)
        }
    )


def _typed(found: Sequence[pd.Series], column: Column) -> pa.Array:
    values, _ = typed_array(pd.concat(found, ignore_index=True), column)
    return values.dictionary_decode() if pa.types.is_dictionary(values.type) else values
