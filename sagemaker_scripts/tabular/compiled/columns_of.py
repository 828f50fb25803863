"""From the typed frame of a training job or an evaluation to typed Arrow columns."""

from collections.abc import Sequence

import pandas as pd
import pyarrow as pa

from tabular.columns import Column
from tabular.series import cells_in
from tabular.typed_cells import TYPES


def columns_of(frame: pd.DataFrame, columns: Sequence[Column]) -> dict[str, pa.Array]:
    """Return the (n,) typed columns of an (n, …) frame, with null for missing values."""
    return {column.name: _array(frame[column.name], column) for column in columns}


def _array(values: pd.Series, column: Column) -> pa.Array:
    cells = cells_in(values)
    found = cells if isinstance(cells, pa.Array) else pa.array(cells, from_pandas=True)
    if column.type != "category":
        return found.cast(TYPES[column.type], safe=False)
    return found if pa.types.is_dictionary(found.type) else found.cast(pa.string()).dictionary_encode()
