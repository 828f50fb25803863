"""Encoding with a selection or with principal components: columns, plain rows, and where inputs come from."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tabular.columns import Column
from tabular.compiled.engineered_steps import Crossed
from tabular.compiled.reduced import Reduced
from tabular.compiled.reduced_encoder import ReducedEncoder
from tabular.compiled.steps import Number, OneHot, Scale
from tabular.contract import Contract
from tabular.engineered.keys import key_of

COLUMNS = ["age", "colour", "town"]
STEPS = (
    Number("age", 0, 20.0, Scale(10.0, 2.0)),
    OneHot("colour", 1, 2, {"blue": 0, "red": 1}, other=None, missing=None),
    Crossed(("colour", "town"), 3, 1, {key_of(["red", "Ulm"]): 0}, other=None),
)
CONTRACT = Contract(
    "small", "regression", "score", (), "r2",
    (Column("age", "number"), Column("colour", "category"), Column("town", "category")), 1,
)  # fmt: skip
ROWS = [{"age": 12.0, "colour": "red", "town": "Ulm"}, {"age": 7, "colour": "blue", "town": "Ulm"}]
VALUES = {name: pa.array([row[name] for row in ROWS]) for name in COLUMNS}
ENCODED = np.array([[1.0, 0, 1, 1], [-1.5, 1, 0, 0]])
SELECTED = Reduced(np.array([0, 2, 3]))
COMPONENTS = Reduced(np.array([0, 2]), np.array([1.0, 0.5]), np.array([[1.0, 2.0]]))


def encoder(reduced: Reduced) -> ReducedEncoder:
    return ReducedEncoder(STEPS, reduced, "float64", Path())


@pytest.mark.parametrize(
    ("reduced", "expected"),
    [
        (Reduced(), ENCODED),
        (SELECTED, ENCODED[:, [0, 2, 3]]),
        (COMPONENTS, [[1.0], [-3.5]]),
    ],
    ids=["all", "selected", "components"],
)
def test_columns_and_plain_rows_are_selected_and_reduced(reduced: Reduced, expected: np.ndarray) -> None:
    assert np.array_equal(encoder(reduced).encode(VALUES, 2), expected)
    encode_rows = encoder(reduced).row_encoder(CONTRACT)
    assert encode_rows is not None
    found = encode_rows(ROWS)
    assert found is not None
    assert np.array_equal(found, expected)
    assert encode_rows([{**ROWS[0], "age": "12"}]) is None


def test_a_component_beyond_32_bits_takes_the_general_path() -> None:
    encode_rows = encoder(Reduced(None, np.zeros(4), np.full((1, 4), 1e5))).row_encoder(CONTRACT)
    assert encode_rows is not None
    assert encode_rows([{**ROWS[0], "age": 1e30}]) is not None
    assert encode_rows([{**ROWS[0], "age": 1e37}]) is None


def test_an_input_comes_in_equal_shares_from_the_columns_of_its_feature() -> None:
    assert encoder(SELECTED).shares(COLUMNS).tolist() == [[1, 0, 0], [0, 1, 0], [0, 0.5, 0.5]]
    assert encoder(SELECTED).places(COLUMNS) == {"age": [0], "colour": [1, 2], "town": [2]}
    assert encoder(Reduced()).places(COLUMNS) == {"age": [0], "colour": [1, 2, 3], "town": [3]}


def test_components_come_from_no_column() -> None:
    assert encoder(COMPONENTS).places(COLUMNS) == {}
    with pytest.raises(ValueError, match="expected a model of encoded features; found one of principal components"):
        encoder(COMPONENTS).shares(COLUMNS)
