import pandas as pd
import pyarrow as pa
import pytest

from tabular.columns import Column
from tabular.series import cells_in, typed, typed_array


def test_typed_values_keep_the_labels_of_their_series() -> None:
    values, bad = typed(pd.Series(["1", "x"], index=[7, 3]), Column("x", "integer"))
    assert values.index.tolist() == bad.index.tolist() == [7, 3]
    assert (values[7], bad[3], values.dtype) == (1, True, "Int64")


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (pd.Series([1.5, None]), pa.float64()),
        (pd.Series(["a", None], dtype="category"), pa.dictionary(pa.int8(), pa.string())),
        (pd.Series(pd.to_datetime(["2018-01-30"])), pa.timestamp("ns")),
        (pd.Series(pd.arrays.ArrowExtensionArray(pa.chunked_array([["a"], ["b"]]))), pa.string()),
    ],
)
def test_cells_of_one_type_are_an_arrow_array(values: pd.Series, kind: pa.DataType) -> None:
    cells = cells_in(values)
    assert isinstance(cells, pa.Array)
    assert cells.type == kind
    assert cells.null_count == values.isna().sum()


def test_a_type_that_arrow_lacks_is_read_value_by_value() -> None:
    assert typed_array(pd.Series([1j, 2j]), Column("x", "number"))[1].tolist() == [True, True]
