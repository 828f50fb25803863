"""From the typed frame of a training job or an evaluation to typed Arrow columns."""

from collections.abc import Sequence

import pandas as pd
import pyarrow as pa

from tabular import pandas_in_arrow
from tabular.columns import Column

pandas_in_arrow.enable()
TYPES = {
    "integer": pa.int64(),
    "number": pa.float64(),
    "category": pa.dictionary(pa.int32(), pa.string()),
    "text": pa.large_string(),
    "date": pa.timestamp("us"),
    "datetime": pa.timestamp("us"),
}
"""The Arrow type of each type of column."""


def columns_of(frame: pd.DataFrame, columns: Sequence[Column]) -> dict[str, pa.Array]:
    """Return the (n,) typed columns of an (n, …) frame, with null for missing values."""
    return {column.name: _array(frame[column.name], column) for column in columns}


def _array(values: pd.Series, column: Column) -> pa.Array:
    found = pa.Array.from_pandas(values)
    found = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
    if column.type != "category":
        return found.cast(TYPES[column.type], safe=False)
    return found if pa.types.is_dictionary(found.type) else found.cast(pa.string()).dictionary_encode()
