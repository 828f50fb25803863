"""The inputs and outputs of a model's contract in pandas' frames."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from tabular.columns import Column
from tabular.contract import Contract
from tabular.derived import series_of


def values(contract: Contract, frame: pd.DataFrame) -> Mapping[str, pd.Series]:
    """Return the (n,) typed values of each input column, by name. `frame` has the features. Computes the others."""
    names, derived = [column.name for column in contract.input_columns], contract.expressions
    return {name: series_of(derived[name], frame) if name in derived else frame[name] for name in names}


def inputs(contract: Contract, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the (n, input columns) input of the model.

    Numbers are float64. Categories are objects, or a pandas Categorical, with NaN for missing ones. Texts are
    objects, empty for missing ones.
    """
    found = values(contract, frame)
    columns = {column.name: _input(found[column.name], column) for column in contract.input_columns}
    return pd.DataFrame(columns, index=frame.index)


def outputs(contract: Contract, frame: pd.DataFrame) -> np.ndarray:
    """Return the (n,) target: class numbers, or floats for a regression."""
    if contract.task == "regression":
        return np.asarray(frame[contract.target], dtype="float64")
    numbers = {name: number for number, name in enumerate(contract.classes)}
    return np.asarray(frame[contract.target].map(numbers), dtype="int64")


def _input(values: pd.Series, column: Column) -> pd.Series:
    if column.type == "text":
        return values.astype(object).where(values.notna(), "")
    if column.type == "category":
        return values if isinstance(values.dtype, pd.CategoricalDtype) else _objects(values)
    return pd.Series(values.to_numpy("float64", na_value=np.nan), index=values.index)


def _objects(values: pd.Series) -> pd.Series:
    return values.astype(object).where(values.notna(), np.nan)
